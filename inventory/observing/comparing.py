"""What was seen beside what is declared: lists of differences, each with what shows it. Nothing is changed.

Somebody is gone only where one could have been seen: others of the same neighbourhood were, for long enough.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from ipaddress import ip_address
from typing import Any, Final

from inventory.observing.declared import Declared
from inventory.observing.model import Proposal, Seen, Sign
from inventory.observing.prefixes import Prefixes

NEIGHBOURS: Final = {4: 24, 6: 64}
"""Prefix lengths of neighbourhoods: whoever sees one address of it would see the others."""
_PROOFS: Final = 5


@dataclass(frozen=True, slots=True)
class Compared:
    """What comparing needs beside both sides.

    Attributes:
        today: the day on which it is asked.
        days: for how long what is in service may be silent.
        since: the first day of which anything was seen.
    """

    today: str
    days: int
    since: str

    @property
    def recently(self) -> str:
        """The day since which something must have been seen."""
        return (date.fromisoformat(self.today) - timedelta(days=self.days)).isoformat()


def differences(
    declared: Iterable[Declared], seen: Mapping[str, Sequence[Seen]], networks: Mapping[str, Mapping[str, str]],
    asked: Compared,
) -> Iterator[Proposal]:  # fmt: skip
    """All differences: what drifted and what is gone in the order of the registers, then what is unregistered."""
    recent = {address: [one for one in all_ if one.last >= asked.recently] for address, all_ in seen.items()}
    visible = {_neighbourhood(address) for address, some in recent.items() if some}
    by_mac = _by_mac(recent)
    known: set[str] = set()
    for one in declared:
        known.update(one.addresses)
        if any(recent.get(address) for address in one.addresses):
            yield from _drifted(one, recent, by_mac)
        elif asked.since <= asked.recently and any(_neighbourhood(address) in visible for address in one.addresses):
            yield _gone(one, seen)
    owners = Prefixes((network, owner) for network, owner in networks.items() if owner)
    for address in sorted(recent.keys() - known, key=_order):
        if recent[address]:
            yield _unregistered(address, recent[address], owners)


def _drifted(one: Declared, recent: Mapping[str, Sequence[Seen]], by_mac: Mapping[str, set[str]]) -> Iterator[Proposal]:
    now = [seen for address in one.addresses for seen in recent.get(address, ())]
    macs, names = _values(now, "mac"), _values(now, "host_name")
    changed: dict[str, Any] = {}
    if macs and "mac" in one.values and one.values["mac"] not in macs:
        changed["mac"] = macs[-1]
    if names and "hostname" in one.values and not any(_same_host(one.values["hostname"], name) for name in names):
        changed["hostname"] = names[-1]
    own = {*macs, *filter(None, [one.values.get("mac")])}
    beside = sorted({address for mac in own for address in by_mac.get(mac, ())})
    sixes = [address for address in (*one.addresses, *beside) if ":" in address and recent.get(address)]
    if sixes and one.values.get("ipv6_capable") is False:
        changed["ipv6_capable"] = True
    more = [address for address in beside if address not in one.addresses and "mac" in one.values]
    if more:
        changed["addresses"] = [*one.addresses, *more]
    if changed:
        said = {key: one.values.get(key, list(one.addresses) if key == "addresses" else None) for key in changed}
        proofs = [seen for address in (*one.addresses, *beside) for seen in recent.get(address, ())]
        yield _proposal("drifted", one, said, changed, proofs)


def _gone(one: Declared, seen: Mapping[str, Sequence[Seen]]) -> Proposal:
    return _proposal("gone", one, {}, {}, [some for address in one.addresses for some in seen.get(address, ())])


def _proposal(
    difference: Any, one: Declared, said: Mapping[str, Any], changed: Mapping[str, Any], proofs: Sequence[Seen]
) -> Proposal:
    last = max((proof.last for proof in proofs), default="")
    newest = sorted(proofs, key=lambda proof: proof.last, reverse=True)[:_PROOFS]
    return Proposal(
        difference, one.register, one.record, one.key, one.addresses[0], said, changed, last, newest
    )


def _unregistered(address: str, seen: Sequence[Seen], owners: Prefixes[Mapping[str, str]]) -> Proposal:
    found: dict[str, Any] = {"code": address, "addresses": [address], **(owners.find(address) or {})}
    for key, sign in (("mac", "mac"), ("hostname", "host_name")):
        if values := _values(seen, sign):  # type: ignore[arg-type]  # both are signs
            found[key] = values[-1]
    services = _values(seen, "service")
    names = _values(seen, "server_name")
    if services or names:
        found["note"] = "; ".join([*services, *names])
    last = max(one.last for one in seen)
    return Proposal("unregistered", "assets", "", address, address, {}, found, last, list(seen)[:_PROOFS])


def _by_mac(recent: Mapping[str, Sequence[Seen]]) -> Mapping[str, set[str]]:
    """Which addresses have a hardware address; of the link alone none is told, and a router's many say nothing."""
    found: dict[str, set[str]] = defaultdict(set)
    for address, some in recent.items():
        if not address.startswith("fe80:"):
            for mac in _values(some, "mac"):
                found[mac].add(address)
    return {mac: addresses for mac, addresses in found.items() if len(addresses) <= _OF_ONE_HOST}


_OF_ONE_HOST: Final = 16
"""Addresses that one host has at most: privacy extensions (RFC 8981) give it several a day."""


def _values(seen: Iterable[Seen], sign: Sign) -> list[str]:
    """What was seen of a kind, the newest last."""
    found = sorted((one.last, one.sighting.value) for one in seen if one.sighting.sign == sign)
    return list(dict.fromkeys(value for _, value in found))


def _same_host(one: str, other: str) -> bool:
    """Whether two names may be of one host: with its domain or without."""
    return one == other or one.partition(".")[0] == other.partition(".")[0]


def _neighbourhood(address: str) -> tuple[int, int]:
    found = ip_address(address)
    return found.version, int(found) >> (found.max_prefixlen - NEIGHBOURS[found.version])


def _order(address: str) -> tuple[int, int]:
    found = ip_address(address)
    return found.version, int(found)
