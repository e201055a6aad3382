"""Alerts, a clock that a test moves, and real servers to deliver to."""

import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Engine

from correlation.alerts.book import AlertBook
from correlation.alerts.database import open_database
from correlation.alerts.model import Alert, Evidence, Level, alert_id
from correlation.notifying.channels.registry import Surroundings
from correlation.notifying.service import Notifier
from correlation.notifying.settings import NotifySettings
from sensors.event.times import SECOND, from_iso
from tests.correlation.notifying.httpd import Httpd, Reply
from tests.correlation.notifying.smtpd import Smtpd

NOON = from_iso("2026-11-22T04:00:00Z")
"""In China it is noon."""


def an_alert(
    number: int = 1,
    *,
    level: Level = "high",
    rule: str = "7f0a51f2-0d58-4a4e-9a53-0b8f8f4d1c11",
    dataset: str = "web.access",
    created: int = NOON,
    **summary: Any,
) -> Alert:
    """An alert on one event; `source__ip` stands for `source.ip`."""
    event = f"{number:032x}"
    fields = {"source.ip": "203.0.113.9", "host.name": "portal-1", "url.original": "/index.php?s=/登录"}
    fields |= {name.replace("__", "."): value for name, value in summary.items()}
    proof = Evidence(event, dataset, created, "00" * 16, "/logs/access.log", "line", number, fields)
    ids = alert_id(rule, (event,))
    attack = ("initial-access", "T1190")
    return Alert(ids, rule, "ThinkPHP code execution", level, attack, created, created, (proof,), "ThinkPHP 代码执行")


class Clock:
    """Now, as a test says."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> int:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += round(seconds * SECOND)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def around(clock: Clock) -> Surroundings:
    return Surroundings(clock, "zh", "0.1.0", "sensor-1")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(f"sqlite:///{tmp_path / 'hanwatch.db'}")
    yield opened
    opened.dispose()


@pytest.fixture
def book(engine: Engine) -> AlertBook:
    return AlertBook(engine)


@pytest.fixture
def notifier(engine: Engine, around: Surroundings, clock: Clock) -> Callable[..., Notifier]:
    """A notifier over the database, as after a start."""

    def make(settings: NotifySettings, **more: Any) -> Notifier:
        return Notifier(engine, settings, around, Random(7), wait=clock.wait, **more)

    return make


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `ca.pem` and, signed by it, `server.pem` for 127.0.0.1 and `other.pem` for another name."""
    folder = tmp_path_factory.mktemp("authority")
    now = datetime.now(UTC)
    root_key = ec.generate_private_key(ec.SECP256R1())
    root_name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "authority of the tests")])

    def issue(name: x509.Name, key: Any, alternative: x509.GeneralName | None) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(root_name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=alternative is None, path_length=None), critical=True)
        )
        if alternative is not None:
            builder = builder.add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        return builder.sign(root_key, hashes.SHA256())

    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(issue(root_name, root_key, None).public_bytes(pem))
    names: dict[str, x509.GeneralName] = {
        "server": x509.IPAddress(ip_address("127.0.0.1")), "other": x509.DNSName("other.example"),
    }  # fmt: skip
    for file, alternative in names.items():
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, file)])
        private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        (folder / f"{file}.pem").write_bytes(issue(name, key, alternative).public_bytes(pem) + private)
    return folder


def server_side(authority: Path, name: str = "server") -> ssl.SSLContext:
    """What a server of this certificate needs."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / f"{name}.pem")
    return context


@pytest.fixture
def httpd() -> Iterator[Callable[..., Httpd]]:
    """Start an HTTP server: `httpd(context=…, usual=…)`."""
    started: list[Httpd] = []

    def start(context: ssl.SSLContext | None = None, usual: Reply | None = None) -> Httpd:
        started.append(Httpd(context, usual))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def smtpd() -> Iterator[Callable[..., Smtpd]]:
    """Start an SMTP server: `smtpd(context=…, users=…)`."""
    started: list[Smtpd] = []

    def start(**settings: Any) -> Smtpd:
        started.append(Smtpd(**settings))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
