"""What went wrong on a connection, in a word that tells no secret: of messages that are sent, feeds that are read."""

import socket
import ssl
from http.client import HTTPException
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
