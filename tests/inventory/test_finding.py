import pytest

from inventory.errors import RecordNotUnique, RecordUnknown
from inventory.finding import find
from inventory.model import Moment
from inventory.registers import registers
from tests.inventory.filling import NOON, Filled

UNITS, PREFIXES = registers()["units"], registers()["prefixes"]


def test_a_record_is_found_by_its_key_another_name_or_its_id(filled: Filled) -> None:
    filled.fill("units", {"code": "U1", "name": "市局", "credit_code": "91"}, {"code": "U2", "name": "分局"})
    id_ = find(filled.inventory, UNITS, "U1", Moment(NOON))
    for name in ("市局", "91", id_):
        assert find(filled.inventory, UNITS, name, Moment(NOON)) == id_
    with pytest.raises(RecordUnknown) as refused:
        find(filled.inventory, UNITS, "市居", Moment(NOON))
    assert refused.value.parameters["nearest"] == "市局"


def test_a_key_of_several_fields_is_divided_by_blanks(filled: Filled) -> None:
    filled.fill("address_spaces", {"name": "a"}, {"name": "b"})
    filled.fill("prefixes", {"space": "a", "network": "10.0.0.0/8"}, {"space": "b", "network": "10.0.0.0/8"})
    found = {find(filled.inventory, PREFIXES, f"{space} 10.0.0.0/8", Moment(NOON)) for space in "ab"}
    assert len(found) == 2
    for name in ("c 10.0.0.0/8", "a 10.0.0.1/8", "a"):
        with pytest.raises(RecordUnknown):
            find(filled.inventory, PREFIXES, name, Moment(NOON))


def test_who_has_a_name_at_that_time_comes_before_who_had_it(filled: Filled) -> None:
    filled.fill("units", {"code": "U1", "name": "市局"}, {"code": "U2", "name": "新局"})
    filled.fill("units", {"code": "U1", "name": "旧局"}, {"code": "U2", "name": "市局"}, valid_from=NOON)
    assert find(filled.inventory, UNITS, "市局", Moment(NOON)) == find(filled.inventory, UNITS, "U2", Moment(NOON))
    assert find(filled.inventory, UNITS, "市局", Moment(NOON - 1)) == find(filled.inventory, UNITS, "U1", Moment(NOON))
    filled.fill("units", {"code": "U3", "name": "市局"}, valid_from=NOON)
    with pytest.raises(RecordNotUnique, match="U2, U3"):
        find(filled.inventory, UNITS, "市局", Moment(NOON))
