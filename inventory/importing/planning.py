"""What would become of the rows of a table: whatever can be wrong with them is found before anything is written."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from inventory.errors import (
    FieldLocked,
    FieldMissing,
    KeyNotUnique,
    KeyTaken,
    KeyTwice,
    ReferenceCircular,
)
from inventory.history import at, locked_out, untils
from inventory.identity import record_id
from inventory.importing.cells import Cells, Read, at_field
from inventory.importing.model import Outcome, Plan, Said, Wanted
from inventory.importing.resolving import Resolver
from inventory.importing.trees import circle
from inventory.model import OPEN, Change, Moment, Register, Version
from inventory.ports import Known
from inventory.values import spell
from sensors.errors import Problem


def plan_import(known: Known, register: Register, rows: Iterable[Said], wanted: Wanted) -> Plan:
    """What these rows would change in a register; nothing is written."""
    since = known.last()
    return _Planning(known, register, wanted).plan(rows, since)


class _Planning:
    """One plan in the making."""

    def __init__(self, known: Known, register: Register, wanted: Wanted) -> None:
        self._known = known
        self._register = register
        self._wanted = wanted
        self._key = wanted.key or register.key
        self._moment = Moment(wanted.valid_from)
        self._problems: list[Problem] = []
        self._told = set[object]()
        self._named: set[str] = set()

    def plan(self, rows: Iterable[Said], since: int) -> Plan:
        resolver = Resolver(self._known, self._moment)
        read = self._read(rows)
        references = [one for one in self._register.fields if one.register]
        inward = [one for one in references if one.register == self._register.name]
        self._tell(*resolver.resolve([one for one in references if one not in inward], read, {}))
        meant = self._meant(read)
        first = self._register.key[0]
        own = {str(row.values[first]): id_ for id_, row, _ in meant if first in row.values}
        self._tell(*resolver.resolve(inward, [row for _, row, _ in meant], own))
        outcomes = [made for one in meant if (made := self._outcome(*one)) is not None]
        self._tell_circles(outcomes)
        self._tell_taken_keys(outcomes)
        faulty = {_row(one) for one in self._problems}
        kept = [one for one in outcomes if (one.place.file, one.place.line) not in faulty]
        # Whoever stands in a row that cannot be used is not gone.
        gone = self._gone(meant) if self._wanted.complete and not faulty else {}
        # In the order of rows, since that is how whoever mends them reads.
        problems = sorted(self._problems, key=lambda one: (one.place.line or 0) if one.place else 0)
        return Plan(self._register, kept, problems, gone, since)

    def _read(self, rows: Iterable[Said]) -> list[Read]:
        found = []
        cells = Cells(self._register, clears=self._wanted.clears)
        for said in rows:
            self._tell(*said.problems)
            if not said.problems:
                read, problems = cells.read(said)
                self._tell(*problems)
                found.append(read)
        return found

    def _tell(self, *problems: Problem) -> None:
        """Keep what is wrong, the first thing of each cell: what follows from it helps nobody."""
        for one in problems:
            if one.place not in self._told:
                self._told.add(one.place)
                self._problems.append(one)

    def _meant(self, rows: Sequence[Read]) -> list[tuple[str, Read, Sequence[Version]]]:
        """Which record each row means, with its id and versions; a row that means none for sure is left out."""
        self._named = {row.id for row in rows if row.id}
        versions = self._known.versions(self._register, self._named)
        keys = [None if row.id else self._key_of(row) for row in rows]
        known = self._known.keyed(self._register, self._key, (key for key in keys if key is not None))
        first: dict[tuple[Any, ...], Read] = {}
        meant = []
        for row, key in zip(rows, keys, strict=True):
            if row.id:
                meant.append((row.id, row, versions.get(row.id, ())))
            if key is None:
                continue
            if key in first:
                self._tell(KeyTwice(place=row.place, key=self._name(row), first=str(first[key].place)))
                continue
            first[key] = row
            found = self._candidates(known.get(key, {}), key)
            if len(found) > 1:
                named = sorted(self._known.named(self._register, found, self._moment).values())
                self._tell(KeyNotUnique(place=row.place, key=self._name(row), found=", ".join(named[:5])))
                continue
            id_ = next(iter(found), None)
            made = record_id(self._register.name, key, self._wanted.at)
            meant.append((id_ or made, row, found[id_] if id_ else ()))
        return meant

    def _key_of(self, row: Read) -> tuple[Any, ...] | None:
        lacking = [key for key in self._key if row.values.get(key) is None]
        self._tell(*(self._missing(row, key) for key in lacking))
        return None if lacking else tuple(row.values[key] for key in self._key)

    def _missing(self, row: Read, key: str) -> FieldMissing:
        return FieldMissing(place=at_field(row.place, self._register.by_key[key]), field=key)

    def _candidates(
        self, by_id: Mapping[str, Sequence[Version]], key: tuple[Any, ...]
    ) -> dict[str, Sequence[Version]]:
        """Those that have the key when the row becomes true; where none has, those that have or will have it."""
        def has(version: Version | None) -> bool:
            return version is not None and tuple(version.values.get(part) for part in self._key) == key

        there = {id_: versions for id_, versions in by_id.items() if has(at(versions, self._wanted.valid_from))}
        return there or dict(by_id)

    def _outcome(self, id_: str, row: Read, versions: Sequence[Version]) -> Outcome | None:
        now = at(versions, self._wanted.valid_from)
        if now is None:
            lacking = [
                one.key for one in self._register.fields if one.required and row.values.get(one.key) is None
            ]
            if lacking:
                self._tell(*(self._missing(row, key) for key in lacking))
                return None
        change = Change(id_, row.values, valid_from=self._wanted.valid_from)
        locked = locked_out(now, change)
        if locked and now is not None and not self._wanted.unlocks:
            for key in sorted(locked):
                field = self._register.by_key[key]
                value, kept = (spell(field, one.get(key)) for one in (row.values, now.values))
                self._tell(FieldLocked(place=at_field(row.place, field), value=value, kept=kept))
            return None
        name = self._name(row)
        before = {} if now is None else {key: now.values.get(key) for key in row.values}
        altered = {key: value for key, value in row.values.items() if before.get(key) != value}
        if now is not None and not altered:
            return Outcome(row.place, name, "same")
        ends = untils(versions, self._wanted.valid_from, row.values)
        known = {key: end for key, end in ends.items() if end != OPEN}
        return Outcome(row.place, name, "new" if now is None else "changed", change, before, known)

    def _tell_circles(self, outcomes: Sequence[Outcome]) -> None:
        """Tell of records that would be above themselves."""
        for field in (one for one in self._register.fields if one.tree):
            changed = {one.change.id: one for one in outcomes if one.change and field.key in one.change.values}
            if not changed:
                continue
            above: dict[str, str | None] = dict(self._known.columns(self._register, (field.key,), self._moment))
            above |= {id_: one.change.values[field.key] for id_, one in changed.items() if one.change}
            for id_, one in changed.items():
                if way := circle(above, id_):
                    names = self._known.named(self._register, way, self._moment)
                    new = {other: outcome.key for other, outcome in changed.items()}
                    path = " → ".join(names.get(step) or new.get(step, step) for step in way)
                    self._tell(ReferenceCircular(place=at_field(one.place, field), path=path))

    def _tell_taken_keys(self, outcomes: Sequence[Outcome]) -> None:
        """Tell of records that would get the key of another one, where rows are known by something else."""
        key = self._register.key
        if self._key == key and not self._named:
            return
        own: dict[tuple[Any, ...], Outcome] = {}
        for one in outcomes:
            if one.change is None or not all(part in one.change.values for part in key):
                continue
            said = tuple(one.change.values[part] for part in key)
            first = own.setdefault(said, one)
            if first is not one:
                self._tell(KeyTaken(place=one.place, key=_spelled(said), by=str(first.place)))
        for said, by_id in self._known.keyed(self._register, key, own).items():
            change = own[said].change
            others = [
                id_ for id_, versions in by_id.items()
                if change is not None and id_ != change.id and at(versions, self._wanted.valid_from) is not None
            ]  # fmt: skip
            if others:
                named = self._known.named(self._register, others, self._moment)
                by = ", ".join(sorted(named.values()))
                self._tell(KeyTaken(place=own[said].place, key=_spelled(said), by=by))

    def _gone(self, meant: Sequence[tuple[str, Read, Sequence[Version]]]) -> dict[str, str]:
        there = [id_ for (id_,) in self._known.columns(self._register, (), self._moment)]
        named = {id_ for id_, _, _ in meant}
        return dict(self._known.named(self._register, [id_ for id_ in there if id_ not in named], self._moment))

    def _name(self, row: Read) -> str:
        """What the row itself calls its record: its references are ids by now."""
        return row.id or " ".join(row.cells[key].strip() for key in self._key)


def _spelled(key: tuple[Any, ...]) -> str:
    return " ".join(map(str, key))


def _row(problem: Problem) -> tuple[str, int | None]:
    assert problem.place is not None
    return problem.place.file, problem.place.line
