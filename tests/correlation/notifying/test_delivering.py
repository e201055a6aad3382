"""Attempts, pauses and failures: written down, so that a restart knows them."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest
import structlog
from sqlalchemy import Engine

from correlation.alerts.book import AlertBook
from correlation.notifying.delivering import LONGEST_PAUSE, pause_after
from correlation.notifying.errors import MessageUnknown
from correlation.notifying.outbox import DAY, Entry, Outbox
from correlation.notifying.service import Notifier
from correlation.notifying.settings import ChannelSettings, NotifySettings, RouteSettings
from tests.correlation.clocks import Clock
from tests.correlation.notifying.conftest import an_alert
from tests.correlation.notifying.httpd import Httpd, Reply
from tests.correlation.notifying.smtpd import Smtpd

Start = Callable[..., Notifier]
TAKEN = Reply(200, b'{"errcode":0}')


@pytest.fixture
def outbox(engine: Engine) -> Outbox:
    return Outbox(engine)


def _only(outbox: Outbox) -> Entry:
    (entry,) = outbox.listed(state=None, channel=None, limit=10)
    return entry


def _settings(server: Httpd, kind: Any = "webhook", *, quiet: float = 600, **more: Any) -> NotifySettings:
    channel = ChannelSettings("soc", kind, url=server.url, **{"timeout": 2.0, **more})
    return NotifySettings((channel,), (RouteSettings("all", ("soc",), quiet=quiet),))


def test_what_failed_is_tried_again_after_a_pause_that_outlives_the_process(
    book: AlertBook, notifier: Start, outbox: Outbox, httpd: Callable[..., Httpd], clock: Clock
) -> None:
    server = httpd()
    server.replies += [Reply(500, b"out of order"), Reply(reset=True)]
    book.record([an_alert()])
    notifier(_settings(server)).drain()
    entry = _only(outbox)
    assert (entry.state, entry.attempts, entry.reason, entry.answer) == ("waiting", 1, "out of order", "500")
    assert 7.5 <= (entry.due - clock.now) / 1e9 <= 15
    notifier(_settings(server)).drain()
    assert len(server.posted) == 1, "it is not due yet"
    clock.wait(16)
    notifier(_settings(server)).drain()
    assert (_only(outbox).attempts, _only(outbox).reason) == (2, "net-reset")
    clock.wait(31)
    notifier(_settings(server)).drain()
    assert (_only(outbox).state, _only(outbox).attempts, _only(outbox).reason) == ("sent", 3, "")
    assert len({posted.headers["Idempotency-Key"] for posted in server.posted}) == 1


def test_the_last_attempt_fails_is_told_and_kept_until_a_person_says_again(
    book: AlertBook, notifier: Start, outbox: Outbox, httpd: Callable[..., Httpd], clock: Clock
) -> None:
    server = httpd(usual=Reply(503, b"closed"))
    book.record([an_alert()])
    with structlog.testing.capture_logs() as journal:
        for _ in range(5):
            notifier(_settings(server, attempts=3)).drain()
            clock.wait(LONGEST_PAUSE)
    assert len(server.posted) == 3
    assert (_only(outbox).state, _only(outbox).answer) == ("failed", "503")
    assert [line["log_level"] for line in journal if "could not be delivered" in line["event"]] == ["warning"]
    outbox.expire(clock.now + 31 * DAY, 30)
    server.usual = Reply()
    assert outbox.retry([_only(outbox).notice.id[:8]], clock.now) == [_only(outbox).notice.id]
    notifier(_settings(server)).drain()
    assert _only(outbox).state == "sent"
    with pytest.raises(MessageUnknown):
        outbox.retry([_only(outbox).notice.id], clock.now)
    assert outbox.expire(clock.now + 31 * DAY, 30) == 1


def test_who_asks_to_be_left_alone_is(
    book: AlertBook, notifier: Start, outbox: Outbox, httpd: Callable[..., Httpd], clock: Clock
) -> None:
    server = httpd()
    server.replies.append(Reply(429, b"slow down", {"Retry-After": "300"}))
    book.record([an_alert(1), an_alert(2, rule="another")])
    running = notifier(_settings(server))
    running.drain()
    assert len(server.posted) == 1, "nor is the next message tried meanwhile"
    clock.wait(299)
    running.drain()
    assert len(server.posted) == 1
    clock.wait(2)
    running.drain()
    assert len(server.posted) == 3


@pytest.mark.parametrize("said", [0, 5])
def test_no_more_messages_a_minute_than_a_robot_takes_also_after_a_restart(  # noqa: PLR0917 - what it stands between
    book: AlertBook, notifier: Start, httpd: Callable[..., Httpd], clock: Clock,
    monkeypatch: pytest.MonkeyPatch, said: int,
) -> None:  # fmt: skip
    monkeypatch.setenv("ROBOT_KEY", "key-of-robot")
    server = httpd(usual=TAKEN)
    book.record([an_alert(number, source__ip=f"10.0.0.{number}") for number in range(45)])
    settings = _settings(server, "wecom", quiet=0, token="env:ROBOT_KEY", per_minute=said)
    sent = []
    for _ in range(3):
        notifier(settings).drain()
        sent.append(len(server.posted))
        clock.wait(61)
    assert sent == ([20, 40, 45] if not said else [5, 10, 15])


def test_messages_keep_the_distance_that_a_robot_asks_for(
    book: AlertBook, notifier: Start, httpd: Callable[..., Httpd], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROBOT_KEY", "key-of-robot")
    server = httpd(usual=Reply(200, b'{"code":0}'))
    book.record([an_alert(number, source__ip=f"10.0.0.{number}") for number in range(9)])
    before = clock.now
    notifier(_settings(server, "feishu", token="env:ROBOT_KEY")).drain()
    assert len(server.posted) == 9
    assert clock.now - before >= 2 * 10**9, "a quarter of a second each"


def test_secrets_that_the_other_side_repeats_are_not_kept(
    book: AlertBook, notifier: Start, outbox: Outbox, httpd: Callable[..., Httpd], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROBOT_KEY", "key-of-robot")
    server = httpd(usual=Reply(200, orjson.dumps({"errcode": 93000, "errmsg": "no key-of-robot here\r\nforged line"})))
    book.record([an_alert()])
    with structlog.testing.capture_logs() as journal:
        notifier(_settings(server, "wecom", token="env:ROBOT_KEY")).drain()
    assert _only(outbox).reason == "no *** here forged line"
    assert "key-of-robot" not in str(journal)


def test_a_secret_that_comes_back_is_read_anew(
    book: AlertBook, notifier: Start, httpd: Callable[..., Httpd], clock: Clock, tmp_path: Path
) -> None:
    server = httpd()
    file = tmp_path / "secret"
    book.record([an_alert()])
    running = notifier(_settings(server, secret=f"file:{file}"))
    running.drain()
    assert server.posted == []
    file.write_text("key-of-soc\n", encoding="utf-8")
    clock.wait(60)
    running.drain()
    assert len(server.posted) == 1


def test_only_those_who_have_not_got_a_mail_are_asked_again(
    book: AlertBook, notifier: Start, outbox: Outbox, smtpd: Callable[..., Smtpd], clock: Clock
) -> None:
    server = smtpd(mailboxes={"b@city.example": "450 4.2.1 busy"})
    channel = ChannelSettings(
        "duty", "mail", host="127.0.0.1", port=server.port, security="none", sender="h@city.example",
        to=("a@city.example", "b@city.example"),
    )  # fmt: skip
    settings = NotifySettings((channel,), (RouteSettings("all", ("duty",)),))
    book.record([an_alert()])
    notifier(settings).drain()
    assert _only(outbox).only == ("b@city.example",)
    server.mailboxes.clear()
    clock.wait(16)
    notifier(settings).drain()
    assert [one.to for one in server.received] == [["a@city.example"], ["b@city.example"]]
    assert len({one.message["Message-ID"] for one in server.received}) == 1


def test_a_broken_template_costs_no_attempts_and_is_told(
    book: AlertBook, notifier: Start, outbox: Outbox, httpd: Callable[..., Httpd], tmp_path: Path
) -> None:
    (tmp_path / "own" / "zh").mkdir(parents=True)
    (tmp_path / "own" / "zh" / "text.txt").write_text("{{ nonsense }}", encoding="utf-8")
    server = httpd()
    channel = ChannelSettings("soc", "webhook", url=server.url)
    route = RouteSettings("all", ("soc",), template="own")
    book.record([an_alert()])
    notifier(NotifySettings((channel,), (route,), templates=tmp_path)).drain()
    assert _only(outbox).state == "failed"
    assert "'nonsense' is undefined" in _only(outbox).reason


def test_messages_of_a_channel_that_is_gone_have_failed(
    book: AlertBook, notifier: Start, outbox: Outbox, httpd: Callable[..., Httpd]
) -> None:
    server = httpd(usual=Reply(500))
    book.record([an_alert()])
    notifier(_settings(server)).drain()
    notifier(NotifySettings()).drain()
    assert (_only(outbox).state, _only(outbox).reason) == ("failed", "channel-gone")


def test_pauses_grow_and_differ() -> None:
    random = Random(1)
    pauses = [pause_after(attempts, random) for attempts in range(1, 40)]
    assert all(pause <= LONGEST_PAUSE for pause in pauses)
    assert all(pause >= min(15 * 2**number, LONGEST_PAUSE) / 2 for number, pause in enumerate(pauses))
    assert len(set(pauses)) == len(pauses)
