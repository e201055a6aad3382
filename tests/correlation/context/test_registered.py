from sqlalchemy import Engine

from correlation.context.addresses import address_of
from correlation.context.model import Known
from correlation.context.registered import registered
from correlation.context.table import Table
from correlation.context.timeline import known_at
from tests.inventory.filling import NOON, Filled

DAY = 86_400_000_000_000


def _known(filled: Filled, address: str, space: str = "", moment: int = NOON) -> Known | None:
    found = address_of(address)
    assert found is not None
    return known_at(Table(registered(filled.inventory).entries).address(found, space), moment)


def _city(engine: Engine) -> Filled:
    filled = Filled(engine)
    filled.fill("districts", {"code": "420106", "name": "武昌区"}, {"code": "420111", "name": "洪山区"})
    filled.fill("units", {"code": "U1", "name": "市卫健委", "district": "武昌区"}, {"code": "U2", "name": "洪山分局"})
    filled.fill("address_spaces", {"name": "extranet"}, {"name": "tenant-a", "vlans": "100; 101"})
    filled.fill("systems", {"code": "S1", "name": "医院系统", "unit": "U1", "mlps_grade": "三级"})
    filled.fill("prefixes", {"network": "10.8.0.0/16", "space": "extranet", "domain": "政务外网", "district": "洪山区"})
    filled.fill(
        "assets",
        {
            "code": "A1", "name": "his-db-1", "system": "医院系统", "addresses": "10.8.1.20; 10.8.1.21",
            "hostname": "his",
        },
        {"code": "A2", "name": "gone", "addresses": "10.8.1.30", "state": "报废"},
    )  # fmt: skip
    return filled


def test_an_address_is_known_by_its_asset_and_whatever_that_belongs_to(engine: Engine) -> None:
    filled = _city(engine)
    known = Known("his-db-1", "医院系统", "市卫健委", "武昌区", "extranet", 3)
    assert _known(filled, "10.8.1.20") == _known(filled, "10.8.1.21") == known
    # What has been scrapped leaves the network to the address plan.
    assert _known(filled, "10.8.1.30") == Known(district="洪山区", domain="extranet")
    assert Table(registered(filled.inventory).entries).host("HIS", "") == known


def test_what_changed_holds_from_that_moment_on(engine: Engine) -> None:
    filled = _city(engine)
    filled.fill("units", {"code": "U1", "name": "市卫生健康委"}, valid_from=NOON)
    filled.fill("cii", {"code": "C1", "name": "医疗", "sector": "卫生", "systems": "S1"}, valid_from=NOON + DAY)
    before, now, then = (_known(filled, "10.8.1.20", moment=NOON + days * DAY) for days in (-1, 0, 1))
    assert before is not None
    assert now is not None
    assert then is not None
    assert [one.unit for one in (before, now, then)] == ["市卫健委", "市卫生健康委", "市卫生健康委"]
    assert [one.cii for one in (before, now, then)] == [False, False, True]


def test_tenants_may_have_the_same_addresses(engine: Engine) -> None:
    filled = _city(engine)
    filled.fill("tenants", {"code": "T1", "name": "甲", "unit": "U2", "space": "tenant-a"})
    filled.fill("cloud_resources", {"code": "V1", "name": "web", "tenant": "T1", "addresses": "10.8.1.20"})
    assert _known(filled, "10.8.1.20", "tenant-a") == Known("web", None, "洪山分局", None, "tenant")
    ours = _known(filled, "10.8.1.20")
    assert ours is not None
    assert ours.asset == "his-db-1"
    (space,) = registered(filled.inventory).spaces
    assert (space.name, space.vlan) == ("tenant-a", {"100", "101"})


def test_devices_that_sense_are_of_that_domain(engine: Engine) -> None:
    filled = _city(engine)
    camera = {"code": "42010600001320000001", "name": "街口", "addresses": "10.60.0.1", "district": "武昌区"}
    filled.fill("iot_devices", camera)
    assert _known(filled, "10.60.0.1") == Known("街口", district="武昌区", domain="iot")


def test_an_empty_inventory_says_nothing(engine: Engine) -> None:
    found = registered(Filled(engine).inventory)
    assert (found.entries, found.spaces) == ([], [])
