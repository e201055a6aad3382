"""From recorded alerts to the outbox, each once."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from correlation.alerts.book import AlertBook
from correlation.alerts.model import Alert
from correlation.notifying import collecting
from correlation.notifying.collecting import Collector, held_back
from correlation.notifying.outbox import Outbox
from correlation.notifying.settings import ChannelSettings, NotifySettings, RouteSettings
from tests.correlation.clocks import Clock
from tests.correlation.notifying.conftest import NOON, an_alert

SETTINGS = NotifySettings(
    (ChannelSettings("soc", "webhook", url="http://127.0.0.1:9/"),), (RouteSettings("all", ("soc",)),)
)
DAY = 86_400 * 10**9


def _collect(collector: Collector) -> None:
    while collector.step():
        pass


def _kinds(engine: Engine) -> list[tuple[str, int]]:
    entries = Outbox(engine).listed(state=None, channel=None, limit=1_000)
    return sorted((entry.notice.kind, entry.notice.count) for entry in entries)


def test_alerts_are_numbered_in_the_order_of_their_recording(book: AlertBook) -> None:
    first, second = [an_alert(2), an_alert(1)], [an_alert(3, created=NOON - DAY)]
    book.record(first)
    book.record([*second, first[0]])
    assert book.since(0, 2) == (first, 1, True)
    assert book.since(0, 3) == (first + second, 2, False)
    assert book.since(1, 3) == (second, 2, False)
    assert book.since(2, 3) == ([], 2, False)
    assert book.since(0, 3, "critical") == ([], 2, False)


def test_many_that_were_recorded_together_are_read_in_parts(book: AlertBook) -> None:
    alerts = [an_alert(number) for number in range(2_500)]
    book.record(alerts)
    parts = [book.since(number, 1_000)[0] for number in range(3)]
    assert [len(part) for part in parts] == [1_000, 1_000, 500]
    assert [alert for part in parts for alert in part] == alerts


def test_windows_and_position_survive_a_restart(engine: Engine, book: AlertBook, clock: Clock) -> None:
    book.record([an_alert(1), an_alert(2)])
    _collect(Collector(engine, SETTINGS, clock))
    book.record([an_alert(3)])
    _collect(Collector(engine, SETTINGS, clock))
    assert _kinds(engine) == [("alert", 1)]
    clock.wait(601)
    _collect(Collector(engine, SETTINGS, clock))
    assert _kinds(engine) == [("alert", 1), ("digest", 2)]
    clock.wait(601)
    _collect(Collector(engine, SETTINGS, clock))
    clock.wait(601)
    book.record([an_alert(4)])
    _collect(Collector(engine, SETTINGS, clock))
    assert _kinds(engine) == [("alert", 1), ("alert", 1), ("digest", 2)]


def test_a_refused_write_changes_nothing_and_is_done_again(
    engine: Engine, book: AlertBook, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    book.record([an_alert(1), an_alert(2)])
    collector = Collector(engine, SETTINGS, clock)
    with monkeypatch.context() as broken:

        def refuse(*_: object) -> None:
            raise OperationalError("INSERT", {}, Exception("disk full"))

        broken.setattr(collecting, "_write_topics", refuse)
        with pytest.raises(OperationalError):
            collector.step()
    assert _kinds(engine) == []
    _collect(collector)
    clock.wait(601)
    _collect(collector)
    assert _kinds(engine) == [("alert", 1), ("digest", 1)]


def test_at_the_first_start_old_alerts_are_no_news(engine: Engine, book: AlertBook, clock: Clock) -> None:
    book.record([an_alert(1, created=NOON - 2 * DAY)])
    book.record([an_alert(2, rule="fresh", created=NOON - DAY // 2)])
    _collect(Collector(engine, SETTINGS, clock))
    (entry,) = Outbox(engine).listed(state=None, channel=None, limit=10)
    assert entry.notice.topics[0].rule_id == "fresh"


def test_what_is_found_while_nobody_notifies_is_news_at_the_next_start(
    engine: Engine, book: AlertBook, clock: Clock
) -> None:
    _collect(Collector(engine, SETTINGS, clock))
    book.record([an_alert(1)])
    clock.wait(3 * 86_400)
    _collect(Collector(engine, SETTINGS, clock))
    assert _kinds(engine) == [("alert", 1)]


def test_what_the_gate_holds_back_goes_nowhere_and_is_counted(engine: Engine, book: AlertBook, clock: Clock) -> None:
    def gate(alert: Alert) -> str | None:
        return "drill" if alert.rule_id == "of a drill" else None

    book.record([an_alert(1, rule="of a drill"), an_alert(2, rule="of a drill"), an_alert(3)])
    _collect(Collector(engine, SETTINGS, clock, gate))
    assert _kinds(engine) == [("alert", 1)]
    assert held_back(engine) == {"drill": 2}


def test_a_flood_of_alerts_is_a_few_messages(
    engine: Engine, book: AlertBook, clock: Clock
) -> None:
    flood = 100_000 if os.environ.get("PROVE") else 10_000
    for first in range(0, flood, 5_000):
        book.record([
            an_alert(number, source__ip=f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
            for number in range(first, first + 5_000)
        ])  # fmt: skip
    collector = Collector(engine, SETTINGS, clock)
    _collect(collector)
    clock.wait(601)
    _collect(collector)
    kinds = Counter(kind for kind, _ in _kinds(engine))
    assert kinds == {"alert": 20, "digest": 1}
    assert sum(count for _, count in _kinds(engine)) == flood


WRITER = """
import sys, time
sys.path.insert(0, sys.argv[2])
from correlation.alerts.book import AlertBook
from correlation.alerts.schema import open_database
from tests.correlation.notifying.conftest import an_alert
book = AlertBook(open_database(sys.argv[1]))
for number in range(100):
    book.record([an_alert(1_000 + 10 * number + each) for each in range(10)])
"""


@pytest.fixture
def writer(tmp_path: Path, engine: Engine) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Another process that records alerts into the same database."""
    root = str(Path(__file__).parents[3])
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-c", WRITER, str(engine.url), root], stderr=subprocess.PIPE))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_who_records_alerts_is_never_refused_because_we_write_as_well(
    engine: Engine, clock: Clock, writer: Callable[[], subprocess.Popen[bytes]]
) -> None:
    process = writer()
    each = NotifySettings(SETTINGS.channels, (RouteSettings("all", ("soc",), quiet=0),))
    collector = Collector(engine, each, clock)
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        collector.step()
        clock.wait(0.01)
    assert process.returncode == 0, process.communicate()[1].decode()
    _collect(collector)
    assert len(_kinds(engine)) == 1_000
