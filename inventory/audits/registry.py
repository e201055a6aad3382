"""The checks that are computed, by the rule that they serve; every other rule declares what it finds.

Beside each check stand the columns that it reads, so that they are fetched together with those of all other checks.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from inventory.audits.checks import addresses, capacity, cloud, data, references, support, waves
from inventory.audits.landscape import Landscape
from inventory.audits.model import Hit, Rule
from inventory.registers import registers

Check: TypeAlias = Callable[[Landscape, Rule], Iterator[Hit]]


@dataclass(frozen=True, slots=True)
class Computed:
    """A check in code: what it looks at, `register.field`, of the register first that it is about."""

    check: Check
    reads: tuple[str, ...]


def _of(register: str, *fields: str) -> tuple[str, ...]:
    return tuple(f"{register}.{field}" for field in fields)


_SYSTEMS: Final = _of("systems", "code", "state", "classified", "hosting", "migration")
_EXCLUSIONS: Final = _of("exclusions", "indicator", "register", "record", "approved_on", "expires_on")
_RESOURCES: Final = _of("cloud_resources", "tenant", "state", "cores", "memory", "storage")
_TENANTS: Final = _of("tenants", "platform", "cores_quota", "memory_quota", "storage_quota")
_PLATFORMS: Final = _of("cloud_platforms", "kind", "cores", "memory", "storage")
_ADDRESSES: Final = (*_of("assets", "addresses", "space", "state"), *_of("iot_devices", "addresses", "space", "state"))
_PREFIXES: Final = _of("prefixes", "network", "space", "state", "unit")


def _references() -> Iterator[str]:
    for name, register in registers().items():
        yield from (f"{name}.{field.key}" for field in register.fields if field.register)


def _trees() -> Iterator[str]:
    for name, register in registers().items():
        yield from (f"{name}.{field.key}" for field in register.fields if field.tree)


COMPUTED: Final[Mapping[str, Computed]] = {
    # In the order of the audits.
    "data.review-old": Computed(
        data.unreviewed,
        (*_of("data_catalogue", "unit", "grade"), *_of("data_reviews", "unit", "items", "reviewed_on")),
    ),
    "cloud.rate": Computed(cloud.below_target, (*_SYSTEMS, *_EXCLUSIONS)),
    "cloud.stage-gate": Computed(
        cloud.gates, (*_SYSTEMS, *_of("systems", "mlps_grade", "owner", "tenant", "migrated_on"))
    ),
    "cloud.exempt-without-exclusion": Computed(cloud.exempt, (*_SYSTEMS, *_EXCLUSIONS)),
    "cloud.circle": Computed(waves.circles, (*_SYSTEMS, "systems.depends_on")),
    "cloud.platform-overbooked": Computed(capacity.overbooked, (*_PLATFORMS, *_TENANTS)),
    "cloud.platform-overused": Computed(capacity.overused, (*_PLATFORMS, *_TENANTS, *_RESOURCES)),
    "cloud.tenant-over-quota": Computed(capacity.over_quota, (*_TENANTS, *_RESOURCES)),
    "cloud.plan-capacity": Computed(capacity.below_plan, _PLATFORMS),
    "networks.overlap": Computed(addresses.overlaps, _PREFIXES),
    "exposure.os-ended": Computed(
        support.ended,
        (*_of("assets", "os", "state"), *_of("software", "vendor", "name", "version", "end_of_support")),
    ),
    "contradictions.address-outside": Computed(addresses.outside, (*_ADDRESSES, *_PREFIXES)),
    "contradictions.address-in-released": Computed(addresses.in_released, (*_ADDRESSES, *_PREFIXES)),
    "contradictions.same-address": Computed(addresses.same, _ADDRESSES),
    "contradictions.dangling": Computed(references.dangling, tuple(_references())),
    "contradictions.circular": Computed(references.circular, tuple(_trees())),
    "contradictions.exclusion-unknown": Computed(references.exclusions, _of("exclusions", "register", "record")),
}


def fields_read(check: Computed) -> Iterable[tuple[str, str]]:
    """The registers and fields that a check reads."""
    for one in check.reads:
        register, _, field = one.partition(".")
        yield register, field
