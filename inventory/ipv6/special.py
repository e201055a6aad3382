"""Whether an IPv6 address is one at which the Internet can reach a site, by IANA's registries as data (special.yml).

The standard library's `is_global` does not serve: it takes 6to4 and the translation prefix for global.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from ipaddress import AddressValueError, IPv6Address, IPv6Network
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Block:
    """An entry of the registry; `site`: whether a web site may stand in it."""

    network: IPv6Network
    name: str
    rfc: str
    site: bool


@dataclass(frozen=True, slots=True)
class Registry:
    """Special blocks, the most specific first, and what is allocated as global unicast."""

    unicast: IPv6Network
    blocks: tuple[Block, ...]

    def why_not(self, address: str) -> str:
        """Why a site does not stand at an address: the name of its block; empty where it may."""
        try:
            found = IPv6Address(address)
        except AddressValueError:
            return "not an IPv6 address"
        block = next((one for one in self.blocks if found in one.network), None)
        if block is not None:
            return "" if block.site else f"{block.name}, {block.network}, {block.rfc}"
        return "" if found in self.unicast else f"not in {self.unicast}"

    def usable(self, address: str) -> bool:
        """Whether a site may stand at an address; true of IPv4, of which this registry does not speak."""
        return ":" not in address or not self.why_not(address)


@cache
def registry() -> Registry:
    """The registry that comes with the product."""
    text = (files(__package__) / "special.yml").read_text(encoding="utf-8")
    told: dict[str, Any] = yaml.safe_load(text)
    blocks = [
        Block(IPv6Network(one["block"]), one["name"], one["rfc"], one.get("site", one["global"]) is True)
        for one in told["blocks"]
    ]
    blocks.sort(key=lambda block: -block.network.prefixlen)
    return Registry(IPv6Network(told["global_unicast"]), tuple(blocks))
