"""What registers declare of addresses, as it is compared with what was seen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from inventory.model import Moment, Register
from inventory.ports import Known
from inventory.registers import registers

IN_SERVICE: Final[Mapping[str, frozenset[str]]] = {
    "assets": frozenset({"in_service", "repair"}),
    "iot_devices": frozenset({"online", "offline"}),
    "cloud_resources": frozenset({"running", "stopped", "error"}),
}
"""Registers whose records have addresses, with the states in which they may be seen; without a state they may."""
_FIELDS: Final = ("state", "addresses", "mac", "hostname", "ipv6_capable", "unit", "name")


@dataclass(frozen=True, slots=True)
class Declared:
    """One record with addresses; `values` are those of its fields that can be seen."""

    register: str
    record: str
    key: str
    addresses: tuple[str, ...]
    values: Mapping[str, Any]


def declared(known: Known, moment: Moment) -> Iterator[Declared]:
    """All records that are in service at a moment and have addresses."""
    for name, states in IN_SERVICE.items():
        register = registers()[name]
        keys = [key for key in _FIELDS if key in register.by_key]
        for id_, key, *row in known.columns(register, (register.key[0], *keys), moment):
            values = {one: value for one, value in zip(keys, row, strict=True) if value is not None}
            state = values.pop("state", None)
            if values.get("addresses") and (state is None or state in states):
                addresses = tuple(values.pop("addresses"))
                yield Declared(name, id_, str(key), addresses, values)


def networks(known: Known, moment: Moment) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Registered prefixes with the unit's key that they belong to, where one is said."""
    register: Register = registers()["prefixes"]
    found = list(known.columns(register, ("network", "unit"), moment))
    names = known.named(registers()["units"], {unit for _, _, unit in found if unit}, moment)
    for _, network, unit in found:
        yield network, {"unit": names[unit]} if unit in names else {}
