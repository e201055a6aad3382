"""Addresses against prefixes and against each other, space by space: half a million of them in one pass."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_network
from socket import AF_INET, AF_INET6, inet_pton
from typing import Any, Final

from inventory.audits.landscape import Landscape
from inventory.audits.model import Hit, Rule

_BITS: Final = {4: 32, 6: 128}
_IN_SERVICE: Final = (("assets", frozenset({"in_service"})), ("iot_devices", frozenset({"online", "offline"})))
_TOLD: Final = 3


class Prefixes:
    """The prefixes of one space and family, to be asked for the longest that holds an address."""

    def __init__(self, bits: int) -> None:
        self._bits = bits
        self._by_length: dict[int, dict[int, int]] = {}
        self._lengths: list[tuple[int, dict[int, int]]] = []

    def add(self, network: int, length: int, row: int) -> None:
        """Add the prefix that stands in this row."""
        self._by_length.setdefault(length, {})[network >> (self._bits - length)] = row
        self._lengths = [
            (self._bits - one, self._by_length[one]) for one in sorted(self._by_length, reverse=True)
        ]

    def find(self, address: int) -> int | None:
        """The row of the longest prefix that holds an address."""
        for shift, rows in self._lengths:
            row = rows.get(address >> shift)
            if row is not None:
                return row
        return None


def numbered(text: str) -> tuple[int, int]:
    """The family of an address, 4 or 6, and its number; registers hold addresses in their usual spelling."""
    if ":" in text:
        return 6, int.from_bytes(inet_pton(AF_INET6, text), "big")
    return 4, int.from_bytes(inet_pton(AF_INET, text), "big")


def outside(land: Landscape, _: Rule) -> Iterator[Hit]:
    """Assets in service with an address that no prefix of their space holds; spaces without any say nothing."""
    known = _prefixes(land)
    spaces = {space for space, _ in known}
    for register, row, space, text in _addresses(land):
        if space not in spaces:
            continue
        family, number = numbered(text)
        prefixes = known.get((space, family))
        if prefixes is None or prefixes.find(number) is None:
            yield Hit(register, row, text, {"address": text, "space": land.named("address_spaces", space)})


def in_released(land: Landscape, _: Rule) -> Iterator[Hit]:
    """Assets in service with an address in a prefix that nobody should use."""
    table = land.table("prefixes")
    states, networks = table.column("state"), table.column("network")
    if not any(state in {"released", "reserved"} for state in states):
        return
    known = _prefixes(land)
    for register, row, space, text in _addresses(land):
        family, number = numbered(text)
        prefixes = known.get((space, family))
        found = None if prefixes is None else prefixes.find(number)
        if found is not None and states[found] in {"released", "reserved"}:
            yield Hit(register, row, text, {"address": text, "prefix": networks[found]})


def same(land: Landscape, _: Rule) -> Iterator[Hit]:
    """What is in service and shares an address with something else in its space."""
    first: dict[tuple[Any, str], tuple[str, int]] = {}
    several: dict[tuple[Any, str], list[tuple[str, int]]] = {}
    for register, row, space, text in _addresses(land):
        one = (register, row)
        before = first.setdefault((space, text), one)
        if before != one:
            several.setdefault((space, text), [before]).append(one)
    for (space, text), holders in several.items():
        for one in holders:
            others = [land.key(*other) for other in holders[: _TOLD + 1] if other != one][:_TOLD]
            shown = {"address": text, "space": land.named("address_spaces", space), "others": others}
            yield Hit(*one, f"{space or ''} {text}", shown | {"number": len(holders)})


def overlaps(land: Landscape, _: Rule) -> Iterator[Hit]:
    """Prefixes that lie in a prefix of another unit in the same space, each told with the nearest around it."""
    table = land.table("prefixes")
    units, networks = table.column("unit"), table.column("network")
    for ordered in _ordered(land).values():
        around: list[tuple[int, int]] = []
        for begin, end, row in ordered:
            while around and around[-1][0] < begin:
                around.pop()
            outer = next((other for _, other in reversed(around) if units[other] not in {None, units[row]}), None)
            if outer is not None and units[row] is not None:
                shown = {
                    "prefix": networks[row], "other": networks[outer], "unit": land.named("units", units[row]),
                    "other_unit": land.named("units", units[outer]),
                }  # fmt: skip
                yield Hit("prefixes", row, networks[outer], shown)
            around.append((end, row))


def _ordered(land: Landscape) -> Mapping[tuple[Any, int], Sequence[tuple[int, int, int]]]:
    """By space and family first and last address of each prefix in use and its row, the wider before the narrower."""
    table = land.table("prefixes")
    found: dict[tuple[Any, int], list[tuple[int, int, int]]] = defaultdict(list)
    columns = (table.column(key) for key in ("network", "space", "state"))
    for row, (text, space, state) in enumerate(zip(*columns, strict=True)):
        if state == "released":
            continue
        network = ip_network(text)
        begin = int(network.network_address)
        found[space, network.version].append((begin, begin + network.num_addresses - 1, row))
    for ranges in found.values():
        ranges.sort(key=lambda one: (one[0], -one[1]))
    return found


def _prefixes(land: Landscape) -> Mapping[tuple[Any, int], Prefixes]:
    found: dict[tuple[Any, int], Prefixes] = {}
    table = land.table("prefixes")
    for row, (text, space) in enumerate(zip(table.column("network"), table.column("space"), strict=True)):
        network = ip_network(text)
        kept = found.setdefault((space, network.version), Prefixes(_BITS[network.version]))
        kept.add(int(network.network_address), network.prefixlen, row)
    return found


def _addresses(land: Landscape) -> Iterator[tuple[str, int, Any, str]]:
    """Every address of what is in service: register, row, space, address."""
    for register, states in _IN_SERVICE:
        table = land.table(register)
        columns = (table.column(key) for key in ("addresses", "space", "state"))
        for row, (addresses, space, state) in enumerate(zip(*columns, strict=True)):
            if addresses and state in states:
                for text in addresses:
                    yield register, row, space, text
