import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx2 as httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sensors.delivery.spool import EmbeddedSpool
from sensors.listening.errors import CertificateUnusable
from sensors.settings import ListenerSettings, SpoolSettings
from tests.sensors.listening.conftest import Heard, Listen

LINE = "<34>Oct 11 22:14:15 mymachine su[7]: message {}"


class Authority:
    """An authority and what it has signed, as PEM files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "drill authority")])
        self.file = self._write("ca", self._certificate("drill authority", self.key, authority=True), None)

    def sign(self, name: str) -> Path:
        """A file with a certificate and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        return self._write(name, self._certificate(name, key, authority=False), key)

    def _certificate(self, name: str, key: ec.EllipticCurvePrivateKey, *, authority: bool) -> x509.Certificate:
        today = datetime.now(UTC)
        addresses = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(today - timedelta(days=1))
            .not_valid_after(today + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(addresses, critical=False)
            .sign(self.key, hashes.SHA256())
        )

    def _write(self, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey | None) -> Path:
        data = certificate.public_bytes(serialization.Encoding.PEM)
        if key is not None:
            data += key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        file = self.folder / f"{name}.pem"
        file.write_bytes(data)
        return file


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def _connect(heard: Heard, authority: Authority, own: Path | None = None) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=str(authority.file))
    if own is not None:
        context.load_cert_chain(own)
    return context.wrap_socket(socket.create_connection(("127.0.0.1", heard.port())), server_hostname="127.0.0.1")


def test_syslog_comes_over_tls(listen: Listen, authority: Authority) -> None:
    heard = listen(ListenerSettings("syslog.tls", 0, certificate=authority.sign("server")))
    with _connect(heard, authority) as sender:
        for number in range(100):
            message = LINE.format(number).encode()
            sender.sendall(b"%d %s" % (len(message), message))
    heard.wait(lambda: heard.count("events", "spooled") == 100)
    assert heard.reasons() == {}


def test_only_clients_with_a_certificate_are_heard_where_that_is_asked(listen: Listen, authority: Authority) -> None:
    settings = ListenerSettings("syslog.tls", 0, certificate=authority.sign("server"), client_ca=authority.file)
    heard = listen(settings)
    with _connect(heard, authority, authority.sign("client")) as sender:
        sender.sendall(LINE.format(1).encode() + b"\n")
    heard.wait(lambda: heard.count("events", "spooled") == 1)
    # In TLS 1.3 the client learns that it was refused only when it reads.
    with suppress(ssl.SSLError, ConnectionError), _connect(heard, authority) as stranger:
        stranger.sendall(LINE.format(2).encode() + b"\n")
        stranger.settimeout(5)
        assert stranger.recv(1) == b""
    assert len(heard.rows()) == 1


OPENSSL = shutil.which("openssl")


@pytest.mark.skipif(OPENSSL is None, reason="needs openssl")
def test_openssl_can_send(listen: Listen, authority: Authority) -> None:
    assert OPENSSL is not None
    heard = listen(ListenerSettings("syslog.tls", 0, certificate=authority.sign("server")))
    subprocess.run(
        [OPENSSL, "s_client", "-connect", f"127.0.0.1:{heard.port()}", "-CAfile", str(authority.file), "-quiet",
         "-verify_return_error", "-no_ign_eof"],
        input=LINE.format(1).encode() + b"\n", check=True, capture_output=True, timeout=20,
    )
    heard.wait(lambda: heard.count("events", "spooled") == 1)


def test_certificates_that_cannot_be_used_are_told_before_anything_is_heard(
    listen: Listen, authority: Authority, tmp_path: Path
) -> None:
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("nonsense")
    server = authority.sign("server")
    for broken in (
        ListenerSettings("syslog.tls", 0, certificate=tmp_path / "none.pem"),
        ListenerSettings("syslog.tls", 0, certificate=nonsense),
        ListenerSettings("syslog.tls", 0, certificate=server, key=authority.sign("other")),
        ListenerSettings("syslog.tls", 0, certificate=server, client_ca=nonsense),
    ):
        with pytest.raises(CertificateUnusable):
            listen(broken)


RSYSLOG = shutil.which("rsyslogd")


@pytest.mark.skipif(RSYSLOG is None, reason="needs rsyslogd: make engines")
@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("syslog.udp", 'protocol="udp"'),
        ("syslog.tcp", 'protocol="tcp"'),
        ("syslog.tcp", 'protocol="tcp" tcp_framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"'),
    ],
)
def test_rsyslog_forwards_what_it_reads(listen: Listen, tmp_path: Path, kind: str, target: str) -> None:
    assert RSYSLOG is not None
    heard = listen(ListenerSettings("syslog.udp" if kind == "syslog.udp" else "syslog.tcp", 0))
    inbox = tmp_path / "log.sock"
    config = tmp_path / "rsyslog.conf"
    config.write_text(
        f'global(workDirectory="{tmp_path}")\nmodule(load="imuxsock" SysSock.Use="off")\n'
        f'input(type="imuxsock" Socket="{inbox}")\n'
        f'action(type="omfwd" target="127.0.0.1" port="{heard.port()}" {target})\n'
    )
    command = [RSYSLOG, "-n", "-f", str(config), "-i", str(tmp_path / "pid")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            heard.wait(inbox.exists)
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as program:
                for number in range(200):
                    program.sendto(f"<13>drill[{number}]: forwarded {number}".encode(), str(inbox))
            heard.wait(lambda: len([row for row in heard.rows() if row["process.name"] == "drill"]) == 200)
        finally:
            process.terminate()
    assert {row["process.pid"] for row in heard.rows() if row["process.name"] == "drill"} == set(range(200))
    assert heard.reasons() == {}


def test_thousands_of_connections_are_held_at_once(listen: Listen) -> None:
    from sensors.listening.binding import allow_files  # noqa: PLC0415 - before the sockets of the test

    count = min(2_000, (allow_files(5_000) - 500) // 2)
    heard = listen(ListenerSettings("syslog.tcp", 0))
    with ExitStack() as held:
        senders = [
            held.enter_context(socket.create_connection(("127.0.0.1", heard.port()), timeout=20)) for _ in range(count)
        ]
        for number, sender in enumerate(senders):
            sender.sendall(LINE.format(number).encode()[:20])
        for number, sender in enumerate(senders):
            sender.sendall(LINE.format(number).encode()[20:] + b"\n")
        heard.wait(lambda: heard.count("events", "spooled") == count)
    assert heard.reasons() == {}
    assert heard.balanced()


LISTENER = """
import sys, time
from pathlib import Path
from sensors.delivery.spool import EmbeddedSpool
from sensors.listening.service import Listening
from sensors.settings import ListenerSettings, SpoolSettings
settings = [ListenerSettings("http", 0, name="http", tokens=("a-token-of-the-test",)),
            ListenerSettings("syslog.tcp", 0, name="tcp")]
with EmbeddedSpool(Path(sys.argv[1]), SpoolSettings(min_free_bytes=0), time.time_ns) as spool:
    with Listening(settings, spool, time.time_ns) as listening:
        print("ports", *(each.bound.socket.getsockname()[1] for each in listening.listeners), flush=True)
        time.sleep(60)
"""


def test_a_kill_under_load_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    answered: list[str] = []
    for turn in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", LISTENER, str(tmp_path / "spool")], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            ports = _ports(next(line for line in process.stdout if line.startswith("ports")))
            with httpx.Client(headers={"Authorization": "Bearer a-token-of-the-test"}) as client:
                until = time.monotonic() + 0.7
                number = 0
                try:
                    while True:
                        keys = [f"{turn}-{number}-{row}" for row in range(50)]
                        number += 1
                        body = "".join(
                            f'{{"create":{{"_index":"a","_id":"{key}"}}}}\n{{"message":"{key}"}}\n' for key in keys
                        )
                        if number > 3 and time.monotonic() > until:
                            os.kill(process.pid, signal.SIGKILL)
                        answer = client.post(f"http://127.0.0.1:{ports[0]}/_bulk", content=body)
                        if answer.status_code == 200 and not answer.json()["errors"]:
                            answered += keys
                except httpx.TransportError:
                    pass
    with EmbeddedSpool(tmp_path / "spool", SpoolSettings(min_free_bytes=0), time.time_ns) as spool:
        rows = [row for record in spool.read("test", 1 << 40) for batch in record.batches for row in batch.rows()]
        assert all(report.complete for report in spool.report())
    assert set(answered) <= {row["message"] for row in rows}
    assert len({row["event.id"] for row in rows}) == len(rows)
    assert len(answered) > 300


def _ports(line: str) -> list[int]:
    return [int(word) for word in line.split() if word.isdigit()]
