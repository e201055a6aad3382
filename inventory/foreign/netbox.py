"""NetBox (4.x): tables by the headings of its import forms or of its pages, and the objects of its API.

How its columns become our fields is data (netbox.yml). Addresses name the device or machine that they belong to, so
that all of one owner become one row.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from inventory.foreign.documents import mapping, text
from inventory.foreign.errors import ForeignEntryUnusable
from inventory.foreign.mappings import Mapped, mapped
from inventory.foreign.model import Assumed, Format, Found, Proposal
from inventory.foreign.tables import headings_of, table_rows
from inventory.sheets.headings import Vocabulary
from inventory.sheets.model import Row
from sensors.errors import Place

NAME: Final = "netbox"
ADDRESSES: Final = "ipam/ip-addresses"
_OWNERS: Final = {"device": "addresses_of_devices", "virtual_machine": "addresses_of_machines"}
_NAMES: Final = ("value", "name", "model", "address", "display", "label")
"""By which member a nested object is named in a table: choices by value, types of devices by model."""


def kinds() -> Mapping[str, Mapped]:
    """The kinds of NetBox's objects that have a place in our registers, by name."""
    return {one.name: one for one in mapped(NAME)}


def kind_of(head: bytes) -> Mapped | None:
    """The kind of a table, by its first octets."""
    headings = headings_of(head)
    for kind in mapped(NAME):
        columns = Vocabulary(kind.columns)
        if kind.told_by <= {columns.keys.get(heading) for heading in headings}:
            return kind
    return None


def read_netbox(path: Path, assumed: Assumed) -> Iterator[Found]:
    """The rows of a table that NetBox exported, or that was written for its import."""
    with path.open("rb") as opened:
        kind = kind_of(opened.read(1 << 16))
    if kind is None:
        return
    owners = Owners()
    for row in table_rows(path, kind.columns):
        if not isinstance(row, Row):
            yield row
        elif kind.name in _OWNERS.values():
            yield from owners.add(row.cells, row.place)
        else:
            yield kind.proposal(row.cells, row.place, assumed)
    yield from owners.rows(assumed)


def object_row(kind: Mapped, said: Any, place: Place, assumed: Assumed) -> Found:
    """The row that an object of the API becomes."""
    if not mapping(said):
        return ForeignEntryUnusable(place=place, value=text(said)[:40], reason="foreign-no-object")
    return kind.proposal(flattened(said), place, assumed)


def flattened(said: Mapping[str, Any]) -> dict[str, str]:
    """An object's texts by the names of their columns: nested objects by their names."""
    flat = {}
    for column, value in said.items():
        nested = mapping(value)
        flat[column] = next(filter(None, (text(nested.get(name)) for name in _NAMES)), "") if nested else text(value)
    for column in ("primary_ip4", "primary_ip6"):
        flat[f"{column}_address"] = flat.get(column, "").partition("/")[0]
    device_type = mapping(said.get("device_type"))
    flat.setdefault("manufacturer", text(mapping(device_type.get("manufacturer")).get("name")))
    vlan = mapping(said.get("vlan"))
    if vlan:
        flat["vlan"] = text(vlan.get("vid"))
    return flat


class Owners:
    """Addresses by what they belong to."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], tuple[Place, dict[str, str], list[str]]] = {}

    def add(self, said: Mapping[str, str], place: Place) -> Iterator[Found]:
        """Takes one address; one that belongs to nothing is told."""
        column = next((one for one in _OWNERS if said.get(one)), None)
        address = said.get("address", "").partition("/")[0]
        if column is None or not address:
            yield ForeignEntryUnusable(place=place, value=said.get("address", ""), reason="foreign-no-owner")
            return
        entry = self._found.setdefault((column, said[column]), (place, {**said}, []))
        entry[2].append(address)

    def add_object(self, said: Any, place: Place) -> Iterator[Found]:
        """Takes an address of the API, which names the interface that it is assigned to, and that its device."""
        assigned = mapping(mapping(said).get("assigned_object"))
        owner = {column: text(mapping(assigned.get(column)).get("name")) for column in _OWNERS}
        yield from self.add(flattened(mapping(said)) | owner, place)

    def rows(self, assumed: Assumed) -> Iterator[Proposal]:
        """One row for each owner."""
        for (column, _), (place, said, addresses) in self._found.items():
            kind = kinds()[_OWNERS[column]]
            yield kind.proposal({**said, "address": "; ".join(addresses)}, place, assumed)
        self._found.clear()


NETBOX: Final = Format(
    NAME,
    lambda head: kind_of(head) is not None,
    read_netbox,
    "NetBox 4's import forms, and its REST API (netboxlabs.com/docs/netbox/integrations/rest-api)",
)
