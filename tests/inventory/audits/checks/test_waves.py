from hypothesis import given
from hypothesis import strategies as st

from inventory.audits.checks.waves import to_move, waves
from inventory.audits.landscape import Landscape
from inventory.model import Moment
from tests.inventory.audits.conftest import City
from tests.inventory.audits.fakes import Given

NUMBERS = st.integers(0, 11)


def _land(systems: dict[str, dict[str, object]]) -> Landscape:
    return Landscape(Given({"systems": systems}), Moment(0), "2026-09-30")


def test_what_others_depend_on_goes_first_and_circles_go_together() -> None:
    land = _land(
        {
            "a": {"code": "S1", "depends_on": ["b", "e"]},
            "b": {"code": "S2", "depends_on": ["c"]},
            "c": {"code": "S3", "depends_on": ["b", "d", "not there", "c"]},
            "d": {"code": "S4"},
            "e": {"code": "S5", "hosting": "city_cloud", "depends_on": ["a"]},
            "f": {"code": "S6", "classified": True},
            "g": {"code": "S7", "state": "retired"},
            "h": {"code": "S8", "migration": "exempt"},
        }
    )
    found = waves(land, ["city_cloud"])
    codes = land.table("systems").column("code")
    assert [[codes[row] for row in wave] for wave in found.waves] == [["S4"], ["S2", "S3"], ["S1"]]
    assert [[codes[row] for row in circle] for circle in found.circles] == [["S2", "S3"]]


@given(st.dictionaries(NUMBERS, st.sets(NUMBERS), max_size=12), st.sets(NUMBERS))
def test_no_system_goes_before_what_it_depends_on(depends: dict[int, set[int]], there: set[int]) -> None:
    land = _land(
        {
            str(one): {
                "code": f"S{one:02}", "depends_on": [str(other) for other in sorted(others)],
                "hosting": "city_cloud" if one in there else "own_room",
            }
            for one, others in depends.items()
        }
    )  # fmt: skip
    found = waves(land, ["city_cloud"])
    wave_of = {row: number for number, wave in enumerate(found.waves) for row in wave}
    assert sorted(wave_of) == to_move(land, ["city_cloud"])
    rows, lists = land.table("systems").rows, land.table("systems").column("depends_on")
    together = {row: number for number, circle in enumerate(found.circles) for row in circle}
    for row, number in wave_of.items():
        for other in (rows.get(id_) for id_ in lists[row]):
            if other in wave_of and other != row:
                assert wave_of[other] < number or together.get(other, -1) == together.get(row, -2)


def test_registers_give_the_same_as_what_is_given(city: City) -> None:
    filled = city({"systems": [{"code": "S1", "name": "a", "depends_on": "S2"}, {"code": "S2", "name": "b"}]})
    land = Landscape(filled.inventory, Moment(filled.now), "2026-09-30")
    codes = land.table("systems").column("code")
    assert [[codes[row] for row in wave] for wave in waves(land, []).waves] == [["S2"], ["S1"]]
