"""Exports go into real registers, and a second time change nothing."""

import shutil
from pathlib import Path

import pytest

from inventory.foreign.gathering import Gathered, gather
from inventory.foreign.model import Assumed
from inventory.foreign.reading import read_foreign
from inventory.importing.model import Wanted
from inventory.importing.planning import plan_import
from inventory.importing.writing import write_plan
from inventory.model import EVER, Batch
from inventory.registers import NAMES, registers
from tests.inventory.filling import Filled
from tests.inventory.foreign.test_reading import DATA

ASSUMED = Assumed({"space": "global"})


@pytest.fixture
def city(filled: Filled) -> Filled:
    """What the samples refer to and do not bring themselves."""
    filled.fill("districts", {"code": "D1", "name": "合成区"})
    filled.fill("units", {"code": "U1", "name": "合成信息中心"})
    filled.fill("address_spaces", {"name": "global"})
    tenants = ("6f70656e737461636b20342065766572", "0123456789abcdef0123456789abcdef")
    filled.fill("tenants", *({"code": one, "name": f"synthetic {one[:4]}"} for one in tenants))
    return filled


def take(filled: Filled, gathered: Gathered) -> list[str]:
    """What becomes of each row; faults as their codes."""
    told = []
    for (register, key), rows in gathered.rows.items():
        wanted = Wanted(EVER, filled.now, key)
        plan = plan_import(filled.inventory, registers()[register], rows, wanted)
        told += [one.becomes for one in plan.outcomes] + [one.code for one in plan.problems]
        write_plan(filled.inventory, plan, wanted, Batch(filled.now, "tests", "export"))
        filled.now += 1_000_000_000
    return told


@pytest.mark.parametrize(
    ("name", "new"),
    [("nmap.xml", 7), ("openstack_client.json", 2), ("openstack_servers.json", 2), ("huawei_cloud.json", 1),
     ("konveyor/applications.csv", 3)],
)  # fmt: skip
def test_an_export_is_taken_once(city: Filled, name: str, new: int) -> None:
    assert take(city, gather(read_foreign(DATA / name, ASSUMED))) == ["new"] * new
    assert take(city, gather(read_foreign(DATA / name, ASSUMED))) == ["same"] * new


def test_tables_of_netbox_refer_to_each_other(city: Filled, tmp_path: Path) -> None:
    order = ("sites", "vrfs", "tenants", "devices", "virtual_machines", "vlans", "prefixes", "circuits", "ip_addresses")
    told = {name: take(city, gather(read_foreign(DATA / "netbox" / f"{name}.csv", ASSUMED))) for name in order}
    assert told == {
        "sites": ["new"], "vrfs": ["new"], "tenants": ["new"], "devices": ["new", "new", "row-choice"],
        "virtual_machines": ["new"], "vlans": ["new"] * 3, "prefixes": ["new"] * 3, "circuits": ["new"] * 2,
        "ip_addresses": ["changed", "changed"],
    }  # fmt: skip
    shutil.copy(DATA / "netbox" / "ip_addresses.csv", tmp_path / "again.csv")
    assert take(city, gather(read_foreign(tmp_path / "again.csv", ASSUMED))) == ["same", "same"]


def test_rows_are_in_the_order_in_which_registers_refer_to_each_other() -> None:
    gathered = gather(read_foreign(DATA / "nmap.xml"))
    order = [NAMES.index(register) for register, _ in gathered.rows]
    assert order == sorted(order)
    assert [len(rows) for rows in gathered.rows.values()] == [2, 2, 3]
    assert [one.code for one in gathered.problems] == ["foreign-entry-unusable"]
    assert gathered.proposals[0].evidence["tcp/443"] == "ssl/http nginx"
