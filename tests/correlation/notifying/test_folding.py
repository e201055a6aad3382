"""Many alerts, few notices, and no alert uncounted."""

from hypothesis import given, settings
from hypothesis import strategies as st

from correlation.notifying.folding import MOST_LISTED, MOST_TOPICS, Folding
from correlation.notifying.model import Notice, notice_of
from correlation.notifying.settings import RouteSettings
from sensors.event.times import SECOND
from tests.correlation.notifying.conftest import NOON, an_alert

QUIET = RouteSettings("r", ("c",), quiet=600, burst=20)


def _told(folding: Folding, number: int, now: int = NOON, route: RouteSettings = QUIET, **more: str) -> list[Notice]:
    return list(folding.take(an_alert(number, **more), [("c", route)], now))  # type: ignore[arg-type]


def test_a_subject_is_told_once_and_what_follows_is_one_digest_with_a_count() -> None:
    folding = Folding()
    (first,) = _told(folding, 1)
    assert (first.kind, first.count) == ("alert", 1)
    assert [_told(folding, number, NOON + number * SECOND) for number in range(2, 8)] == [[]] * 6
    assert list(folding.close(NOON + 599 * SECOND)) == []
    (digest,) = folding.close(NOON + 600 * SECOND)
    assert (digest.kind, digest.count, digest.topics[0].count) == ("digest", 6, 6)
    assert digest.topics[0].entities == {"host.name": "portal-1", "source.ip": "203.0.113.9"}
    assert len(digest.topics[0].alerts) == 5, "the first few can be looked up"


def test_a_subject_is_new_again_after_a_quiet_time_without_anything() -> None:
    folding = Folding()
    assert len(_told(folding, 1)) == 1
    assert list(folding.close(NOON + 600 * SECOND)) == []
    assert _told(folding, 2, NOON + 700 * SECOND) == [], "it was told in the window before"
    assert [notice.count for notice in folding.close(NOON + 1_200 * SECOND)] == [1]
    assert list(folding.close(NOON + 1_800 * SECOND)) == []
    assert folding.windows == {}, "nothing is kept of what is over"
    assert len(_told(folding, 3, NOON + 1_900 * SECOND)) == 1


def test_subjects_differ_by_rule_and_entities() -> None:
    folding = Folding()
    assert len(_told(folding, 1)) == 1
    assert len(_told(folding, 2, rule="another")) == 1
    assert len(_told(folding, 3, source__ip="198.51.100.7")) == 1
    assert _told(folding, 4, source__port="4444") == []


def test_a_flood_of_different_subjects_is_a_burst_and_one_digest() -> None:
    folding = Folding()
    told = []
    for number in range(5_000):
        told += _told(folding, number, source__ip=f"10.0.{number // 250}.{number % 250}")
    told += folding.close(NOON + 600 * SECOND)
    assert [notice.kind for notice in told] == ["alert"] * 20 + ["digest"]
    digest = told[-1]
    assert sum(notice.count for notice in told) == 5_000
    assert len(digest.topics) == MOST_LISTED
    assert digest.more == MOST_TOPICS - 20 + 1 - MOST_LISTED, "the rest is one topic by rule"
    assert digest.topics[0].entities == {}, "which had the most"


def test_quiet_of_nothing_tells_every_alert() -> None:
    each = RouteSettings("r", ("c",), quiet=0)
    assert [len(_told(Folding(), number, route=each)) for number in range(3)] == [1, 1, 1]


def test_ids_are_those_of_what_is_told() -> None:
    first, again = (_told(Folding(), 1)[0] for _ in range(2))
    assert first == again
    assert first.id != _told(Folding(), 2)[0].id
    assert notice_of(first.document()) == first


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 900)), max_size=60))
def test_every_alert_is_told_or_counted_exactly_once(steps: list[tuple[int, int]]) -> None:
    route = RouteSettings("r", ("c",), quiet=600, burst=3)
    folding, now, told = Folding(), NOON, list[Notice]()
    for number, (subject, pause) in enumerate(steps):
        now += pause * SECOND
        told += folding.close(now)
        told += _told(folding, number, now, route, source__ip=f"10.0.0.{subject}")
    for _ in range(3):
        now += 600 * SECOND
        told += folding.close(now)
    assert sum(notice.count for notice in told) == len(steps)
    assert folding.windows == {}
    assert len({notice.id for notice in told}) == len(told)
