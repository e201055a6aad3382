"""Many networks at once: their ends cut the address space into intervals, each with its set of networks."""

import ipaddress
from bisect import bisect_right
from collections.abc import Iterable

from correlation.matcher.predicates import addresses

_NOTHING: frozenset[int] = frozenset()


class NetworkIndex:
    """Networks under an identity each; `find` gives the identities of those that an address lies in."""

    def __init__(self, networks: Iterable[tuple[int, str]]) -> None:
        found = [(identity, ipaddress.ip_network(network)) for identity, network in networks]
        self._tables = {
            version: _table([
                (int(network.network_address), int(network.broadcast_address) + 1, identity)
                for identity, network in found if network.version == version
            ])
            for version in (4, 6)
        }

    def find(self, text: str) -> frozenset[int]:
        """Identities of the networks that hold the address in this text; none where it is no address."""
        result = _NOTHING
        for address in addresses(text):
            starts, owners = self._tables[address.version]
            position = bisect_right(starts, int(address)) - 1
            if position >= 0:
                result |= owners[position]
        return result


def _table(ranges: list[tuple[int, int, int]]) -> tuple[list[int], list[frozenset[int]]]:
    changes: dict[int, tuple[list[int], list[int]]] = {}
    for start, end, identity in ranges:
        changes.setdefault(start, ([], []))[0].append(identity)
        changes.setdefault(end, ([], []))[1].append(identity)
    starts, owners, current = [], [], _NOTHING
    for point in sorted(changes):
        begun, ended = changes[point]
        current = current.difference(ended).union(begun)
        starts.append(point)
        owners.append(current)
    return starts, owners
