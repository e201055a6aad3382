"""Feeds of MISP behind a real server, and what can be wrong with one."""

from collections.abc import Iterator

import orjson
import pytest

from correlation.intelligence import fetching, marks, misp_feed
from correlation.intelligence.errors import FeedUnreadable
from correlation.intelligence.fetching import Fetcher
from correlation.intelligence.misp_feed import MOST_AWAY, PATIENCE, read_published
from correlation.intelligence.model import Portion
from correlation.settings import FeedSettings
from sensors.errors import Problem  # noqa: TC001 - as everywhere, for readers
from tests.correlation.intelligence.making import ASSUMED
from tests.correlation.intelligence.serving import Publisher, misp_event, uuid

BASE = "/osint/"
EVENTS = {uuid(number): (str(1_764_000_000 + number), [f"c{number}.example"]) for number in range(4)}


class Read:
    """What a reading came to, up to where it failed."""

    def __init__(self, portions: Iterator[Portion], position: str) -> None:
        self.values: list[str] = []
        self.problems: list[Problem] = []
        self.position = position
        self.failed: FeedUnreadable | None = None
        try:
            for portion in portions:
                self.values += [one.value for one in portion.indicators]
                self.problems += portion.problems
                self.position = self.position if portion.position is None else portion.position
        except FeedUnreadable as problem:
            self.failed = problem


def read(server: Publisher, position: str = "", path: str = BASE, patience: float | None = None) -> Read:
    url = server.url(path)
    fetcher = Fetcher(FeedSettings(url, "misp"), patience)
    return Read(read_published(fetcher, url, position, ASSUMED), position)


def test_only_what_is_new_or_changed_is_fetched(publisher: Publisher) -> None:
    publisher.publish_misp(BASE, EVENTS)
    first = read(publisher)
    assert first.values == [f"c{number}.example" for number in range(4)]
    assert publisher.paths() == [f"{BASE}manifest.json", *(f"{BASE}{name}.json" for name in EVENTS)]
    second = read(publisher, first.position)
    assert (second.values, second.position, publisher.paths()) == ([], first.position, [f"{BASE}manifest.json"])
    publisher.publish_misp(BASE, EVENTS | {uuid(1): ("1", ["changed.example"]), uuid(9): ("9", ["new.example"])})
    third = read(publisher, second.position)
    assert third.values == ["changed.example", "new.example"]
    assert publisher.paths() == [f"{BASE}{name}.json" for name in ("manifest", uuid(1), uuid(9))]


def read_of(position: str) -> list[str]:
    """The events that need not be asked for again."""
    return [name for name, mark in orjson.loads(position).items() if mark is not None]


@pytest.mark.parametrize("path", ["/osint", "/osint/manifest.json"])
def test_the_folder_may_be_named_in_several_ways(publisher: Publisher, path: str) -> None:
    publisher.publish_misp(BASE, EVENTS)
    assert len(read(publisher, path=path).values) == 4


def test_what_vanishes_from_the_manifest_is_forgotten_and_read_anew_when_it_comes_back(publisher: Publisher) -> None:
    publisher.publish_misp(BASE, EVENTS)
    position = read(publisher).position
    publisher.publish_misp(BASE, {uuid(2): EVENTS[uuid(2)]})
    less = read(publisher, position)
    assert (less.values, list(orjson.loads(less.position))) == ([], [uuid(2)])
    publisher.publish_misp(BASE, EVENTS)
    assert len(read(publisher, less.position).values) == 3


@pytest.mark.parametrize("how", ["missing", "noise", "no event", "large", "redirect"])
def test_a_broken_event_is_told_and_asked_for_again(
    publisher: Publisher, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(misp_feed, "MOST_EVENT_BYTES", 2_000)
    publisher.publish_misp(BASE, EVENTS)
    broken = f"{BASE}{uuid(1)}.json"
    if how == "missing":
        del publisher.pages[broken]
    elif how == "redirect":
        publisher.publish(broken, b"", status=301, headers={"Location": "/elsewhere"})
    else:
        publisher.publish(broken, {"noise": b"\xff{", "no event": b"[]", "large": b" " * 5_000}[how])
    found = read(publisher)
    assert found.values == ["c0.example", "c2.example", "c3.example"]
    (problem,) = found.problems
    assert uuid(1) in str(problem.place)
    assert "/elsewhere" not in publisher.paths()
    publisher.publish_misp(BASE, EVENTS)
    assert read(publisher, found.position).values == ["c1.example"]


def test_names_lead_nowhere_else(publisher: Publisher) -> None:
    publisher.publish_misp(BASE, EVENTS)
    names = ["../../etc/passwd", f"../{uuid(7)}", f"{uuid(7)}?x", "//evil.example/x", "", "%2e%2e", f"{uuid(7)}\n"]
    publisher.publish(f"{BASE}manifest.json", {name: {"timestamp": "1"} for name in [*names, uuid(0)]})
    found = read(publisher)
    assert publisher.paths() == [f"{BASE}manifest.json", f"{BASE}{uuid(0)}.json"]
    assert [problem.parameters["reason"] for problem in found.problems] == ["misp-name"] * len(names)
    assert found.values == ["c0.example"]


@pytest.mark.parametrize("manifest", [b"[]", b"\xff", b"{", b'{"a": 1', b"<html>"])
def test_a_manifest_that_is_none_is_an_error(publisher: Publisher, manifest: bytes) -> None:
    publisher.publish(f"{BASE}manifest.json", manifest)
    found = read(publisher, "kept")
    assert found.failed is not None
    assert found.position == "kept"


def test_the_number_of_events_is_bounded(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misp_feed, "MOST_EVENTS", 3)
    publisher.publish_misp(BASE, EVENTS)
    failed = read(publisher).failed
    assert failed is not None
    assert failed.parameters["reason"] == "feed-too-large"


def test_events_without_a_timestamp_are_always_read(publisher: Publisher) -> None:
    publisher.publish(f"{BASE}manifest.json", {uuid(0): {}, uuid(1): None, uuid(2): {"timestamp": 7}})
    for number in range(3):
        publisher.publish(f"{BASE}{uuid(number)}.json", misp_event(uuid(number), "7", [f"c{number}.example"]))
    found = read(publisher)
    assert len(found.values) == 3
    assert read(publisher, found.position).values == ["c0.example", "c1.example"]


def test_a_server_that_goes_away_ends_the_reading_where_it_was(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(misp_feed, "PATIENCE", 2)
    publisher.publish_misp(BASE, EVENTS)
    url, read_until = publisher.url(BASE), []
    portions = read_published(Fetcher(FeedSettings(url, "misp")), url, "", ASSUMED)
    read_until.append(next(portions))
    publisher.close()
    rest = Read(portions, "")
    assert rest.failed is not None
    assert rest.failed.parameters["reason"] == "net-refused"
    assert read_of(rest.position) == [uuid(0)]


def test_some_that_break_the_connection_do_not_hold_up_the_others(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(misp_feed, "PATIENCE", 2)
    monkeypatch.setattr(fetching, "TIMEOUT_SECONDS", 0.2)
    publisher.publish_misp(BASE, EVENTS)
    for number in range(3):
        publisher.publish(f"{BASE}{uuid(number)}.json", b"{", length=100)
    found = read(publisher)
    assert (found.failed, found.values, len(found.problems)) == (None, ["c3.example"], 3)
    assert publisher.paths().count(f"{BASE}manifest.json") == 2


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_wants_to_be_left_alone_is(publisher: Publisher, status: int) -> None:
    publisher.publish_misp(BASE, EVENTS)
    publisher.publish(f"{BASE}{uuid(1)}.json", b"", status=status)
    found = read(publisher)
    assert found.failed is not None
    assert read_of(found.position) == [uuid(0)]
    assert len(publisher.paths()) == 3
    again = read(publisher, found.position)
    assert again.values == ["c2.example", "c3.example"], "what it refuses comes last and keeps us from nothing"
    assert publisher.paths()[-1] == f"{BASE}{uuid(1)}.json"


@pytest.mark.parametrize("status", [401, 403, 500, 502])
def test_a_server_that_gives_us_none_of_its_events_is_not_asked_for_all_of_them(
    publisher: Publisher, status: int
) -> None:
    events = {uuid(number): ("1", [f"c{number}.example"]) for number in range(500)}
    publisher.publish_misp(BASE, events)
    for name in list(events)[1:]:
        publisher.publish(f"{BASE}{name}.json", b"", status=status)
    found = read(publisher)
    assert found.failed is not None
    assert found.failed.parameters["status"] == status
    assert (found.values, len(publisher.paths())) == (["c0.example"], 1 + 1 + MOST_AWAY + (MOST_AWAY - 1) // PATIENCE)
    publisher.publish_misp(BASE, events)
    assert len(read(publisher, found.position).values) == len(events) - 1


@pytest.mark.parametrize(
    ("status", "known", "fails"),
    [(404, False, True), (404, True, False), (403, False, True), (403, True, True)],
)
def test_a_reading_in_which_all_that_was_asked_for_failed(
    publisher: Publisher, status: int, known: bool, fails: bool
) -> None:
    publisher.publish_misp(BASE, EVENTS if known else {})
    position = read(publisher).position
    publisher.publish_misp(BASE, EVENTS | {uuid(8): ("8", []), uuid(9): ("9", [])})
    for name in (uuid(8), uuid(9)) if known else (*EVENTS, uuid(8), uuid(9)):
        publisher.publish(f"{BASE}{name}.json", b"", status=status)
    found = read(publisher, position)
    assert (found.values, found.failed is not None) == ([], fails)
    assert len(found.problems) == (2 if known else 6)
    assert read_of(found.position) == (list(EVENTS) if known else [])


def test_positions_come_now_and_then_after_what_they_stand_for(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks, "PARTS", 2)
    publisher.publish_misp(BASE, EVENTS)
    url = publisher.url(BASE)
    seen = 0
    for portion in read_published(Fetcher(FeedSettings(url, "misp")), url, "", ASSUMED):
        seen += len(portion.indicators)
        assert portion.position is None or len(orjson.loads(portion.position)) == seen
    assert seen == 4
