import pytest

from correlation.context.model import Known
from correlation.context.timeline import Timeline, along, combined, known_at, merged, told
from sensors.event.times import from_iso
from tests.correlation.context.making import make_entry


def test_the_first_that_says_something_counts_for_each_field() -> None:
    assert merged(Known(asset="a", cii=False), Known(asset="b", unit="u", cii=True)) == Known("a", unit="u", cii=False)
    assert merged(None, Known("b")) == Known("b")
    assert merged(Known("a"), None) == Known("a")
    assert merged(None, None) is None


def test_an_answer_that_never_changes_needs_no_time() -> None:
    assert along({1, 2}, lambda _: Known("a")) == Known("a")
    assert told([make_entry("10.0.0.1", asset="a"), make_entry("10.0.0.0/8", unit="u")]) == Known("a", unit="u")
    assert told([]) is None


def test_begin_is_in_and_end_is_out() -> None:
    found = told([make_entry("10.0.0.1", asset="a", begins="2026-01-01", ends="2026-02-01")])
    begins, ends = from_iso("2026-01-01"), from_iso("2026-02-01")
    assert [known_at(found, at) for at in (begins - 1, begins, ends - 1, ends)] == [None, Known("a"), Known("a"), None]


def test_what_has_ended_gives_way_to_the_less_specific() -> None:
    found = told([make_entry("10.0.0.1", asset="a", unit="u", ends="2026-02-01"), make_entry("10.0.0.0/8", unit="net")])
    assert known_at(found, from_iso("2026-01-31")) == Known("a", unit="u")
    assert known_at(found, from_iso("2026-02-01")) == Known(unit="net")


def test_answers_are_combined_at_every_time() -> None:
    upper, lower = Timeline((10,), (None, Known("a"))), Timeline((20,), (Known(unit="u"), None))
    assert combined(upper, lower, merged) == Timeline((10, 20), (Known(unit="u"), Known("a", unit="u"), Known("a")))


def test_a_timeline_has_one_answer_more_than_cuts() -> None:
    with pytest.raises(ValueError, match="more"):
        Timeline((1,), (None,))
