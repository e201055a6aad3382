"""Which of many networks an address is in: the smallest that holds it, by one look-up for each length that occurs."""

from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from typing import Generic, TypeVar

_Any = TypeVar("_Any")


class Prefixes(Generic[_Any]):
    """Networks with what belongs to each; of the same network the last one counts."""

    def __init__(self, networks: Iterable[tuple[str, _Any]]) -> None:
        by_length: dict[tuple[int, int], dict[int, _Any]] = {}
        for text, value in networks:
            network = ip_network(text)
            shift = network.max_prefixlen - network.prefixlen
            by_length.setdefault((network.version, shift), {})[int(network.network_address) >> shift] = value
        self._by_length = sorted(by_length.items(), key=lambda one: one[0])

    def find(self, address: str) -> _Any | None:
        """What belongs to the smallest network that holds an address; None where none does, or it is no address."""
        try:
            found = ip_address(address)
        except ValueError:
            return None
        number = int(found)
        for (version, shift), values in self._by_length:
            if version == found.version and number >> shift in values:
                return values[number >> shift]
        return None
