"""Versions are compared with what a plain list of moments says: one state for each of a few instants."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from inventory.history import amended, at, locked_out, untils
from inventory.model import OPEN, Change, Version

INSTANTS = range(8)
"""All that happens here happens at one of these; the last one stands for ever after."""
values = st.dictionaries(st.sampled_from("abc"), st.none() | st.integers(0, 2), max_size=3)


@st.composite
def changes(draw: st.DrawFn) -> Change:
    begins = draw(st.sampled_from(INSTANTS))
    ends = draw(st.sampled_from([*INSTANTS[begins + 1 :], OPEN]))
    if draw(st.booleans()) and draw(st.booleans()):
        return Change("one", valid_from=begins, valid_to=ends, gone=True)
    return Change("one", draw(values), valid_from=begins, valid_to=ends)


def _plain(done: list[Change]) -> list[Mapping[str, Any] | None]:
    """What is so at each instant, told one by one."""
    states: list[dict[str, Any] | None] = [None for _ in INSTANTS]
    for change in done:
        for instant in INSTANTS:
            if change.valid_from <= instant < change.valid_to:
                if change.gone:
                    states[instant] = None
                else:
                    states[instant] = (states[instant] or {}) | change.values
    return [None if one is None else {key: value for key, value in one.items() if value is not None} for one in states]


@given(st.lists(changes(), max_size=12))
def test_versions_say_what_was_said_of_each_instant(done: list[Change]) -> None:
    versions: list[Version] = []
    for number, change in enumerate(done, 1):
        versions = amended(versions, change, number)
    found = [at(versions, instant) for instant in INSTANTS]
    assert [None if one is None else one.values for one in found] == _plain(done)


@given(st.lists(changes(), max_size=12))
def test_versions_stand_in_order_and_none_could_be_one_with_the_next(done: list[Change]) -> None:
    versions: list[Version] = []
    for number, change in enumerate(done, 1):
        versions = amended(versions, change, number)
    for one, following in pairwise(versions):
        assert one.valid_to <= following.valid_from
        alike = (one.values, one.said, one.locked) == (following.values, following.said, following.locked)
        assert one.valid_to < following.valid_from or not alike


@given(st.lists(changes(), max_size=8), changes())
def test_to_say_the_same_again_changes_nothing(done: list[Change], change: Change) -> None:
    versions: list[Version] = []
    for number, one in enumerate([*done, change], 1):
        versions = amended(versions, one, number)
    assert amended(versions, change, 100) == versions


@given(st.lists(changes(), max_size=8), st.sampled_from(INSTANTS))
def test_a_field_stays_what_it_is_until_it_is_something_else(done: list[Change], moment: int) -> None:
    versions: list[Version] = []
    for number, one in enumerate(done, 1):
        versions = amended(versions, one, number)
    found = [at(versions, instant) for instant in INSTANTS]
    now = found[moment]
    for key, end in untils(versions, moment, "abc").items():
        for instant in INSTANTS[moment:]:
            then = found[instant]
            same = then is None if now is None else then is not None and then.values.get(key) == now.values.get(key)
            if instant < end:
                assert same
            elif instant == end:
                assert not same


def test_a_value_keeps_the_batch_that_said_it_first() -> None:
    first = amended([], Change("one", {"name": "a", "grade": 2}), 1)
    then = amended(first, Change("one", {"name": "b", "grade": 2}, valid_from=5), 2)
    assert [(one.valid_from, one.batch_of("name"), one.batch_of("grade")) for one in then] == [(0, 1, 1), (5, 2, 1)]
    assert then[1].batch_of("what nobody said") == 1


def test_a_locked_field_is_told_only_where_it_would_change() -> None:
    versions = amended([], Change("one", {"name": "a"}, lock=frozenset({"name"})), 1)
    assert locked_out(at(versions, 0), Change("one", {"name": "b"})) == {"name"}
    assert locked_out(at(versions, 0), Change("one", {"name": "a", "grade": 3})) == frozenset()
    assert locked_out(None, Change("one", {"name": "b"})) == frozenset()
    assert amended(versions, Change("one", unlock=frozenset({"name"})), 2)[0].locked == frozenset()
