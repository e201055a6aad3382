"""The table: an address or a host's name in, what is known about it out, at all times at once.

Ranges may lie in each other and cross. Where the table is built they are cut into stretches in which the same entries
hold, so that a look-up is one binary search. Field by field the most specific entry counts that is valid and says
something: an asset's line need not repeat what the address plan says of its network.
"""

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from correlation.context.addresses import is_public
from correlation.context.model import INTERNET, Address, Entry, Known, Range
from correlation.context.timeline import Found, combined, merged, told

DEFAULT: Final = ""
"""The space of events that fit no other."""

_DEEPEST: Final = 64
"""Entries around one address that are asked, the most specific ones: if all ranges cross, all would cost a square."""


@dataclass(frozen=True, slots=True)
class Stretches:
    """Answers by address: `found[i]` holds from `starts[i]` to before `starts[i + 1]`."""

    starts: Sequence[int]
    found: Sequence[Found]

    def at(self, number: int) -> Found:
        """What is known of the address with this number."""
        place = bisect_right(self.starts, number) - 1
        return self.found[place] if place >= 0 else None


class Table:
    """What all entries say, by address space."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        ranges: dict[tuple[str, int], list[tuple[Range, int, Entry]]] = defaultdict(list)
        hosts: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        for order, entry in enumerate(entries):
            if entry.range is not None:
                ranges[entry.space, entry.range.version].append((entry.range, order, entry))
            if entry.host is not None:
                hosts[entry.space, entry.host].append(entry)
        self._stretches: Mapping[tuple[str, int], Stretches] = {key: _cut(own) for key, own in ranges.items()}
        self._hosts: Mapping[tuple[str, str], Found] = {
            (space, name): self._host(own, space) for (space, name), own in hosts.items()
        }

    def address(self, address: Address, space: str = DEFAULT) -> Found:
        """What is known of an address; of one that no entry covers, that it is of the Internet if it is public.

        A private address means another host in each space; what is said of public ones without a space holds in all.
        """
        found = self._told(address, space)
        if found.__class__ is Known or not is_public(address):  # what is known at all times, mostly
            return found
        return combined(found, INTERNET, _unless_known)

    def told(self, address: Address, space: str = DEFAULT) -> Found:
        """What entries alone say of an address."""
        return self._told(address, space)

    def host(self, name: str, space: str = DEFAULT) -> Found:
        """What is known of a host by its name, which is of this space; the case of its letters does not count."""
        return self._hosts.get((space, name)) or self._hosts.get((space, name.lower()))

    def _told(self, address: Address, space: str) -> Found:
        own = self._stretches.get((space, address.version))
        found = own.at(address.number) if own else None
        if space != DEFAULT and is_public(address):
            return combined(found, self._told(address, DEFAULT), merged)
        return found

    def _host(self, entries: Sequence[Entry], space: str) -> Found:
        """What entries of one name say; where they give it one address, also what the plan says of that."""
        found = told(entries)
        for entry in entries:
            if entry.range is not None and entry.range.size == 1:
                plan = self._told(Address(entry.range.version, entry.range.first), space)
                found = combined(found, plan, _if_known)
        return found


def _unless_known(upper: Known | None, lower: Known | None) -> Known | None:
    return lower if upper is None else upper


def _if_known(upper: Known | None, lower: Known | None) -> Known | None:
    return None if upper is None else merged(upper, lower)


def _cut(ranges: Sequence[tuple[Range, int, Entry]]) -> Stretches:
    """Ranges of one space and version as stretches: a sweep over all places where one begins or ends."""
    changes: dict[int, list[tuple[bool, int, int, Entry]]] = defaultdict(list)
    for one, order, entry in ranges:
        changes[one.first].append((True, one.size, order, entry))
        changes[one.last + 1].append((False, one.size, order, entry))
    open_now: list[tuple[int, int]] = []
    entries: dict[int, Entry] = {}
    memo: dict[tuple[tuple[int, int], ...], Found] = {}
    starts: list[int] = []
    found: list[Found] = []
    for number in sorted(changes):
        for begins, size, order, entry in changes[number]:
            if begins:
                entries[order] = entry
                insort(open_now, (size, order))
            else:
                open_now.pop(bisect_right(open_now, (size, order)) - 1)
        key = tuple(open_now[:_DEEPEST])
        if key not in memo:
            memo[key] = told([entries[order] for _, order in key])
        if not found or memo[key] != found[-1]:
            starts.append(number)
            found.append(memo[key])
    return Stretches(starts, found)
