"""What platforms can give, what tenants were promised, and what they have taken."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from inventory.audits.landscape import Landscape
from inventory.audits.model import Hit, Rule

_KINDS: Final = ("cores", "memory", "storage")
_GB: Final = {
    # What one unit of the register is, in GB; cores are cores. 1 TB of memory is 1024 GB, of storage 1000 GB.
    "platform": {"cores": 1.0, "memory": 1024.0, "storage": 1_000_000.0},
    "quota": {"cores": 1.0, "memory": 1.0, "storage": 1000.0},
    "resource": {"cores": 1.0, "memory": 1.0, "storage": 1.0},
}
_QUOTAS: Final = {"cores": "cores_quota", "memory": "memory_quota", "storage": "storage_quota"}


def overbooked(land: Landscape, rule: Rule) -> Iterator[Hit]:
    """Platforms whose tenants were promised more than there is."""
    for kind in _KINDS:
        yield from _beyond(land, rule, "cloud_platforms", kind, _promised(land, kind))


def overused(land: Landscape, rule: Rule) -> Iterator[Hit]:
    """Platforms whose tenants have more than there is."""
    platforms = land.table("tenants").column("platform")
    for kind in _KINDS:
        taken: dict[int, float] = defaultdict(float)
        for tenant, amount in _taken(land, kind).items():
            row = land.table("cloud_platforms").rows.get(platforms[tenant])
            if row is not None:
                taken[row] += amount
        yield from _beyond(land, rule, "cloud_platforms", kind, taken)


def over_quota(land: Landscape, rule: Rule) -> Iterator[Hit]:
    """Tenants that have more than they were promised."""
    for kind in _KINDS:
        yield from _beyond(land, rule, "tenants", kind, _taken(land, kind))


def below_plan(land: Landscape, rule: Rule) -> Iterator[Hit]:
    """What the platforms of the city can give together is less than the plan wants."""
    table = land.table("cloud_platforms")
    for kind, least in rule.parameters["least"].items():
        there = sum(
            amount or 0
            for amount, which in zip(table.column(kind), table.column("kind"), strict=True)
            if which in rule.parameters["kinds"]
        )
        if there < least:
            parameters = {"resource": kind, "there": round(there, 3), "least": least}
            yield Hit("cloud_platforms", None, kind, parameters)


def _promised(land: Landscape, kind: str) -> Mapping[int, float]:
    table, platforms = land.table("tenants"), land.table("cloud_platforms").rows
    found: dict[int, float] = defaultdict(float)
    for platform, quota in zip(table.column("platform"), table.column(_QUOTAS[kind]), strict=True):
        row = platforms.get(platform)
        if row is not None:
            found[row] += (quota or 0) * _GB["quota"][kind]
    return found


def _taken(land: Landscape, kind: str) -> Mapping[int, float]:
    table, tenants = land.table("cloud_resources"), land.table("tenants").rows
    found: dict[int, float] = defaultdict(float)
    for tenant, state, amount in zip(table.column("tenant"), table.column("state"), table.column(kind), strict=True):
        row = tenants.get(tenant)
        if row is not None and state != "deleted":
            found[row] += (amount or 0) * _GB["resource"][kind]
    return found


def _beyond(
    land: Landscape, rule: Rule, register: str, kind: str, taken: Mapping[int, float]
) -> Iterator[Hit]:
    """Where more is taken than there is; where nobody said how much there is, nothing is beyond it."""
    unit, key = ("platform", kind) if register == "cloud_platforms" else ("quota", _QUOTAS[kind])
    limits = land.table(register).column(key)
    for row, amount in sorted(taken.items()):
        limit = limits[row]
        if limit is not None and amount > limit * _GB[unit][kind] * rule.parameters["ratio"][kind]:
            used = round(amount / _GB[unit][kind], 3)
            parameters = {"resource": kind, "used": used, "limit": limit, "ratio": rule.parameters["ratio"][kind]}
            yield Hit(register, row, kind, parameters)
