"""Parts under the vendor's names become ECS columns: what is absent leaves, times are read, cases are told apart.

Everything works on whole columns. Rows part where some of them lack a field, are another case, or hold a value that
does not fit its field; each group that comes out has one layout and one set of constants.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from fnmatch import fnmatchcase
from types import NoneType
from typing import Any

from sensors.parsers.caches import Bounded
from sensors.parsers.declared.clock import Form
from sensors.parsers.declared.model import Declaration, Messages, Target, Time
from sensors.parsers.declared.pairs import Rows
from sensors.parsers.layouts import grouped, pick
from sensors.parsers.renaming import Rename, Renaming, below
from sensors.parsers.values import text_of

DATASET = "event.dataset"
"""Among constants it names the dataset, and becomes none."""
PROGRAM = "program"
"""What a case asks of the program in the syslog header: patterns, of which the longest that fits counts."""

_TEXT_OR_NONE = {str, NoneType}


@dataclass(frozen=True, slots=True)
class Taken:
    """Texts with the same parts: indices of texts, names, columns, and what events of this form are."""

    rows: Sequence[int]
    names: tuple[str, ...]
    columns: Sequence[Sequence[Any]]
    constants: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """Events of one dataset, one layout and one set of constants.

    `moments` are their times, None where the texts have none; `spoken` is the field and the texts of times, which are
    kept where they could not be read. `prose` says that the text is one that people read, and not only its parts;
    `after` are the texts that stand where a program's name would.
    """

    dataset: str
    constants: Mapping[str, Any]
    rows: Sequence[int]
    columns: dict[str, Sequence[Any]]
    moments: Sequence[int | None] | None
    spoken: tuple[str, Sequence[Any]] | None
    prose: bool
    after: tuple[str, ...]


class _Translated(Rename):
    """A target with values of its own; one that the table does not have is said as it stands, or left to the vendor."""

    def __init__(self, target: Target) -> None:
        super().__init__(target.to, target.how)
        self._values = target.values

    def apply(self, column: Sequence[Any]) -> tuple[Sequence[Any], bool]:
        """The column in the target's words."""
        known = self._values
        said = [None if value is None else known.get(text_of(value), value) for value in column]
        return super().apply(said)


class Naming:
    """Names the parts of one format."""

    def __init__(self, declaration: Declaration) -> None:
        self._declaration = declaration
        self._absent = declaration.absent
        self._prose = isinstance(declaration.reading, Messages)
        table = {
            name: _Translated(target) if target.values else Rename(target.to, target.how)
            for name, target in declaration.fields.items()
        }
        self._renaming = Renaming(table, below(declaration.namespace), declaration.drop)
        self._times = [(time, Form(time.form)) for time in declaration.time]
        self._tested = tuple(dict.fromkeys(name for case in declaration.cases for name in case.when))
        self._said = {
            name: frozenset().union(*(case.when[name] for case in declaration.cases if name in case.when))
            for name in self._tested
        }
        self._programs: Bounded[str, str | None] = Bounded(self._program, 4_096)
        self._chosen: Bounded[tuple[str | None, ...], Mapping[str, Any]] = Bounded(self._choose, 4_096)

    def parts(
        self, taken: Taken, received: int, zone: tzinfo, programs: Sequence[str | None] = ()
    ) -> Iterator[Part]:
        """What these texts become; `zone` is that of times without one, where the format says none.

        `programs` are those of the syslog headers by row, for the cases that ask for them.
        """
        for whole in self._whole(taken):
            moments, spoken, columns = self._moments(whole, received, zone)
            for constants, rows in self._cases(whole, programs):
                fixed = {**self._declaration.constants, **taken.constants, **constants}
                yield from self._named(
                    fixed.pop(DATASET, self._declaration.dataset),
                    fixed,
                    pick(whole.rows, rows),
                    {name: pick(column, rows) for name, column in columns.items()},
                    None if moments is None else pick(moments, rows),
                    None if spoken is None else (spoken[0], pick(spoken[1], rows)),
                )

    def of_rows(self, rows: Rows, received: int, zone: tzinfo) -> Iterator[Part]:
        """What these rows of values become."""
        return self.parts(Taken(rows.rows, *rows.columns(), {}), received, zone)

    def _named(  # noqa: PLR0913, PLR0917 - the parts of a part
        self,
        dataset: str,
        constants: Mapping[str, Any],
        rows: Sequence[int],
        columns: dict[str, Sequence[Any]],
        moments: Sequence[int | None] | None,
        spoken: tuple[str, Sequence[Any]] | None,
    ) -> Iterator[Part]:
        for chosen, named in self._renaming.apply(tuple(columns), list(columns.values())):
            yield Part(
                dataset,
                # A value that a text says wins over what all are said to be.
                {name: value for name, value in constants.items() if name not in named},
                pick(rows, chosen),
                named,
                None if moments is None else pick(moments, chosen),
                None if spoken is None else (spoken[0], pick(spoken[1], chosen)),
                self._prose,
                self._declaration.match.after,
            )

    def _whole(self, taken: Taken) -> Iterator[Taken]:
        """The texts by what they lack: no column of what comes out has a hole."""
        absent = self._absent
        names: list[str] = []
        columns: list[Sequence[Any]] = []
        holes: list[int] = []
        for name, column in zip(taken.names, taken.columns, strict=True):
            kinds = set(map(type, column))
            values = column
            if kinds <= _TEXT_OR_NONE:
                if any(value in column for value in absent):
                    values = [None if value in absent else value for value in column]
                    kinds = set(map(type, values))
                if NoneType in kinds:
                    if len(kinds) == 1:
                        continue
                    holes.append(len(names))
            names.append(name)
            columns.append(values)
        if not holes:
            yield Taken(taken.rows, tuple(names), columns, taken.constants)
            return
        marks = list(zip(*[[value is None for value in columns[index]] for index in holes], strict=True))
        for missing, rows in grouped(marks).items():
            lacking = {index for index, lacks in zip(holes, missing, strict=True) if lacks}
            kept = [index for index in range(len(names)) if index not in lacking]
            yield Taken(
                pick(taken.rows, rows),
                tuple(names[index] for index in kept),
                [pick(columns[index], rows) for index in kept],
                taken.constants,
            )

    def _moments(
        self, taken: Taken, received: int, zone: tzinfo
    ) -> tuple[Sequence[int | None] | None, tuple[str, Sequence[Any]] | None, dict[str, Sequence[Any]]]:
        columns = dict(zip(taken.names, taken.columns, strict=True))
        for time, form in self._times:
            if all(name in columns for name in time.parts):
                texts = _joined(time, columns)
                for name in time.parts:
                    del columns[name]
                return form.moments(texts, received, zone), (f"{self._declaration.namespace}.time", texts), columns
        return None, None, columns

    def _cases(
        self, taken: Taken, programs: Sequence[str | None]
    ) -> Iterator[tuple[Mapping[str, Any], Sequence[int] | None]]:
        columns = dict(zip(taken.names, taken.columns, strict=True))
        keys: list[Sequence[str | None]] = []
        for name in self._tested:
            column, said = columns.get(name), self._said[name]
            if name == PROGRAM:
                known = self._programs
                keys.append([known[programs[row] or ""] if programs else None for row in taken.rows])
            elif column is None:
                keys.append([None] * len(taken.rows))
            else:
                # Values that no case asks for are all the same to it.
                keys.append([value if value in said else "*" for value in map(text_of, column)])
        if not keys:
            yield self._chosen[()], None
            return
        groups = grouped(list(zip(*keys, strict=True)))
        for key, rows in groups.items():
            yield self._chosen[key], None if len(groups) == 1 else rows

    def _program(self, program: str) -> str | None:
        """The pattern among those of the cases that a program's name fits."""
        patterns = sorted(self._said.get(PROGRAM, ()), key=len, reverse=True)
        return next((pattern for pattern in patterns if fnmatchcase(program, pattern)), None)

    def _choose(self, key: tuple[str | None, ...]) -> Mapping[str, Any]:
        """What the cases say of parts with these values, later ones winning."""
        values = dict(zip(self._tested, key, strict=True))
        found: dict[str, Any] = {}
        for case in self._declaration.cases:
            if all(
                (value := values[name]) is not None and (value in wanted or "*" in wanted)
                for name, wanted in case.when.items()
            ):
                found.update(case.constants)
        return found


def _joined(time: Time, columns: Mapping[str, Sequence[Any]]) -> Sequence[str]:
    first = [text_of(value) for value in columns[time.parts[0]]]
    if len(time.parts) == 1:
        return first
    others = ([text_of(value) for value in columns[name]] for name in time.parts[1:])
    return [" ".join(texts) for texts in zip(first, *others, strict=True)]
