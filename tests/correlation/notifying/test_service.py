"""From a recorded alert to what a real server received."""

import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from threading import Event, Thread

import pytest
from sqlalchemy import Engine, select

from correlation.alerts.book import AlertBook
from correlation.alerts.tables import notify_topic
from correlation.notifying.channels.registry import Surroundings
from correlation.notifying.outbox import Outbox
from correlation.notifying.service import Notifier
from correlation.notifying.settings import ChannelSettings, NotifySettings, RouteSettings
from tests.correlation.conftest import server_side
from tests.correlation.notifying.conftest import an_alert
from tests.correlation.notifying.httpd import Httpd, Reply
from tests.correlation.notifying.smtpd import Smtpd

Start = Callable[..., Notifier]


def test_a_recorded_alert_reaches_a_webhook_and_a_mailbox(  # noqa: PLR0917 - what it stands between
    book: AlertBook, notifier: Start, httpd: Callable[..., Httpd], smtpd: Callable[..., Smtpd], authority: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("MAIL_PASSWORD", "correct horse")
    hook = httpd()
    mail = smtpd(context=server_side(authority), users={"hanwatch": "correct horse"})
    settings = NotifySettings(
        channels=(
            ChannelSettings("soc", "webhook", url=hook.url),
            ChannelSettings(
                "duty", "mail", host="127.0.0.1", port=mail.port, user="hanwatch", secret="env:MAIL_PASSWORD",
                sender="hanwatch@city.example", to=("duty@city.example",), ca=authority / "ca.pem",
            ),
        ),
        routes=(RouteSettings("all", ("soc", "duty")),),
    )  # fmt: skip
    alert = an_alert()
    book.record([alert])
    notifier(settings).drain()
    (posted,) = hook.posted
    assert posted.json["topics"][0]["alerts"] == [alert.id]
    assert posted.headers["Idempotency-Key"] == posted.json["id"]
    (received,) = mail.received
    assert (received.encrypted, received.user) == (True, "hanwatch")
    assert "ThinkPHP 代码执行" in str(received.message["Subject"])
    notifier(settings).drain()
    assert (len(hook.posted), len(mail.received)) == (1, 1), "a start later nothing is told again"


def test_a_slow_channel_holds_up_nobody_else(book: AlertBook, engine: Engine, httpd: Callable[..., Httpd]) -> None:
    slow, quick = httpd(usual=Reply(slow=5.0)), httpd()
    channels = tuple(
        ChannelSettings(name, "webhook", url=server.url, timeout=10.0)
        for name, server in (("slow", slow), ("quick", quick))
    )
    route = RouteSettings("all", ("slow", "quick"), quiet=0)
    around = Surroundings(time.time_ns, "zh", "0.1.0", "sensor-1")
    running = Notifier(engine, NotifySettings(channels, (route,)), around, Random(7))
    stop = Event()
    thread = Thread(target=running.run, args=(stop,), daemon=True)
    thread.start()
    try:
        book.record([an_alert(number, created=time.time_ns()) for number in range(5)])
        until = time.monotonic() + 4.0
        while len(quick.posted) < 5 and time.monotonic() < until:
            time.sleep(0.02)
        assert (len(quick.posted), len(slow.posted)) == (5, 1)
        book.record([an_alert(9, created=time.time_ns())])
        while len(quick.posted) < 6 and time.monotonic() < until:
            time.sleep(0.02)
        assert len(quick.posted) == 6, "nor the collecting of what comes next"
    finally:
        stop.set()
        thread.join(10)
        time.sleep(0.1)


def test_other_settings_are_taken_up_without_losing_what_waits_or_is_counted(
    book: AlertBook, engine: Engine, httpd: Callable[..., Httpd], closed_port: int
) -> None:
    old, new = httpd(usual=Reply(slow=1.0)), httpd()
    away = ChannelSettings("away", "webhook", url=f"http://127.0.0.1:{closed_port}")
    route = RouteSettings("all", ("soc", "away"))
    around = Surroundings(time.time_ns, "zh", "0.1.0", "sensor-1")
    before = NotifySettings((ChannelSettings("soc", "webhook", url=old.url), away), (route,))
    running, stop = Notifier(engine, before, around, Random(7)), Event()
    thread = Thread(target=running.run, args=(stop,), daemon=True)
    thread.start()
    try:
        book.record([an_alert(1, created=time.time_ns())])
        _until(lambda: old.posted and Outbox(engine).tally()["away"].waiting)
        both = {"soc": (0, 2), "away": (2, 0)}
        # One is being sent to the old address; the subject is known, and a second alert of it is counted.
        channels = (ChannelSettings("soc", "webhook", url=new.url), away)
        running.take_up(NotifySettings(channels, (route, RouteSettings("more", ("soc",), quiet=0))))
        book.record([an_alert(1_000 + number, created=time.time_ns(), source__ip="203.0.113.9") for number in range(3)])
        book.record([an_alert(2, created=time.time_ns(), source__ip="203.0.113.10")])
        _until(lambda: new.posted)
        (told,) = new.posted
        assert told.json["topics"][0]["entities"]["source.ip"] == "203.0.113.10"
        assert len(old.posted) == 1, "what was being sent was not sent again"
        _until(lambda: {name: (one.waiting, one.sent) for name, one in Outbox(engine).tally().items()} == both)
        with engine.connect() as connection:
            counted = connection.execute(select(notify_topic.c.topic).where(notify_topic.c.channel == "soc")).scalars()
            assert sum(topic["count"] for topic in counted) == 3
    finally:
        stop.set()
        thread.join(10)
        time.sleep(0.1)


def _until(true: Callable[[], object], seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "nothing came of it"
        time.sleep(0.02)
