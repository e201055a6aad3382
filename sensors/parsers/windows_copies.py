"""ECS fields copied from Windows' own event data, as `windows_fields.yml` says; the data itself stays where it was."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import NoneType
from typing import Any

import yaml

from sensors.event.fields import field_type
from sensors.parsers.caches import Bounded
from sensors.parsers.values import UNFIT, convert


def _base_name(value: str) -> str | None:
    return value.replace("/", "\\").rpartition("\\")[2] or None


def _before_backslash(value: str) -> str | None:
    return value.partition("\\")[0] if "\\" in value else None


def _after_backslash(value: str) -> str | None:
    return value.rpartition("\\")[2] or None


def _number(value: str) -> int | str:
    # Process ids are hexadecimal in the Security channel and decimal elsewhere.
    try:
        return int(value, 16) if value[:2] in ("0x", "0X") else value
    except ValueError:
        return value


def _hash(name: str) -> Callable[[str], str | None]:
    prefix = f"{name}="

    def one(value: str) -> str | None:
        for part in value.split(","):
            if part.startswith(prefix):
                return part[len(prefix) :].lower() or None
        return None

    return one


def _boolean(value: str) -> str:
    return value.lower()


MANNERS: Mapping[str, Callable[[str], Any]] = {
    "base_name": _base_name,
    "before_backslash": _before_backslash,
    "after_backslash": _after_backslash,
    "number": _number,
    "lower": str.lower,
    "md5": _hash("MD5"),
    "sha1": _hash("SHA1"),
    "sha256": _hash("SHA256"),
    "imphash": _hash("IMPHASH"),
}
"""How a copy is said, where it is not as Windows says it; None where there is nothing to copy."""

_NOTHING = frozenset({"", "-"})


@dataclass(frozen=True, slots=True)
class Copy:
    """One ECS field: the columns it may come from, the first that has a value, and the answers of the copying."""

    to: str
    sources: tuple[str, ...]
    answers: Bounded[str, Any]


@dataclass(frozen=True, slots=True)
class _Entry:
    copy: Copy
    dataset: str | None
    codes: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Kind:
    """ECS categories and types of an event."""

    category: list[str]
    type: list[str]


def _answering(to: str, how: str | None) -> Bounded[str, Any]:
    kind = field_type(to)
    manner = MANNERS[how] if how else None

    def answer(value: str) -> Any:
        if value in _NOTHING:
            return None
        said = manner(value) if manner else value
        if said is None:
            return None
        found = convert((said,), kind)[0][0]
        return None if found is UNFIT else found

    return Bounded(answer)


@cache
def _table() -> tuple[tuple[_Entry, ...], Mapping[tuple[str, str], Kind]]:
    document = yaml.safe_load((files(__package__) / "windows_fields.yml").read_text(encoding="utf-8"))
    entries = tuple(
        _Entry(
            Copy(
                entry["to"],
                tuple(name if "." in name else f"winlog.event_data.{name}" for name in entry["from"]),
                _answering(entry["to"], entry.get("how")),
            ),
            entry.get("dataset"),
            frozenset(map(str, entry["codes"])) if "codes" in entry else None,
        )
        for entry in document["copies"]
    )
    kinds = {
        (entry["dataset"], str(code)): Kind(entry["category"], entry["type"])
        for entry in document["kinds"]
        for code in entry["codes"]
    }
    return entries, kinds


@cache
def _codes_of(dataset: str) -> frozenset[str]:
    """The codes that the table tells apart in a dataset."""
    entries, kinds = _table()
    told = {code for entry in entries if entry.dataset == dataset and entry.codes for code in entry.codes}
    return frozenset(told | {code for name, code in kinds if name == dataset})


def copies_for(dataset: str, code: str) -> tuple[Copy, ...]:
    """The copies for events of a dataset and code, one for each ECS field, in the table's order."""
    return _copies_for(dataset if _codes_of(dataset) else "", code if code in _codes_of(dataset) else "")


def kind_for(dataset: str, code: str) -> Kind | None:
    """The ECS categories and types of such events, where the table says them."""
    return _table()[1].get((dataset, code))


@cache
def _copies_for(dataset: str, code: str) -> tuple[Copy, ...]:
    chosen: dict[str, Copy] = {}
    for entry in _table()[0]:
        if entry.dataset in (None, dataset) and (entry.codes is None or code in entry.codes):
            chosen.setdefault(entry.copy.to, entry.copy)
    return tuple(chosen.values())


def copied(copies: Sequence[Copy], columns: dict[str, Sequence[Any]]) -> list[str]:
    """Add the copies that these columns allow; returns their names: None in them says that a row lacks the field."""
    added = []
    for copy in copies:
        present = [columns[name] for name in copy.sources if name in columns]
        if not present or copy.to in columns:
            continue
        answers = copy.answers
        found: Sequence[Any] = [answers[value] if value.__class__ is str else None for value in present[0]]
        for column in present[1:]:
            if NoneType not in set(map(type, found)):
                break
            found = [
                value if value is not None or other.__class__ is not str else answers[other]
                for value, other in zip(found, column, strict=True)
            ]
        columns[copy.to] = found
        added.append(copy.to)
    return added
