"""What happened in the made-up city over the years: systems went to the cloud, sites learnt IPv6, data were shared.

The newest state is that of `inventory.sample.city`; what was before it ends with one of the quarters.
"""

from collections.abc import Iterator, Mapping, Sequence
from random import Random  # noqa: TID251 - the type alone; it is passed in
from typing import Any, Final

from inventory.days import begin_of
from inventory.model import Change, Record

YEARS: Final = range(2021, 2026)
_QUARTERS: Final = ("01-01", "04-01", "07-01", "10-01")
FIRST: Final = f"{YEARS[0]}-01-01"
_BEFORE: Final[Mapping[str, tuple[str, Any, Mapping[str, Any]]]] = {
    "systems": ("hosting", "city_cloud", {"hosting": "own_room", "tenant": None}),
    "sites": ("ipv6_supported", True, {"ipv6_supported": False}),
    "data_catalogue": ("shared", True, {"shared": False}),
}
"""By register: the field and the value that some records have reached, and what they were before."""


def reached(random: Random, register: str, records: Sequence[Record]) -> Iterator[Change]:
    """For four in five of the records that have reached a value, what they were until a quarter of these years."""
    field, value, before = _BEFORE[register]
    days = [f"{year}-{quarter}" for year in YEARS for quarter in _QUARTERS][1:]
    for record in records:
        if record.values.get(field) == value and random.random() < 0.8:
            yield Change(record.id, before, valid_from=begin_of(FIRST), valid_to=begin_of(random.choice(days)))


REGISTERS: Final = tuple(_BEFORE)
