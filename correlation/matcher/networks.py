"""Many networks at once: their ends cut the address space into intervals, each with its set of networks."""

import ipaddress
import socket
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from correlation.addresses import MAPPED

_NOTHING: frozenset[int] = frozenset()


class NetworkIndex:
    """Networks under an identity each; `find` gives the identities of those that an address lies in."""

    def __init__(self, networks: Iterable[tuple[int, str]]) -> None:
        found = [(identity, ipaddress.ip_network(network)) for identity, network in networks]
        self._tables = {
            size: _table([
                (int(network.network_address), int(network.broadcast_address) + 1, identity)
                for identity, network in found if network.version == version
            ])
            for size, version in ((4, 4), (16, 6))
        }

    def find(self, text: str) -> frozenset[int]:
        """Identities of the networks that hold the address in this text; none where it is no address."""
        octets = _octets(text)
        if octets is None:
            return _NOTHING
        found = self._holding(octets)
        # An IPv6 address that maps an IPv4 one lies in the networks of both.
        return found | self._holding(octets[12:]) if octets.startswith(MAPPED) else found

    def table(self, size: int) -> tuple[Sequence[int], Sequence[frozenset[int]]]:
        """Of addresses of 4 or 16 octets: where intervals begin, in order, and the identities of who holds each."""
        return self._tables[size]

    def _holding(self, octets: bytes) -> frozenset[int]:
        starts, owners = self._tables[len(octets)]
        position = bisect_right(starts, int.from_bytes(octets, "big")) - 1
        return owners[position] if position >= 0 else _NOTHING


def _octets(text: str) -> bytes | None:
    """The 4 or 16 octets of the address in a text, whatever zone it names; None where it is none."""
    try:
        if ":" not in text:
            return socket.inet_pton(socket.AF_INET, text.partition("%")[0])
        return socket.inet_pton(socket.AF_INET6, text.partition("%")[0])
    except (OSError, ValueError):  # ValueError: a NUL, or a character that ASCII does not have
        return None


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
