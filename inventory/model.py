"""What registers consist of: fields with their kinds, records, and what a record was from when to when.

A record is never written over. It has versions, each valid for a stretch of time in the world and known for a stretch
of time to us, so that "what was so on that day" and "what did we believe then" are both questions with an answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias, get_args

Kind: TypeAlias = Literal[
    "text", "integer", "decimal", "flag", "day", "choice", "reference", "references", "network", "addresses", "mac",
    "domain", "url", "texts",
]  # fmt: skip
"""What a field holds. `day` is a date as `2026-03-01`; `reference` is the id of a record of another register, and
`references`, `addresses` and `texts` are lists in the order in which they were said."""

KINDS: Final = get_args(Kind)
LISTS: Final = frozenset({"references", "addresses", "texts"})
OPEN: Final = (1 << 63) - 1
"""The end of what has none, ns since 1970: so that a comparison needs no second case."""
EVER: Final = 0
"""The beginning of what was always so."""


@dataclass(frozen=True, slots=True)
class Words:
    """A name in both languages."""

    zh: str
    en: str

    def __post_init__(self) -> None:
        if not self.zh or not self.en:
            raise ValueError("a name is given in Chinese and English")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a register.

    Attributes:
        key: its name in code, API and files.
        kind: what it holds.
        title: its heading.
        also: further headings by which tables of others call it.
        required: whether a record must have it.
        choices: of a choice, what can be said, by code.
        register: of a reference, the register that it leads to.
        least, most: of a number, its bounds, both included; None where it has none.
        tree: whether following the reference from record to record must come to an end.
        basis: the article, standard or paragraph of the plan that asks for it; empty where none does.
    """

    key: str
    kind: Kind
    title: Words
    also: tuple[str, ...] = ()
    required: bool = False
    choices: Mapping[str, Words] = field(default_factory=dict)
    register: str = ""
    least: float | None = None
    most: float | None = None
    tree: bool = False
    basis: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.key}: no such kind: {self.kind}")
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError(f"{self.key}: choices are for fields of the kind choice, which have some")
        if (self.kind in {"reference", "references"}) != bool(self.register):
            raise ValueError(f"{self.key}: a reference says to which register, nothing else does")
        if self.tree and self.kind != "reference":
            raise ValueError(f"{self.key}: a tree is made of single references")


@dataclass(frozen=True)
class Register:
    """One register.

    Attributes:
        name: its name in code, API and files.
        title: what people call it.
        key: the fields that together say which record is meant; no two records have the same at the same time.
        known_by: fields by which other tables may name a record as well, where only one has that name.
        fields: in the order of tables.
        basis: why the city keeps it.
    """

    name: str
    title: Words
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    known_by: tuple[str, ...] = ()
    basis: str = ""

    def __post_init__(self) -> None:
        names = [one.key for one in self.fields]
        if len(set(names)) < len(names):
            raise ValueError(f"{self.name}: two fields have one name")
        if not self.key or not {*self.key, *self.known_by} <= set(names):
            raise ValueError(f"{self.name}: its key is made of its fields")
        if not all(self.by_key[key].required for key in self.key):
            raise ValueError(f"{self.name}: every record has a key")

    @cached_property
    def by_key(self) -> Mapping[str, Field]:
        """Its fields by their names."""
        return {one.key: one for one in self.fields}


@dataclass(frozen=True, slots=True)
class Version:
    """What one record was for a stretch of time, as it is known now.

    Attributes:
        valid_from: ns since 1970, included.
        valid_to: ns since 1970, not included any more; `OPEN` for open.
        values: by field; what is not known is absent.
        said: which batch said a field last; what `""` says holds for all fields that are not named.
        locked: fields that only people change.
    """

    valid_from: int
    valid_to: int
    values: Mapping[str, Any]
    said: Mapping[str, int]
    locked: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not self.valid_from < self.valid_to:
            raise ValueError("a version ends after it begins")
        if any(value is None for value in self.values.values()):
            raise ValueError("what is not known is absent")

    def batch_of(self, key: str) -> int:
        """The batch that said a field, or that it is not known."""
        return self.said[key] if key in self.said else self.said[""]


@dataclass(frozen=True, slots=True)
class Record:
    """One record at one moment: its id, what it was, and in which version."""

    id: str
    version: Version

    @property
    def values(self) -> Mapping[str, Any]:
        """Its values by field."""
        return self.version.values


@dataclass(frozen=True, slots=True)
class Recorded:
    """A version of a record with the time in which it was what we knew."""

    version: Version
    recorded_from: int
    recorded_to: int


@dataclass(frozen=True, slots=True)
class Moment:
    """When: what was so at `valid`, as it was known at `recorded`; both ns since 1970."""

    valid: int
    recorded: int = OPEN - 1

    def __post_init__(self) -> None:
        if not (EVER <= self.valid < OPEN and EVER <= self.recorded < OPEN):
            raise ValueError("a moment lies between the ends of time")


@dataclass(frozen=True, slots=True)
class Batch:
    """What was written together: when, by whom, from what, and why."""

    at: int
    by: str
    source: str
    reason: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one record from a moment on, or between two.

    Attributes:
        id: the record's.
        values: by field; None for what is not known any more. Fields that are not named stay as they are.
        lock, unlock: fields that only people change from now on, or that everybody changes again.
        valid_from, valid_to: where in time.
        gone: it does not exist any more; nothing else is said then.
    """

    id: str
    values: Mapping[str, Any] = field(default_factory=dict)
    lock: frozenset[str] = frozenset()
    unlock: frozenset[str] = frozenset()
    valid_from: int = EVER
    valid_to: int = OPEN
    gone: bool = False

    def __post_init__(self) -> None:
        if self.gone and (self.values or self.lock or self.unlock):
            raise ValueError("what does not exist has no values")


Versions: TypeAlias = Sequence[Version]
"""All versions of one record as they are known now, in the order of time, none over another."""
