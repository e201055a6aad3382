"""Which addresses are ours."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Final

_NOBODYS: Final = [
    ip_network(network)
    for network in ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::/127", "fe80::/10", "ff00::/8")
]
"""This network, loopback, link-local, multicast, reserved and broadcast (RFC 6890, RFC 5771)."""

class Places:
    """Networks that are watched from inside: what they talk to outside of them is abroad.

    Addresses that no single host beyond the next router has, such as broadcast and multicast, are neither.
    """

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = [ip_network(network) for network in networks]
        self._where = lru_cache(65_536)(self._asked)

    def _asked(self, address: str) -> str:
        try:
            found = ip_address(address)
        except ValueError:
            return "nowhere"
        if any(found in network for network in self._networks):
            return "inside"
        return "nowhere" if any(found in network for network in _NOBODYS) else "abroad"

    def leaves(self, source: str, destination: str) -> bool:
        """Whether a conversation goes from inside to abroad."""
        return self._where(source) == "inside" and self._where(destination) == "abroad"
