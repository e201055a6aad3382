from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from inventory.model import OPEN, Batch, Change, Moment
from inventory.registers import registers
from inventory.store.book import Inventory, OvertakenError
from tests.inventory.filling import NOON, Filled

UNITS = registers()["units"]
INSTANTS = range(1, 6)


def _write(inventory: Inventory, at: int, *changes: Change) -> Batch:
    return inventory.write(Batch(at, "tests", "made up"), {"units": changes})


@st.composite
def changes(draw: st.DrawFn) -> Change:
    begins = draw(st.sampled_from(INSTANTS))
    ends = draw(st.sampled_from([*(one for one in INSTANTS if one > begins), OPEN]))
    if draw(st.integers(0, 4)) == 0:
        return Change(draw(st.sampled_from("ab")), valid_from=begins, valid_to=ends, gone=True)
    values = {"name": draw(st.sampled_from("xyz")), "note": draw(st.none() | st.sampled_from("pq"))}
    return Change(draw(st.sampled_from("ab")), values, valid_from=begins, valid_to=ends)


_made = iter(range(10_000))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(changes(), max_size=8))
def test_every_past_state_is_what_it_was(engine: Engine, done: list[Change]) -> None:
    """An independent telling: a table of states by record and instant, copied after each batch."""
    inventory = Inventory(engine)
    base = inventory.last()
    plain: dict[tuple[str, int], dict[str, Any]] = {}
    prefix = f"{next(_made)}-"
    then: list[tuple[int, dict[tuple[str, int], dict[str, Any]]]] = []
    for change in done:
        own = Change(prefix + change.id, change.values, valid_from=change.valid_from, valid_to=change.valid_to,
                     gone=change.gone)  # fmt: skip
        written = _write(inventory, 1_000, own)
        for instant in INSTANTS:
            if change.valid_from <= instant < change.valid_to:
                if change.gone:
                    plain.pop((own.id, instant), None)
                else:
                    both = plain.get((own.id, instant), {}) | dict(change.values)
                    plain[own.id, instant] = {key: value for key, value in both.items() if value is not None}
        then.append((written.at, dict(plain)))
    assert inventory.last() == base + len(done)
    for at, states in then:
        for instant in INSTANTS:
            found = {
                (one.id, instant): one.values for one in inventory.records(UNITS, Moment(instant, at))
                if one.id.startswith(prefix)
            }  # fmt: skip
            assert found == {key: value for key, value in states.items() if key[1] == instant}


def test_a_batch_is_written_as_a_whole_or_not_at_all(engine: Engine) -> None:
    inventory = Inventory(engine)
    with pytest.raises(Exception, match=r"."):
        _write(inventory, 10, Change("a", {"code": "a", "name": "x"}), Change("b", {"code": "b", "name": object()}))
    assert inventory.last() == 0
    assert list(inventory.records(UNITS, Moment(20))) == []


def test_what_was_decided_by_what_is_no_longer_so_is_not_written(engine: Engine) -> None:
    inventory = Inventory(engine)
    first = _write(inventory, 10, Change("a", {"code": "a", "name": "x"}))
    since = inventory.last()
    _write(inventory, 20, Change("a", {"name": "y"}))
    assert since == first.number
    with pytest.raises(OvertakenError):
        inventory.write(Batch(30, "tests", "-"), {"units": [Change("a", {"name": "z"})]}, since)


def test_batches_never_share_a_moment(engine: Engine) -> None:
    inventory = Inventory(engine)
    first = _write(inventory, 100, Change("a", {"code": "a", "name": "x"}))
    second = _write(inventory, 50, Change("a", {"name": "y"}))
    assert (first.at, second.at) == (100, 101)
    assert [one.version.values["name"] for one in inventory.history(UNITS, "a")] == ["x", "y"]
    assert inventory.batches([1, 2])[2] == second


def test_records_are_called_by_their_key_also_when_they_are_gone(filled: Filled) -> None:
    filled.fill("units", {"code": "U1", "name": "一"}, {"code": "U2", "name": "二"})
    filled.fill("units", {"code": "U1", "name": "一"}, complete=True, valid_from=NOON)
    ids = {one.values["code"]: one.id for one in filled.inventory.records(UNITS, Moment(NOON - 1))}
    assert filled.inventory.named(UNITS, ids.values(), Moment(NOON)) == {id_: code for code, id_ in ids.items()}
    assert filled.inventory.count(UNITS, Moment(NOON)) == 1
    assert [name for _, name in filled.inventory.columns(UNITS, ("name",), Moment(NOON))] == ["一"]
    assert [one.values["name"] for one in filled.inventory.records(UNITS, Moment(NOON - 1), {"code": "U2"})] == ["二"]
