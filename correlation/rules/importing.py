"""Rules of others taken into a folder of ours: checked first, copied whole, with a record of where they came from.

A file is taken if all of its documents can be loaded beside the rules that are there already; a file that was taken
before is replaced. Nothing is taken from a file of which a part is broken: half of it would guard less than it seems.
"""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import orjson

from correlation.errors import RuleDuplicate, RuleProblem
from correlation.rules.documents import looks_like_a_rule
from correlation.rules.loading import Loaded
from sensors.errors import Place
from sensors.event.times import iso

RECORD: Final = "imported.jsonl"
"""Beside the rules: a line for each file that was taken, the newest last."""


@dataclass(frozen=True, slots=True)
class Taking:
    """A file to be taken: from where to where, the ids of what is in it, and whether one is there already."""

    source: Path
    target: Path
    rules: tuple[str, ...]
    replaces: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do: files to take, those that are there as they are, and why others are refused."""

    takings: Sequence[Taking]
    unchanged: Sequence[Taking]
    refused: Sequence[RuleProblem]


def plan(root: Path, folder: Path, load: Callable[[Sequence[Path]], Loaded]) -> Plan:
    """What importing a file or folder into a folder of ours would do.

    Args:
        root: what is to be imported.
        folder: of ours; below it, what comes from a folder goes into one of the same name.
        load: loads these paths, and behind them all rules that are there already.
    """
    targets = {os.path.realpath(file): target for file, target in _files(root, folder)}
    loaded = load([root])
    refused: list[RuleProblem] = []
    broken: set[str] = set()
    for problem in loaded.problems:
        blamed, told = _blame(problem, targets)
        if told is not None:
            broken.add(blamed)
            refused.append(told)
    found: dict[str, list[str]] = {}
    for rule in (*loaded.rules, *loaded.correlations):
        found.setdefault(os.path.realpath(rule.path), []).append(rule.id)
    takings = [
        Taking(Path(real), target, tuple(found.get(real, ())), target.exists())
        for real, target in targets.items()
        if real not in broken
    ]
    same = [one for one in takings if one.replaces and one.source.read_bytes() == one.target.read_bytes()]
    return Plan([one for one in takings if one not in same], same, refused)


def carry_out(takings: Sequence[Taking], folder: Path, now: int) -> None:
    """Copy the files, each at once or not at all, and write down where they came from.

    Raises:
        OSError: the folder cannot be written; files before it were taken.
    """
    for one in takings:
        content = one.source.read_bytes()
        one.target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=one.target.parent, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(one.target)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
        line = {
            "at": iso(now), "file": str(one.target.relative_to(folder)), "source": str(one.source),
            "sha256": sha256(content).hexdigest(), "rules": one.rules,
        }  # fmt: skip
        with (folder / RECORD).open("ab") as record:
            record.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


def origin(path: Path, folder: Path) -> dict[str, Any] | None:
    """Where a file in a folder of ours was imported from, as it was written down last; None for others."""
    real = Path(os.path.realpath(path))
    with contextlib.suppress(OSError, ValueError, orjson.JSONDecodeError):
        name = str(real.relative_to(os.path.realpath(folder)))
        lines = (folder / RECORD).read_bytes().splitlines()
        return next((one for line in reversed(lines) if (one := orjson.loads(line))["file"] == name), None)
    return None


def _files(root: Path, folder: Path) -> Iterator[tuple[Path, Path]]:
    if not root.is_dir():
        yield root, folder / root.name
        return
    name = Path(os.path.realpath(root)).name
    for file in sorted(root.rglob("*")):
        below = file.relative_to(root)
        # As in loading, which leaves out what is hidden.
        hidden = any(part.startswith(".") for part in below.parts)
        if looks_like_a_rule(file.name) and file.is_file() and not hidden:
            yield file, folder / name / below


def _blame(problem: RuleProblem, targets: dict[str, Path]) -> tuple[str, RuleProblem | None]:
    """Which file of the import a problem refuses, and how it is told; None where it refuses none."""
    if problem.place is None:
        return "", None
    file = os.path.realpath(problem.place.file)
    if file in targets:
        return file, problem
    if isinstance(problem, RuleDuplicate):
        # What is there already was loaded behind what is new, and is told as the second of the two.
        first, _, line = str(problem.parameters["first"]).rpartition(":")
        new = os.path.realpath(first)
        if new in targets and os.path.realpath(targets[new]) != file:
            there = f"{problem.place.file}:{problem.place.line}"
            place = Place(first, int(line))
            return new, RuleDuplicate(place=place, id=problem.parameters["id"], first=there)
    return "", None
