import csv
from pathlib import Path

from inventory.foreign.mappings import mapped
from inventory.foreign.model import NOTHING_ASSUMED, Assumed, Proposal
from inventory.foreign.netbox import flattened, kind_of, kinds, object_row, read_netbox
from sensors.errors import Place

DEVICE = {
    "id": 1, "name": "core-1", "asset_tag": None, "status": {"value": "active", "label": "Active"},
    "device_type": {"model": "SN-9000", "manufacturer": {"name": "Synthetic"}}, "tenant": None, "serial": "",
    "site": {"name": "合成机房", "slug": "dc"}, "primary_ip4": {"address": "192.0.2.1/24"},
    "primary_ip6": {"address": "2001:db8::1/64"}, "custom_fields": {"x": 1}, "tags": [{"name": "synthetic"}],
}  # fmt: skip


def test_an_object_of_the_api_becomes_the_row_that_the_table_has() -> None:
    row = object_row(kinds()["devices"], DEVICE, Place("x", 1), NOTHING_ASSUMED)
    assert isinstance(row, Proposal)
    assert row.cells == {
        "code": "core-1", "name": "core-1", "vendor": "Synthetic", "model": "SN-9000", "data_centre": "合成机房",
        "addresses": "192.0.2.1; 2001:db8::1", "state": "in_service",
    }  # fmt: skip


def test_what_is_no_object_is_told() -> None:
    odds: tuple[object, ...] = (None, 5, [], "x", {})
    for odd in odds:
        assert not isinstance(object_row(kinds()["sites"], odd, Place("x", 1), NOTHING_ASSUMED), Proposal)


def test_objects_of_any_shape_are_flat_texts() -> None:
    odd = {"a": [1], "b": {"c": {"d": 1}}, "vlan": {"vid": 7}, "device_type": 5, "primary_ip4": "x/y", "n": 1.5}
    assert {key: text for key, text in flattened(odd).items() if text} == {
        "vlan": "7", "device_type": "5", "primary_ip4": "x/y", "primary_ip4_address": "x", "n": "1.5",
    }  # fmt: skip


def test_headings_may_come_in_any_order_and_spelling() -> None:
    head = '\ufeff"Status";"VRF";"Prefix";"Utilization"\n'.encode()
    kind = kind_of(head)
    assert kind is not None
    assert kind.name == "prefixes"
    assert kind_of(b"name,description\n") is None


def test_what_a_table_lacks_is_assumed(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    with path.open("w", newline="", encoding="utf-8") as opened:
        csv.writer(opened).writerows([["prefix", "vrf", "status"], ["192.0.2.0/24", "", "active"], ["x", "a", "=1+1"]])
    first, second = read_netbox(path, Assumed({"space": "global", "nothing": "x", "code": "y"}))
    assert isinstance(first, Proposal)
    assert isinstance(second, Proposal)
    assert first.cells == {"network": "192.0.2.0/24", "space": "global", "state": "in_use"}
    assert second.cells == {"network": "x", "space": "a", "state": "=1+1"}, "told when it is imported"


def test_every_kind_is_told_by_columns_that_it_knows() -> None:
    for kind in mapped("netbox"):
        if kind.columns:
            assert kind.told_by <= set(kind.columns.values()), kind.name
            wanted = {column for ways in kind.fields.values() for way in ways for column in way.columns}
            assert {one for one in wanted if not one.endswith("_address")} <= set(kind.columns.values()), kind.name
