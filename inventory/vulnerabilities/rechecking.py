"""Findings through time, as a fold over scans: open, closed by proof, opened again.

A finding is closed only by a later scan of the same scanner that is proven to have looked at the same port of the same
target with the same plugin, and did not show it. A scan that says nothing of what it covered closes nothing, and one
that could not log in closes nothing that was seen by one that could.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from inventory.vulnerabilities.model import Coverage, Item, ScanFinding
from sensors.errors import Problem

Status: TypeAlias = Literal["open", "closed"]


@dataclass(frozen=True, slots=True)
class Scan:
    """One run of a scanner: when it ended (ns), what it showed, and what it is proven to have covered."""

    id: str
    at: int
    findings: tuple[ScanFinding, ...] = ()
    coverage: tuple[Coverage, ...] = ()


@dataclass(frozen=True, slots=True)
class Tracked:
    """A finding as it stands: `latest` is how it was seen last, `closed` when and `closed_by` which scan closed it."""

    id: str
    latest: ScanFinding
    status: Status
    first_seen: int
    last_seen: int
    closed: int | None = None
    closed_by: str = ""
    reopened: int = 0


def identity(finding: ScanFinding) -> str:
    """The id of a finding, the same in every scan: of scanner, target, port and plugin."""
    said = "\0".join((finding.scanner, finding.target, str(finding.port), finding.protocol, finding.plugin))
    return hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def scan_of(name: str, at: int, items: Iterable[Item]) -> tuple[Scan, tuple[Problem, ...]]:
    """A scan of what a file holds, and the problems of reading it."""
    findings: list[ScanFinding] = []
    coverage: list[Coverage] = []
    problems: list[Problem] = []
    for item in items:
        if isinstance(item, ScanFinding):
            findings.append(item)
        elif isinstance(item, Coverage):
            coverage.append(item)
        elif isinstance(item, Problem):
            problems.append(item)
    return Scan(name, at, tuple(findings), tuple(coverage)), tuple(problems)


def stated(scan: Scan, ports: Iterable[tuple[str, int, int]], plugins: Iterable[str]) -> Scan:
    """A scan with what a person says of its configuration, for those targets whose scan came to its end."""
    said, ran = tuple(ports), frozenset(plugins)
    return replace(
        scan,
        coverage=tuple(
            replace(one, ports=tuple(sorted({*one.ports, *said})), plugins=ran | (one.plugins or frozenset()))
            for one in scan.coverage
            if one.ended is not None
        ),
    )


def after(states: Mapping[str, Tracked], scan: Scan) -> dict[str, Tracked]:
    """How findings stand after one more scan, which must not be older than those before (`folded` sees to that)."""
    now = dict(states)
    shown: set[str] = set()
    for finding in scan.findings:
        name = identity(finding)
        shown.add(name)
        now[name] = _seen(now.get(name), name, finding, scan)
    covered: dict[tuple[str, str], list[Coverage]] = {}
    for one in scan.coverage:
        covered.setdefault((one.scanner, one.target), []).append(one)
    for name, state in states.items():
        latest = state.latest
        if state.status == "closed" or name in shown or scan.at <= state.last_seen:
            continue
        proofs = covered.get((latest.scanner, latest.target), ())
        if any(_proves(one, latest) for one in proofs):
            now[name] = replace(state, status="closed", closed=scan.at, closed_by=scan.id)
    return now


def folded(scans: Iterable[Scan]) -> dict[str, Tracked]:
    """How findings stand after all these scans, in whatever order they are given."""
    states: dict[str, Tracked] = {}
    for scan in sorted(scans, key=lambda one: (one.at, one.id)):
        states = after(states, scan)
    return states


def _proves(one: Coverage, latest: ScanFinding) -> bool:
    return (one.credentialed or not latest.credentialed) and one.covers(latest.port, latest.protocol, latest.plugin)


def _seen(known: Tracked | None, name: str, finding: ScanFinding, scan: Scan) -> Tracked:
    if known is None:
        return Tracked(name, finding, "open", scan.at, scan.at)
    if scan.at <= known.last_seen:
        return known
    if known.status == "open":
        return replace(known, latest=finding, last_seen=scan.at)
    return replace(
        known, latest=finding, status="open", last_seen=scan.at, closed=None, closed_by="", reopened=known.reopened + 1
    )
