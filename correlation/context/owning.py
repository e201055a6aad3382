"""Who is responsible for something and what it is part of, over time: units, systems, districts, what is critical."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

from correlation.context.model import Known
from inventory.model import EVER, OPEN
from inventory.ports import Known as Registers
from inventory.registers import registers


class Span(NamedTuple):
    """What some fields of a record were for some time."""

    begins: int
    ends: int
    values: tuple[Any, ...]


class Owned(NamedTuple):
    """What is known of whatever belongs to a unit, a system or a district, for some time."""

    begins: int
    ends: int
    known: Known


def spans_by_id(kept: Registers, register: str, *keys: str) -> dict[str, list[Span]]:
    """The versions of all records of a register, by id."""
    found: dict[str, list[Span]] = defaultdict(list)
    for id_, begins, ends, *values in kept.spans(registers()[register], keys):
        found[id_].append(Span(begins, ends, tuple(values)))
    return dict(found)


class Owning:
    """Units, systems, districts and the catalogue of critical infrastructure, read once."""

    def __init__(self, kept: Registers) -> None:
        self._units = spans_by_id(kept, "units", "name", "district")
        self._districts = spans_by_id(kept, "districts", "name")
        self._systems = spans_by_id(kept, "systems", "name", "unit", "mlps_grade")
        self._critical: dict[str, list[Span]] = defaultdict(list)
        for _, begins, ends, systems in kept.spans(registers()["cii"], ("systems",)):
            for system in systems or ():
                self._critical[system].append(Span(begins, ends, ()))
        # Most things of a city belong to few units and systems.
        self.owned = cache(self._owned)

    def _owned(self, unit: str | None, system: str | None, district: str | None) -> Sequence[Owned]:
        """What follows from these three, by id, at all times; a thing's own unit and district come before others."""
        made: list[Owned] = []
        for begins, ends in pairwise(sorted(self._cuts(unit, system, district))):
            known = self._known(begins, unit, system, district)
            if made and made[-1].known == known:
                made[-1] = made[-1]._replace(ends=ends)
            else:
                made.append(Owned(begins, ends, known))
        return made

    def _cuts(self, unit: str | None, system: str | None, district: str | None) -> set[int]:
        """When something about them changes."""
        followed = [*self._systems.get(system or "", ())]
        owners = {unit, *(one.values[1] for one in followed)}
        units = [span for id_ in owners for span in self._units.get(id_ or "", ())]
        districts = {district, *(one.values[1] for one in units)}
        followed += units
        followed += [span for id_ in districts for span in self._districts.get(id_ or "", ())]
        followed += self._critical.get(system or "", ())
        return {EVER, OPEN, *(moment for one in followed for moment in (one.begins, one.ends))}

    def _known(self, moment: int, unit: str | None, system: str | None, district: str | None) -> Known:
        name, its_unit, grade = at(self._systems.get(system or "", ()), moment) or (None, None, None)
        unit_name, its_district = at(self._units.get(unit or its_unit or "", ()), moment) or (None, None)
        (district_name,) = at(self._districts.get(district or its_district or "", ()), moment) or (None,)
        critical = at(self._critical.get(system or "", ()), moment) is not None
        # The catalogue says of every known system whether it is critical, once there is a catalogue.
        cii = critical if name is not None and self._critical else None
        return Known(system=name, unit=unit_name, district=district_name, grade=grade, cii=cii)


def at(spans: Sequence[Span], moment: int) -> tuple[Any, ...] | None:
    """What the fields of a record were at a moment; None where it was not there."""
    return next((one.values for one in spans if one.begins <= moment < one.ends), None)
