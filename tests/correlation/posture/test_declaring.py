from correlation.context.addresses import range_of
from correlation.context.model import Entry, Known, Space
from correlation.context.table import Table
from correlation.posture.declaring import Declared, Seen, cells, declared
from correlation.posture.landscape import Landscape
from tests.correlation.posture.making import DAY, NOON, POLICY


def land(*entries: Entry, spaces: tuple[str, ...] = ()) -> Landscape:
    """What some entries declare."""
    return Landscape(entries, [Space(name, frozenset("1")) for name in spaces], Table(entries))


def entry(network: str | None = None, *, host: str | None = None, space: str = "", **said: object) -> Entry:
    """An entry of a context file."""
    times = {key: said.pop(key) for key in ("valid_from", "valid_to") if key in said}
    known = Known(**said)  # type: ignore[arg-type]  # as the test says
    return Entry(known, range_of(network) if network else None, host, space, **times)  # type: ignore[arg-type]  # likewise


def found(*entries: Entry, seen: Seen = Seen(), moment: int = NOON, spaces: tuple[str, ...] = ()) -> dict[str, object]:  # noqa: B008 - a frozen value
    """The cells of some entries by unit, district, tenant and sector."""
    made = cells(declared(land(*entries, spaces=spaces), moment), seen, POLICY)
    return {f"{one.unit}/{one.district}/{one.space}/{one.sector}": (one.seen, one.declared) for one in made}


def test_an_asset_gets_unit_and_district_from_the_plan_around_it() -> None:
    plan = entry("10.8.0.0/16", unit="health", district="A")
    assert found(plan, entry("10.8.1.20", asset="his")) == {"health/A//": (0, 1)}
    host = entry(host="his", asset="his", unit="clinic", district="B")
    assert found(plan, host) == {"health/A//": (0, 0), "clinic/B//": (0, 1)}


def test_a_unit_without_assets_is_declared_all_the_same() -> None:
    whole = entry("10.0.0.0/8", district="A")
    assert found(whole, entry("10.8.0.0/16", unit="health")) == {"health/A//": (0, 0)}
    # One entry tells where it is, another does not: it is there.
    assert found(entry("10.8.0.0/16", unit="u", district="A"), entry("10.9.0.0/16", unit="u")) == {"u/A//": (0, 0)}


def test_a_dash_of_a_spreadsheet_is_no_district() -> None:
    assert found(entry("10.8.1.20", asset="his", unit="u", district="-")) == {"u///": (0, 1)}
    assert found(entry("10.8.0.0/16", unit="u", district="-")) == {"u///": (0, 0)}


def test_what_is_not_valid_at_the_moment_is_not_declared() -> None:
    former = entry("10.8.1.20", asset="old", unit="u", valid_to=NOON - DAY)
    assert found(former) == {}
    assert found(former, moment=NOON - 2 * DAY) == {"u///": (0, 1)}


def test_assets_are_counted_once_and_by_address_space() -> None:
    entries = (
        entry("10.8.1.20", asset="db", unit="u"), entry("10.8.1.21", asset="db", unit="u"),
        entry("10.8.1.20", asset="db", unit="u", space="tenant-a"),
    )  # fmt: skip
    seen = Seen(frozenset({("", "db")}))
    assert found(*entries, seen=seen, spaces=("tenant-a",)) == {"u///": (1, 1), "u//tenant-a/": (0, 1)}


def test_a_network_of_critical_infrastructure_is_in_its_sector_whether_it_has_assets_or_not() -> None:
    plan = entry("10.8.0.0/16", unit="water", district="A", cii=True, grade=4)
    assert found(plan) == {"water/A//-": (0, 0)}
    assert found(plan, entry("10.8.1.1", asset="pump")) == {"water/A//-": (0, 1)}
    office = entry("10.8.2.0/24", unit="water", district="A", cii=False)
    assert found(plan, office, entry("10.8.2.9", asset="pc")) == {"water/A//": (0, 1), "water/A//-": (0, 0)}


def test_critical_infrastructure_is_in_the_sector_that_names_it_or_in_none() -> None:
    made = declared(land(entry("10.8.1.20", asset="his", unit="u", system="HIS", cii=True, grade=3)), NOON)
    (cell,) = cells(made, Seen(units=frozenset({"u"})), POLICY)
    assert (cell.sector, cell.cii, cell.grade, cell.heard, cell.unseen) == ("-", True, 3, True, ("his",))
    assert cells(Declared(), Seen(), POLICY) == ()
