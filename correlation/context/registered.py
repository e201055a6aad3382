"""What the inventory's registers say of addresses and hosts, as entries and spaces like those of context files.

An entry says what holds for its whole time: where a unit was renamed or a system became critical while an asset stayed
as it was, the asset has an entry before and one after.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from correlation.context.addresses import address_of, range_of
from correlation.context.model import Domain, Entry, Known, Range, Space
from correlation.context.owning import Owning, Span, spans_by_id
from correlation.context.table import DEFAULT
from inventory.model import EVER, OPEN
from inventory.ports import Known as Registers
from inventory.registers import registers
from sensors.errors import Place

_GONE: Final = frozenset({"stock", "retired", "deleted", "released"})
"""States of what has no address any more, or not yet."""


@dataclass(frozen=True, slots=True)
class _Thing:
    """What has addresses or a name for some time, before it is told who is responsible for it."""

    place: Place
    begins: int
    ends: int
    ranges: Sequence[Range]
    space: str | None
    unit: str | None = None
    system: str | None = None
    district: str | None = None
    host: str | None = None
    domain: Domain | None = None
    asset: str | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """All that the registers say."""

    entries: Sequence[Entry]
    spaces: Sequence[Space]


def registered(kept: Registers) -> Registered:
    """The entries and spaces of the registers, at all times at once, as they are known now."""
    owning = Owning(kept)
    names, spaces = _spaces(kept)
    things = (thing for read in _READERS for thing in read(kept) if thing.begins < thing.ends)
    return Registered([entry for thing in things for entry in _entries(thing, owning, names)], spaces)


def _entries(thing: _Thing, owning: Owning, names: Mapping[str, str]) -> Iterator[Entry]:
    space = names.get(thing.space or "", DEFAULT)
    for one in owning.owned(thing.unit, thing.system, thing.district):
        begins, ends = max(thing.begins, one.begins), min(thing.ends, one.ends)
        known = one.known._replace(asset=thing.asset, domain=thing.domain)
        if begins >= ends or known == Known():
            continue
        valid = (None if begins == EVER else begins, None if ends == OPEN else ends)
        for number, found in enumerate(thing.ranges or ([None] if thing.host else [])):
            # The name stands for all addresses, and is said once.
            yield Entry(known, found, None if number else thing.host, space, *valid, thing.place)


def _prefixes(kept: Registers) -> Iterator[_Thing]:
    keys = ("network", "space", "domain", "unit", "district", "state")
    for place, begins, ends, (network, space, domain, unit, district, state) in _rows(kept, "prefixes", *keys):
        found = range_of(network)
        if state not in _GONE and found is not None:
            yield _Thing(place, begins, ends, [found], space, unit, district=district, domain=domain)


def _assets(kept: Registers) -> Iterator[_Thing]:
    keys = ("code", "name", "unit", "system", "addresses", "space", "hostname", "state")
    for place, begins, ends, (code, name, unit, system, said, space, host, state) in _rows(kept, "assets", *keys):
        if state not in _GONE:
            asset = name or code
            yield _Thing(place, begins, ends, _ranges(said), space, unit, system, host=host, asset=asset)


def _devices(kept: Registers) -> Iterator[_Thing]:
    keys = ("code", "name", "unit", "district", "addresses", "space", "state")
    for place, begins, ends, (code, name, unit, district, said, space, state) in _rows(kept, "iot_devices", *keys):
        if state not in _GONE:
            asset = name or code
            yield _Thing(place, begins, ends, _ranges(said), space, unit, None, district, domain="iot", asset=asset)


def _resources(kept: Registers) -> Iterator[_Thing]:
    """What a tenant runs has addresses in the tenant's space, which may have been another one before."""
    tenants = spans_by_id(kept, "tenants", "unit", "space")
    unknown = [Span(EVER, OPEN, (None, None))]
    keys = ("code", "name", "tenant", "system", "addresses", "state")
    for place, begins, ends, (code, name, tenant, system, said, state) in _rows(kept, "cloud_resources", *keys):
        for one in tenants.get(tenant or "", unknown) if state not in _GONE else ():
            unit, space = one.values
            times = max(begins, one.begins), min(ends, one.ends)
            yield _Thing(place, *times, _ranges(said), space, unit, system, domain="tenant", asset=name or code)


_READERS: Final = (_prefixes, _assets, _devices, _resources)
"""Networks, then what stands in them: of two entries for the same addresses the first counts."""


def _rows(kept: Registers, register: str, *keys: str) -> Iterator[tuple[Place, int, int, tuple[Any, ...]]]:
    for id_, begins, ends, *values in kept.spans(registers()[register], keys):
        yield Place(f"{register}/{id_}"), begins, ends, tuple(values)


def _spaces(kept: Registers) -> tuple[dict[str, str], list[Space]]:
    """Names by id, and the spaces that events can be told to be in; one without any mark is that of all others."""
    names: dict[str, str] = {}
    spaces = []
    keys = ("name", "vlans", "tunnel_ids", "sources")
    for place, _, ends, (name, vlans, tunnels, sources) in _rows(kept, "address_spaces", *keys):
        if ends != OPEN:
            continue
        marked = bool(vlans or tunnels or sources)
        names[place.file.partition("/")[2]] = name if marked else DEFAULT
        if marked:
            spaces.append(Space(name, frozenset(vlans or ()), frozenset(tunnels or ()), tuple(sources or ()), place))
    return names, spaces


def _ranges(addresses: Sequence[str] | None) -> list[Range]:
    found = (address_of(one) for one in addresses or ())
    return [Range(one.version, one.number, one.number) for one in found if one is not None]
