"""Stored events become batches again, with the same rows."""

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from correlation.hunting.rebuilding import batches
from sensors.event.model import BATCH_ROWS
from tests.correlation.matcher.making import make_batch

EVENTS = [
    event
    for dataset, constants, rows in (
        ("test.a", {"event.code": "1"}, [{"x": 1, "y": None}, {"x": [1, "a"], "y": {"z": 2}}]),
        ("test.a", {"event.code": "2"}, [{"x": 5, "y": 6}]),
        ("test.b", {}, [{"x": str(number)} for number in range(7)]),
    )
    for event in make_batch(rows, dataset, constants).rows()
]


@given(st.permutations(EVENTS))
def test_every_event_comes_back_in_some_batch(events: list[dict[str, object]]) -> None:
    made = list(batches(events, ["event.code"]))
    found = list(chain.from_iterable(batch.rows() for batch in made))
    key = str
    assert sorted(found, key=key) == sorted(events, key=key)
    assert all("event.code" in batch.constants for batch in made if batch.dataset == "test.a")


def test_no_batch_is_too_long() -> None:
    rows = [{"x": number} for number in range(BATCH_ROWS)]
    events = [*make_batch(rows).rows(), *make_batch(rows[:3]).rows()]
    assert [len(batch) for batch in batches(events, ())] == [BATCH_ROWS, 3]
