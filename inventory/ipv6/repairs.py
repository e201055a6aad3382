"""What has to be mended, by whom, and what it would bring: findings that one act mends are one repair."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal, TypeAlias

import yaml

from inventory.ipv6.findings import Finding
from inventory.ipv6.model import Fault, Measurement

Mender: TypeAlias = Literal["owner", "dns", "cloud", "cdn"]
MENDERS: Final[tuple[Mender, ...]] = ("owner", "dns", "cloud", "cdn")
"""The site's owner, who hosts its DNS, the cloud that it stands in, the network that delivers its content."""

_OF_DNS: Final = frozenset(
    {
        "no-record", "resolvers-differ", "lookup-fails", "dns", "address-special", "address-refused",
        "server-no-record", "servers-few", "server-silent", "server-lame",
    }
)  # fmt: skip
_OF_A_SERVER: Final = frozenset(
    {"refused", "unreachable", "reset", "timeout", "tls", "not-http", "slow", "unsteady", "port-closed", "certificate",
     "slow-connect", "slow-first", "slow-page", "slow-download", "port-exposed"}
)  # fmt: skip
"""Faults of whatever takes connections for a host; the rest is what the site's owner has put there."""
_BY_HOST: Final = frozenset({"refused", "unreachable", "reset", "timeout", "tls", "not-http", "slow", "no-record"})
"""Faults that are the same act of repair for every link of a host."""


@dataclass(frozen=True, slots=True)
class Repair:
    """One act: `reason` says what, `subject` of what; `points` are gained by it at most, `mends` are the findings."""

    mender: Mender
    reason: str
    subject: str
    detail: str
    points: float
    mends: tuple[str, ...]


def repairs(seen: Measurement, found: Sequence[Finding]) -> tuple[Repair, ...]:
    """By who can mend it, and for each what brings most first."""
    acts: dict[tuple[str, str], list[Finding]] = {}
    for one in found:
        subject = one.fault.host if one.fault.reason in _BY_HOST else one.fault.subject
        acts.setdefault((one.fault.reason, subject), []).append(one)
    made = [
        Repair(
            mender=mender_of(seen, group[0].fault),
            reason=reason,
            subject=subject,
            detail=group[0].fault.detail,
            points=sum(one.points for one in group),
            mends=tuple(one.id for one in group),
        )
        for (reason, subject), group in acts.items()
    ]
    return tuple(sorted(made, key=lambda one: (MENDERS.index(one.mender), -one.points, one.reason, one.subject)))


def mender_of(seen: Measurement, fault: Fault) -> Mender:
    """Who can mend a fault: whoever the host is aliased to, where that is a provider; else DNS or the owner."""
    if fault.reason in _OF_DNS or fault.reason in _OF_A_SERVER:
        provider = provider_of(_aliases(seen, fault.host))
        if provider:
            return provider
    return "dns" if fault.reason in _OF_DNS else "owner"


def provider_of(names: Iterable[str]) -> Mender | None:
    """The kind of provider that one of the names belongs to."""
    for name in names:
        for kind, suffixes in _providers().items():
            if any(name == suffix or name.endswith(f".{suffix}") for suffix in suffixes):
                return kind
    return None


def _aliases(seen: Measurement, host: str) -> set[str]:
    """Names that a host leads to, over either family: what has no AAAA has its alias with the A."""
    return {name for one in (*seen.lookups, *seen.known) if one.name == host for name in one.chain}


@cache
def _providers() -> dict[Mender, tuple[str, ...]]:
    told: dict[Mender, list[str]] = yaml.safe_load((files(__package__) / "providers.yml").read_text(encoding="utf-8"))
    return {kind: tuple(suffixes) for kind, suffixes in told.items()}
