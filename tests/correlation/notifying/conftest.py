"""Alerts, a clock that a test moves, and real servers to deliver to."""

import socket
import ssl
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine

from correlation.alerts.book import AlertBook
from correlation.alerts.model import Alert, Evidence, Level, alert_id
from correlation.notifying.channels.registry import Surroundings
from correlation.notifying.service import Notifier
from correlation.notifying.settings import NotifySettings
from sensors.event.times import from_iso
from tests.correlation.clocks import Clock
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


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def around(clock: Clock) -> Surroundings:
    return Surroundings(clock, "zh", "0.1.0", "sensor-1")


@pytest.fixture
def book(engine: Engine) -> AlertBook:
    return AlertBook(engine)


@pytest.fixture
def notifier(engine: Engine, around: Surroundings, clock: Clock) -> Callable[..., Notifier]:
    """A notifier over the database, as after a start."""

    def make(settings: NotifySettings, **more: Any) -> Notifier:
        return Notifier(engine, settings, around, Random(7), wait=clock.wait, **more)

    return make


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
