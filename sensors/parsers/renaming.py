"""Vendor's names to ECS names, column by column, as a data file says; what ECS does not name stays below the vendor's.

A value that is not of the ECS field's type keeps its row's vendor name for that field, so that nothing is bent or lost.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml

from sensors.event.fields import field_type
from sensors.parsers.caches import Bounded
from sensors.parsers.layouts import grouped, pick
from sensors.parsers.values import UNFIT, Unfit, convert

_TLS_VERSIONS = {
    "SSLv2": "2.0", "SSLv3": "3.0", "TLSv1": "1.0", "TLS 1.0": "1.0", "TLS 1.1": "1.1", "TLS 1.2": "1.2",
    "TLS 1.3": "1.3", "TLSv10": "1.0", "TLSv11": "1.1", "TLSv12": "1.2", "TLSv13": "1.3",
}  # fmt: skip


def _lower(value: Any) -> Any:
    return value.lower() if value.__class__ is str else UNFIT


def _tls_version(value: Any) -> Any:
    return _TLS_VERSIONS.get(value, UNFIT) if value.__class__ is str else UNFIT


def _upper(value: Any) -> Any:
    return value.upper() if value.__class__ is str else UNFIT


def _strip(value: Any) -> Any:
    return value.strip(" \t:,;") if value.__class__ is str else UNFIT


def _last_part(value: Any) -> Any:
    return re.split(r"[\\/]", value)[-1] if value.__class__ is str else UNFIT


def _plus_is_blank(value: Any) -> Any:
    return value.replace("+", " ") if value.__class__ is str else UNFIT


def _mac(value: Any) -> Any:
    """A hardware address as ECS writes it (RFC 7042): upper case, with hyphens."""
    digits = re.sub(r"[-:.]", "", value) if value.__class__ is str else ""
    if not re.fullmatch(r"[0-9A-Fa-f]{12}", digits):
        return UNFIT
    return "-".join(digits[at : at + 2] for at in range(0, 12, 2)).upper()


def _times(thousandths: int) -> Callable[[Any], Any]:
    """Durations in units of so many microseconds, as nanoseconds; to the microsecond."""

    def nanoseconds(value: Any) -> Any:
        if value.__class__ is str and len(value) < 20 and re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", value):
            value = float(value) if "." in value else int(value)
        if value.__class__ not in (int, float) or not 0 <= value * thousandths < 9e15:
            return UNFIT
        return round(value * thousandths) * 1_000

    return nanoseconds


MANNERS: Mapping[str, Callable[[Any], Any]] = {
    "lower": _lower,
    "tls_version": _tls_version,
    "upper": _upper,
    "seconds": _times(1_000_000),
    "milliseconds": _times(1_000),
    "microseconds": _times(1),
    "mac": _mac,
    "strip": _strip,
    "last_part": _last_part,
    "plus_is_blank": _plus_is_blank,
}
"""How a value is said in ECS where that is not as the vendor says it; UNFIT where it cannot be."""


class Rename:
    """Where one of the vendor's fields goes: the ECS field `to`, its type, and how its values are said there."""

    def __init__(self, to: str, how: str | None = None) -> None:
        self.to = to
        self._kind = field_type(to)
        self._manner = MANNERS[how] if how is not None else None
        self._texts: Bounded[str, Any] = Bounded(self._said)

    def _said(self, value: Any) -> Any:
        said = value if value is None or self._manner is None else self._manner(value)
        return said if said is UNFIT else convert((said,), self._kind)[0][0]

    def apply(self, column: Sequence[Any]) -> tuple[Sequence[Any], bool]:
        """The column as the ECS field has it, UNFIT where a value cannot be, and whether all of them could."""
        if self._manner is None:
            return convert(column, self._kind)
        if set(map(type, column)) == {str}:
            values = list(map(self._texts.__getitem__, column))
        else:
            manner = self._manner
            said = [None if value is None else manner(value) for value in column]
            if Unfit not in set(map(type, said)):
                return convert(said, self._kind)
            values = list(map(self._said, column))
        return values, Unfit not in set(map(type, values))


@dataclass(frozen=True, slots=True)
class _Step:
    own: str
    rename: Rename | None


def below(namespace: str) -> Callable[[str], str]:
    """Names below the vendor's own."""
    return lambda path: f"{namespace}.{path}"


def renames(name: str) -> dict[str, Rename]:
    """The table of one vendor from the data file `<name>.yml` beside this module."""
    entries = yaml.safe_load((files(__package__) / f"{name}.yml").read_text(encoding="utf-8"))
    return {
        entry["from"]: Rename(entry["to"], entry.get("how"))
        for entry in entries
    }


class Renaming:
    """Renames the columns of one vendor's layouts; the table's order says who gets a name that two fields ask for.

    `own` is the name that a field keeps where ECS has none or its value does not fit; `dropped` are left out.
    """

    def __init__(
        self, table: Mapping[str, Rename], own: Callable[[str], str], dropped: frozenset[str] = frozenset()
    ) -> None:
        self._table = table
        self._order = {path: rank for rank, path in enumerate(table)}
        self.own = own
        self._dropped = dropped
        self._plans: Bounded[tuple[str, ...], tuple[_Step | None, ...]] = Bounded(self._plan, entries=4_096)

    def _plan(self, names: tuple[str, ...]) -> tuple[_Step | None, ...]:
        chosen: dict[str, str] = {}
        for path in sorted((name for name in names if name in self._table), key=self._order.__getitem__):
            chosen.setdefault(self._table[path].to, path)
        taken = set(chosen)
        steps: list[_Step | None] = []
        for name in names:
            if name in self._dropped:
                steps.append(None)
                continue
            own = self.own(name)
            while own in taken:
                # Two names that differ only in what the own name leaves out: neither may hide the other.
                own += "_"
            taken.add(own)
            rename = self._table.get(name)
            steps.append(_Step(own, rename if rename is not None and chosen[rename.to] == name else None))
        return tuple(steps)

    def apply(
        self, names: tuple[str, ...], columns: Sequence[Sequence[Any]]
    ) -> Iterator[tuple[Sequence[int] | None, dict[str, Sequence[Any]]]]:
        """The columns under their new names, with the rows they are for: None for all of them."""
        steps = self._plans[names]
        renamed: list[tuple[_Step, Sequence[Any], Sequence[Any]]] = []
        faulty = []
        for step, column in zip(steps, columns, strict=True):
            if step is None:
                continue
            if step.rename is None:
                renamed.append((step, column, column))
                continue
            values, fit = step.rename.apply(column)
            if not fit:
                faulty.append(len(renamed))
            renamed.append((step, values, column))
        if not faulty:
            yield None, {
                step.own if step.rename is None else step.rename.to: values for step, values, _ in renamed
            }
            return
        unfit = list(zip(*[[value is UNFIT for value in renamed[index][1]] for index in faulty], strict=True))
        for marks, rows in grouped(unfit).items():
            kept = {index for index, mark in zip(faulty, marks, strict=True) if mark}
            yield rows, {
                step.own if index in kept or step.rename is None else step.rename.to: pick(
                    column if index in kept else values, rows
                )
                for index, (step, values, column) in enumerate(renamed)
            }

