"""An audit against an earlier one: what is new, what is still so, and what is gone.

The earlier one is the JSON lines that an audit prints. Findings are the same where their ids are; of the rules that
were not looked for this time nothing is said to be gone.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from inventory.audits.errors import BaselineUnusable
from inventory.audits.model import Finding
from sensors.errors import Place

LONGEST: Final = 1 << 20
"""Octets of one line: longer ones were not printed by an audit."""
MOST: Final = 5_000_000
"""Findings of one file."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an earlier audit found, by id, and of which day and part of the city it told."""

    day: str
    scope: str
    findings: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Compared:
    """What became of findings: ids of those that are new or still there, and those that are gone as they were told."""

    new: frozenset[str]
    still: frozenset[str]
    gone: Sequence[Mapping[str, Any]]


def read_baseline(path: Path) -> Earlier:
    """The findings of an earlier audit.

    Raises:
        BaselineUnusable: the file cannot be read, or a line of it was not printed by an audit.
    """
    day, scope, findings = "", "", dict[str, Mapping[str, Any]]()
    try:
        with path.open("rb") as opened:
            number = 0
            while line := opened.readline(LONGEST + 1):
                number += 1
                said = _line(line, Place(str(path), number))
                if said.get("kind") == "audit":
                    day, scope = str(said.get("day", "")), str(said.get("scope", ""))
                elif said.get("kind") == "finding":
                    findings[_id(said, Place(str(path), number))] = said
                if len(findings) > MOST:
                    raise BaselineUnusable(place=Place(str(path), number), reason="audit-baseline-long")
    except OSError as error:
        raise BaselineUnusable(place=Place(str(path)), reason=error.strerror or str(error)) from error
    if not day:
        raise BaselineUnusable(place=Place(str(path)), reason="audit-baseline-head")
    return Earlier(day, scope, findings)


def compared(findings: Iterable[Finding], earlier: Earlier, looked: Collection[str]) -> Compared:
    """What became of findings since an earlier audit; `looked` are the ids of the rules that were looked for now."""
    now = {one.id for one in findings}
    gone = [one for id_, one in earlier.findings.items() if id_ not in now and one.get("basis") in looked]
    return Compared(frozenset(now - earlier.findings.keys()), frozenset(now & earlier.findings.keys()), gone)


def _line(line: bytes, place: Place) -> dict[str, Any]:
    if len(line) > LONGEST:
        raise BaselineUnusable(place=place, reason="audit-baseline-line")
    try:
        said = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise BaselineUnusable(place=place, reason="audit-baseline-json") from error
    if not isinstance(said, dict):
        raise BaselineUnusable(place=place, reason="audit-baseline-json")
    return said


def _id(said: Mapping[str, Any], place: Place) -> str:
    id_ = said.get("id")
    if not isinstance(id_, str):
        raise BaselineUnusable(place=place, reason="audit-baseline-json")
    return id_
