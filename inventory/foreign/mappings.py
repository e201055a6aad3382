"""How the fields of another program become ours, as data: one YAML file for each program, read here.

A field of ours names the columns of theirs that it is taken from, the first that says something; `as` names how its
text is changed, `choices` what their words are in ours.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

from inventory.foreign.model import Assumed, Proposal
from inventory.registers import registers
from sensors.errors import Place

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NUMBER: Final = re.compile(r"\d{1,15}(?:\.\d{1,6})?")


def _scaled(factor: float) -> Callable[[str], str]:
    def scale(text: str) -> str:
        return f"{round(float(text) * factor, 3):.15g}" if _NUMBER.fullmatch(text) else text

    return scale


CHANGES: Final[Mapping[str, Callable[[str], str]]] = {
    "day": lambda text: text[:10],
    "address": lambda text: text.partition("/")[0],
    "thousandth": _scaled(1 / 1000),
    "binary-thousandth": _scaled(1 / 1024),
    "rounded-thousandth": lambda text: str(max(1, round(float(text) / 1000))) if _NUMBER.fullmatch(text) else text,
    "whole": lambda text: str(int(float(text))) if _NUMBER.fullmatch(text) else text,
}
"""How texts are changed: a moment to its day, an interface's address to the address, units to larger ones."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where one field of ours comes from."""

    columns: tuple[str, ...]
    change: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    template: str = ""

    def text(self, said: Mapping[str, str]) -> str:
        """Its text in an entry, empty where that says nothing."""
        if self.template:
            parts = {column: said.get(column, "") for column in self.columns}
            return self.template.format(**parts) if all(parts.values()) else ""
        found = next((text for column in self.columns if (text := said.get(column, ""))), "")
        if self.choices:
            # A word that is not known is kept: whoever imports it is told.
            return self.choices.get(found.casefold(), found)
        return CHANGES[self.change](found) if self.change and found else found


@dataclass(frozen=True, slots=True)
class Mapped:
    """How one kind of entry becomes a row of a register."""

    name: str
    register: str
    told_by: frozenset[str]
    columns: Mapping[str, str]
    fields: Mapping[str, tuple[Source, ...]]
    key: tuple[str, ...] = ()
    fixed: Mapping[str, str] = field(default_factory=dict)
    path: str = ""

    def proposal(self, said: Mapping[str, str], place: Place, assumed: Assumed) -> Proposal:
        """The row that an entry becomes: `said` are its texts by the names of their columns."""
        cells = {key: next(filter(None, (one.text(said) for one in ways)), "") for key, ways in self.fields.items()}
        return Proposal(self.register, place, assumed.completed(self.register, {**self.fixed, **cells}), self.key)


@cache
def mapped(name: str) -> tuple[Mapped, ...]:
    """The kinds of entries of a program, in the order in which they are recognised."""
    text = (files(__package__) / f"{name}.yml").read_text(encoding="utf-8")
    said: dict[str, Any] = yaml.load(text, Loader=_Loader)  # noqa: S506 - both loaders are the safe ones
    return tuple(_mapped(kind, one) for kind, one in said["kinds"].items())


def _mapped(name: str, said: Mapping[str, Any]) -> Mapped:
    fields = {key: tuple(_source(way) for way in _ways(ways)) for key, ways in said["fields"].items()}
    unknown = {*fields, *said.get("key", ()), *said.get("fixed", {})} - registers()[said["register"]].by_key.keys()
    if unknown:
        raise ValueError(f"{name}: {said['register']} has no field {sorted(unknown)}")
    columns = {heading: column for column, headings in said["columns"].items() for heading in (column, *headings)}
    return Mapped(
        name,
        said["register"],
        frozenset(said["told_by"]),
        columns,
        fields,
        tuple(said.get("key", ())),
        said.get("fixed", {}),
        said.get("path", ""),
    )


def _ways(said: Any) -> list[Any]:
    return said if isinstance(said, list) and any(isinstance(one, dict) for one in said) else [said]


def _source(said: Any) -> Source:
    if isinstance(said, str):
        return Source((said,))
    if isinstance(said, list):
        return Source(tuple(said))
    columns = said["from"]
    return Source(
        tuple(columns if isinstance(columns, list) else [columns]),
        said.get("as", ""),
        {str(theirs).casefold(): ours for theirs, ours in said.get("choices", {}).items()},
        said.get("template", ""),
    )
