import errno
import socket
import ssl
from http.client import BadStatusLine, HTTPException, IncompleteRead, RemoteDisconnected
from pathlib import Path

import pytest

from correlation.connecting import reason_of, trusting


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


def test_names_are_checked_and_old_versions_refused(authority: Path) -> None:
    for ca in (None, authority / "ca.pem"):
        context = trusting(ca)
        assert (context.check_hostname, context.verify_mode) == (True, ssl.CERT_REQUIRED)
        assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_a_file_of_authorities_that_cannot_be_used_has_a_word(tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("no certificate")
    for name, words in (("none.pem", "No such file"), ("no.pem", "TLS: NO_CERTIFICATE")):
        with pytest.raises(OSError) as failed:  # noqa: PT011 - whichever it is, the word counts
            trusting(tmp_path / name)
        assert reason_of(failed.value).startswith(words)
