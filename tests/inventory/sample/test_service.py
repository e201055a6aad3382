import pytest

from inventory.days import begin_of, end_of
from inventory.errors import RegistersNotEmpty
from inventory.model import Moment
from inventory.registers import registers
from inventory.sample.city import Size
from inventory.sample.names import MARK, NOTE
from inventory.sample.service import SOURCE, fill
from tests.inventory.filling import NOON, Filled

SMALL = Size(0.02, 200)


def _filled(filled: Filled, seed: int = 1) -> dict[str, int]:
    told: dict[str, int] = {}
    fill(filled.inventory, seed, SMALL, NOON, lambda name, records: told.update({name: records}))
    return told


def test_the_city_is_there_and_everything_in_it_says_that_it_is_made_up(filled: Filled) -> None:
    told = _filled(filled)
    assert told["districts"] == 15
    assert told["iot_devices"] == 4_000
    for name, records in told.items():
        register = registers()[name]
        assert filled.inventory.count(register, Moment(NOON)) == records
        for record in filled.inventory.records(register, Moment(NOON)):
            marked = NOTE in str(record.values.get("note")) or str(record.values.get("name", "")).endswith(MARK)
            assert marked or name == "districts", record
    assert {one.by for one in filled.inventory.batches(range(1, filled.inventory.last() + 1)).values()} == {SOURCE}


def test_the_same_seed_makes_the_same_city(databases: object) -> None:
    both = []
    for name in ("one", "other"):
        filled = Filled(databases(name))  # type: ignore[operator]  # a fixture of both kinds
        _filled(filled)
        both.append([record.values for record in filled.inventory.records(registers()["systems"], Moment(NOON))])
    assert both[0] == both[1]


def test_it_has_a_history(filled: Filled) -> None:
    _filled(filled)
    shares = []
    for day in ("2021-01-01", "2023-06-30", "2026-01-01"):
        moment = Moment(end_of(day) - 1)
        hosting = [one for _, one in filled.inventory.columns(registers()["systems"], ("hosting",), moment)]
        shares.append(sum(one == "city_cloud" for one in hosting) / len(hosting))
    assert shares[0] < shares[1] < shares[2]
    assert filled.inventory.count(registers()["units"], Moment(begin_of("2021-01-01") - 1)) == 0


def test_it_is_never_mixed_with_what_is_there(filled: Filled) -> None:
    filled.fill("units", {"code": "U1", "name": "市局"})
    with pytest.raises(RegistersNotEmpty):
        _filled(filled)
