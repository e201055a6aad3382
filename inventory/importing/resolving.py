"""Which records the rows of a table refer to: by key, or by another name where only one record has it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from rapidfuzz import process

from inventory.errors import RecordProblem, ReferenceNotUnique, ReferenceUnknown
from inventory.history import at
from inventory.importing.cells import Read, at_field
from inventory.model import Field, Moment, Register, Version
from inventory.ports import Known
from inventory.registers import registers

_ALIKE: Final = 60
"""How alike a name must be, of 100, to be shown as the one that may have been meant."""
_COMPARED: Final = 20_000
"""Records that names are compared with."""
_SUGGESTED: Final = 200
"""Names of one table that are compared: whoever has that many wrong ones has the wrong table."""


class Resolver:
    """Resolves the references of rows; what is looked for once is remembered."""

    def __init__(self, known: Known, moment: Moment) -> None:
        self._known = known
        self._moment = moment
        self._found: dict[tuple[str, str], Sequence[str]] = {}
        self._names: dict[str, list[str]] = {}
        self._suggested = 0

    def resolve(self, fields: Iterable[Field], rows: Sequence[Read], own: Mapping[str, str]) -> list[RecordProblem]:
        """Put ids in the place of names, in all rows; `own` are ids by key of records that the table brings itself.

        Returns: what cannot be resolved; the field of such a row is left out.
        """
        problems = []
        for field in fields:
            register = registers()[field.register]
            self._look_up(register, {name for row in rows for name in _names(row.values.get(field.key))} - own.keys())
            for row in rows:
                named = row.values.get(field.key)
                if named is None:
                    continue
                ids, wrong = self._ids(register, _names(named), own)
                problems += [type(one)(place=at_field(row.place, field), **one.parameters) for one in wrong]
                if wrong:
                    del row.values[field.key]
                else:
                    row.values[field.key] = ids if isinstance(named, list) else ids[0]
        return problems

    def _ids(
        self, register: Register, names: Sequence[str], own: Mapping[str, str]
    ) -> tuple[list[str], list[RecordProblem]]:
        ids, wrong = [], list[RecordProblem]()
        for name in names:
            found = (own[name],) if name in own else self._found[register.name, name]
            if len(found) == 1:
                ids.append(found[0])
            elif found:
                keys = sorted(self._known.named(register, found, self._moment).values())
                wrong.append(ReferenceNotUnique(register=register.name, name=name, found=", ".join(keys[:5])))
            else:
                nearest = self._nearest(register, name)
                wrong.append(ReferenceUnknown(register=register.name, name=name, nearest=nearest))
        return ids, wrong

    def _look_up(self, register: Register, names: set[str]) -> None:
        """Find names by the key, and those that are none by the other fields that records are known by."""
        left = {name for name in names if (register.name, name) not in self._found}
        for key in (register.key[0], *register.known_by):
            if not left:
                return
            for (name,), by_id in self._known.keyed(register, (key,), ((name,) for name in left)).items():
                there = [id_ for id_, versions in by_id.items() if self._has(versions, key, name)]
                if there:
                    self._found[register.name, name] = there
                    left.discard(name)
        self._found.update({(register.name, name): () for name in left})

    def _has(self, versions: Sequence[Version], key: str, name: Any) -> bool:
        """Whether a record has a name when the rows become true, or else has had it last."""
        there = at(versions, self._moment.valid) or versions[-1]
        return bool(there.values.get(key) == name)

    def _nearest(self, register: Register, name: str) -> str:
        self._suggested += 1
        if self._suggested > _SUGGESTED:
            return "-"
        if register.name not in self._names:
            self._names[register.name] = self._all_names(register)
        found = process.extractOne(name, self._names[register.name], score_cutoff=_ALIKE)
        return found[0] if found else "-"

    def _all_names(self, register: Register) -> list[str]:
        if self._known.count(register, self._moment) > _COMPARED:
            return []
        keys = (register.key[0], *register.known_by)
        rows = self._known.columns(register, keys, self._moment)
        return [str(name) for _, *names in rows for name in names if name is not None]


def _names(said: Any) -> Sequence[str]:
    if said is None:
        return ()
    return said if isinstance(said, list) else (said,)
