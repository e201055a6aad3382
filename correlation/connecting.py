"""Connections of messages that are sent, feeds that are read: whom they trust, and what went wrong, without secrets."""

import socket
import ssl
from http.client import HTTPException
from pathlib import Path
from typing import Final

MOST_WORDS: Final = 200
_CODES: Final[tuple[tuple[type[Exception], str], ...]] = (
    # Kinds before the kinds that they are of; a reset is also what the HTTP library says of an answer that never began.
    (TimeoutError, "net-timeout"),
    (socket.gaierror, "net-no-name"),
    (ConnectionRefusedError, "net-refused"),
    (ConnectionError, "net-reset"),
    (HTTPException, "net-no-http"),
)


def trusting(ca: Path | None) -> ssl.SSLContext:
    """TLS 1.2 or later (RFC 9662), the server's name checked, trusting the system's authorities or those of a file.

    Raises:
        OSError: the file cannot be read, or is no PEM (ssl.SSLError); `reason_of` has the word for it.
    """
    context = ssl.create_default_context(cafile=None if ca is None else str(ca.expanduser()))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def reason_of(error: OSError | HTTPException) -> str:
    """What went wrong: a code of the catalogues for what is common, else the system's own words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"TLS: {error.verify_message}"[:MOST_WORDS]
    if isinstance(error, ssl.SSLError):
        return f"TLS: {getattr(error, 'reason', None) or 'failed'}"
    for kind, code in _CODES:
        if isinstance(error, kind):
            return code
    return (getattr(error, "strerror", None) or type(error).__name__)[:MOST_WORDS]
