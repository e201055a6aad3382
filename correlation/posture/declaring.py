"""What is declared, of the context: assets, units, districts, tenants and critical sectors as they hold at a moment."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from correlation.context.model import NOTHING, Address, Entry, Known
from correlation.context.table import Table
from correlation.context.timeline import holds, known_at, merged
from correlation.posture.landscape import Landscape
from correlation.posture.model import NOWHERE, Cell
from correlation.posture.policy import Policy

_NAMED: Final = 5
"""Unseen assets of a cell that are named."""


class Asset(NamedTuple):
    """A declared asset: its address space, its name, and what is known of it."""

    space: str
    name: str
    known: Known


@dataclass(frozen=True, slots=True)
class Seen:
    """What events of the window name: assets by address space, units, and address spaces."""

    assets: AbstractSet[tuple[str, str]] = field(default_factory=frozenset)
    units: AbstractSet[str] = field(default_factory=frozenset)
    spaces: AbstractSet[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Declared:
    """What is declared.

    Attributes:
        assets: each once.
        units: pairs of unit and district, whether they have assets or not, with what is said of their networks.
        tenants: names of address spaces.
    """

    assets: Sequence[Asset] = ()
    units: Mapping[tuple[str, str], Known] = field(default_factory=dict)
    tenants: Sequence[str] = ()


def declared(land: Landscape, moment: int) -> Declared:
    """What the context declares for a moment, ns since 1970."""
    table = land.table
    assets: dict[tuple[str, str], Asset] = {}
    units: dict[tuple[str, str], Known] = {}
    for entry in land.entries:
        said = entry.known
        if not holds(entry, moment) or (said.asset is None and said.unit is None):
            continue
        if said.asset is not None:
            key = (entry.space, said.asset)
            if key not in assets:
                assets[key] = Asset(*key, merged(said, _around(entry, table, moment)) or said)
        else:
            around = _around(entry, table, moment) or NOTHING
            pair = place_of(said if said.district else said._replace(district=around.district))
            before = units.get(pair, NOTHING)
            # Of several networks of a unit the most critical one counts.
            cii, grade = before.cii or said.cii, max(before.grade or 0, said.grade or 0)
            units[pair] = said._replace(cii=cii, grade=grade)
    placed = {place_of(one.known) for one in assets.values()}
    somewhere = {unit for unit, district in units.keys() | placed if district}
    # A unit of which one entry tells the district and another does not is there.
    units = {pair: known for pair, known in units.items() if pair[1] or pair[0] not in somewhere}
    units.update({pair: NOTHING for pair in placed if pair[0] and pair not in units})
    return Declared(tuple(assets.values()), units, tuple(sorted({one.name for one in land.spaces})))


def place_of(known: Known) -> tuple[str, str]:
    """The unit and the district of what is known; a spreadsheet's dash is no district."""
    return known.unit or "", "" if known.district in {None, NOWHERE} else str(known.district)


def sector_of(known: Known, policy: Policy) -> str:
    """The critical sector of what is known; empty where it is no critical infrastructure."""
    if not known.cii:
        return ""
    return policy.sector(known.unit or "", known.system or "") or NOWHERE


def cells(of: Declared, seen: Seen, policy: Policy) -> tuple[Cell, ...]:
    """What is declared, counted, and how much of it is seen."""
    counted = _grouped(of.assets, policy)
    inhabited = {key[:2] for key in counted}
    for pair, known in of.units.items():
        sector = sector_of(known, policy)
        if sector or pair not in inhabited:
            counted.setdefault((*pair, "", sector), [])
    return tuple(_cell(key, assets, of.units.get(key[:2], NOTHING), seen) for key, assets in sorted(counted.items()))


def _grouped(assets: Sequence[Asset], policy: Policy) -> dict[tuple[str, str, str, str], list[Asset]]:
    found: defaultdict[tuple[str, str, str, str], list[Asset]] = defaultdict(list)
    for one in assets:
        found[(*place_of(one.known), one.space, sector_of(one.known, policy))].append(one)
    return found


def _cell(key: tuple[str, str, str, str], assets: Sequence[Asset], unit: Known, seen: Seen) -> Cell:
    missing = sorted(one.name for one in assets if (one.space, one.name) not in seen.assets)
    return Cell(
        *key,
        grade=max(unit.grade or 0, *(one.known.grade or 0 for one in assets), 0),
        cii=bool(key[3]),
        declared=len(assets),
        seen=len(assets) - len(missing),
        heard=key[0] in seen.units,
        unseen=tuple(missing[:_NAMED]),
    )


def _around(entry: Entry, table: Table, moment: int) -> Known | None:
    """What the plan says of where an entry's addresses or host are."""
    if entry.range is not None:
        return known_at(table.told(Address(entry.range.version, entry.range.first), entry.space), moment)
    return known_at(table.host(entry.host or "", entry.space), moment)
