import errno
import socket
import ssl
from http.client import BadStatusLine, HTTPException, IncompleteRead, RemoteDisconnected

import pytest

from correlation.connecting import reason_of


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TimeoutError("timed out"), "net-timeout"),
        (socket.gaierror(-2, "Name or service not known"), "net-no-name"),
        (ConnectionRefusedError(), "net-refused"),
        (RemoteDisconnected("closed"), "net-reset"),
        (BadStatusLine("SSH-2.0 secret"), "net-no-http"),
        (IncompleteRead(b"secret"), "net-no-http"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "Network is unreachable"),
        (OSError("secret"), "OSError"),
        (ssl.SSLError(1, "secret"), "TLS: failed"),
    ],
)
def test_what_is_common_has_a_code_and_nothing_tells_what_was_sent(
    error: OSError | HTTPException, reason: str
) -> None:
    assert reason_of(error) == reason


def test_a_certificate_that_is_not_trusted_says_why() -> None:
    error = ssl.SSLCertVerificationError(1, "failed")
    error.verify_message = "self-signed certificate"
    assert reason_of(error) == "TLS: self-signed certificate"
