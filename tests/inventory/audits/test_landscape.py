from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from inventory.audits.landscape import Landscape
from inventory.days import end_of
from inventory.model import Moment, Register
from tests.inventory.audits.conftest import City
from tests.inventory.audits.test_service import DAY, TWO_DISTRICTS
from tests.inventory.filling import Filled

CITY: Mapping[str, Sequence[Mapping[str, Any]]] = TWO_DISTRICTS


class _Counting:
    """Registers that say how often and for which fields they were read."""

    def __init__(self, filled: Filled) -> None:
        self._inventory = filled.inventory
        self.asked: list[tuple[str, Sequence[str]]] = []

    def columns(self, register: Register, keys: Sequence[str], moment: Moment) -> Iterator[tuple[Any, ...]]:
        self.asked.append((register.name, tuple(keys)))
        return self._inventory.columns(register, keys, moment)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inventory, name)


def _land(filled: Filled) -> tuple[Landscape, _Counting]:
    counting = _Counting(filled)
    return Landscape(counting, Moment(end_of(DAY) - 1), DAY), counting


def test_columns_that_are_known_to_be_needed_are_read_together_and_others_when_they_are_asked_for(city: City) -> None:
    land, counting = _land(city(CITY))
    land.need("systems", "unit.district.name")
    assert counting.asked == []
    assert len(land.table("systems")) == 5
    assert counting.asked == [("systems", ("code", "unit"))]
    assert sorted(land.table("systems").column("name")) == ["无主", "系统1", "系统2", "系统3", "系统4"]
    assert land.values("systems", "unit.district.name", range(5)).count("江岸区") == 1
    assert [name for name, _ in counting.asked] == ["systems", "systems", "units", "districts"]


def test_a_path_that_ends_early_is_not_known(city: City) -> None:
    land, _ = _land(city(CITY))
    codes = land.table("systems").column("code")
    found = dict(zip(codes, land.values("systems", "unit.district.code", range(5)), strict=True))
    assert found == {"S1": "420102", "S2": None, "S3": "420103", "S4": "4201021", "S5": None}


def test_references_are_shown_as_people_know_them(city: City) -> None:
    filled = city({"address_spaces": [{"name": "网"}], "prefixes": [{"network": "10.0.0.0/24", "space": "网"}]})
    land, _ = _land(filled)
    space = land.table("prefixes").column("space")[0]
    assert land.shown("prefixes", "space", space) == "网"
    assert land.shown("prefixes", "network", "10.0.0.0/24") == "10.0.0.0/24"
    assert land.shown("systems", "depends_on", ["not there"]) == ["not there"]
    assert land.key("prefixes", 0) == "网 10.0.0.0/24"
    assert land.shown("prefixes", "space", None) is None


def test_who_answers_for_a_record_is_found_along_its_references(city: City) -> None:
    land, _ = _land(city(CITY | {"installations": [{"asset": "A1", "software": "W1"}]}))
    unit = land.unit_of("installations", 0)
    assert land.named("units", unit) == "U3"
    assert land.named("districts", land.district_of("installations", 0)) == "420103"
    assert land.unit_of("software", 0) is None
    assert land.name("units", unit) == "区局"
    assert land.name("units", None) == land.name("installations", land.table("installations").ids[0]) == ""
