"""Entities that many share by nature, such as resolvers, gateways, accounts that every host has: they join nothing."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any, Final

from correlation.incidents.errors import PolicyUnusable
from correlation.incidents.model import Key, Kind
from sensors.errors import Place

_NAMED: Final[Mapping[str, Kind]] = {"user": "user", "host": "host", "asset": "asset", "system": "system"}
_REMEMBERED: Final = 65_536


class Shared:
    """The entities of `shared` lists: networks, and names by kind."""

    def __init__(self, said: Iterable[Mapping[str, Any]], name: str) -> None:
        """Read entries such as `{network: 10.20.0.53, reason: resolver}` or `{user: backup, reason: on every host}`.

        Raises:
            PolicyUnusable: an entry of the file `name` says neither, or no reason.
        """
        networks = []
        self._names: dict[Key, str] = {}
        for number, entry in enumerate(said, 1):
            place = Place(name, field=f"shared, entry {number}")
            kinds = entry.keys() - {"reason"} if isinstance(entry, Mapping) else set()
            if len(kinds) != 1 or not entry.get("reason"):
                raise PolicyUnusable(place=place, reason="wanted: network, user, host, asset or system; reason")
            (kind,) = kinds
            value, reason = str(entry[kind]), str(entry["reason"])
            if kind == "network":
                try:
                    networks.append((ip_network(value), reason))
                except ValueError as error:
                    raise PolicyUnusable(place=place, reason=str(error)) from error
            elif kind in _NAMED:
                self._names[Key(_NAMED[kind], value if kind in {"asset", "system"} else value.lower())] = reason
            else:
                raise PolicyUnusable(place=place, reason=f"unknown kind {kind}")
        self._networks = tuple(networks)
        self.reason = lru_cache(_REMEMBERED)(self._reason)

    def _reason(self, key: Key) -> str | None:
        """Why an entity joins nothing; None where it may."""
        if key.kind != "address":
            return self._names.get(key) or self._names.get(Key(key.kind, key.value.rpartition("/")[2]))
        try:
            address = ip_address(key.value.rpartition("/")[2].partition("%")[0])
        except ValueError:
            return None
        return next((reason for network, reason in self._networks if address in network), None)
