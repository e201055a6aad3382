"""Lines that are declared cancelled, and whether they are: by traffic that was measured and by what is still billed.

A day without a measurement proves nothing: a line is silent only on days that were measured.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Literal, TypeAlias

import yaml

from inventory.networks.errors import CircuitTableUnusable
from sensors.errors import Place

Status: TypeAlias = Literal["planned", "active", "cancelled"]
Verdict: TypeAlias = Literal[
    "cancelled-proven", "cancelled-in-use", "cancelled-billed", "cancelled-unproven", "active", "active-silent",
    "active-unmeasured", "planned-in-use", "undeclared",
]  # fmt: skip
"""Really cancelled, if late; traffic goes on; it is paid for; nobody measured long enough; in use as declared;
declared active and silent; declared active and nobody measured; not yet active and in use; in use and undeclared."""
FINDINGS: frozenset[Verdict] = frozenset(
    {"cancelled-in-use", "cancelled-billed", "cancelled-unproven", "active-silent", "planned-in-use", "undeclared"}
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is declared; `since` is the day from which its status holds."""

    id: str
    status: Status
    since: date
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What was measured of a line on a day; 0 octets say that it was measured and silent."""

    line: str
    day: date
    octets: int


@dataclass(frozen=True, slots=True)
class Bill:
    """A period for which a line is billed, both days included."""

    line: str
    first: date
    last: date
    amount: float


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From when on a line counts as silent or as in use."""

    quiet_days: int
    quiet_octets: int
    grace_days: int
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """A line's verdict with its evidence: days in use and the last of them, silent days in a row, what is billed."""

    line: str
    verdict: Verdict
    owner: str = ""
    days_in_use: int = 0
    last_use: date | None = None
    octets: int = 0
    silent_days: int = 0
    billed: float = 0.0

    @property
    def finding(self) -> bool:
        """Whether somebody has to look at it."""
        return self.verdict in FINDINGS


def judge(
    lines: Iterable[Line], traffic: Iterable[Traffic], bills: Iterable[Bill], as_of: date, limits: Thresholds
) -> tuple[Judged, ...]:
    """Verdicts for lines that are declared or were seen, by id: two for a cancelled line that is in use and billed."""
    measured: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for one in traffic:
        if one.day <= as_of:
            measured[one.line][one.day] += max(0, one.octets)
    billed: dict[str, list[Bill]] = defaultdict(list)
    for bill in bills:
        billed[bill.line].append(bill)
    judged: list[Judged] = []
    declared: set[str] = set()
    for line in lines:
        declared.add(line.id)
        judged.extend(_judged(line, measured.get(line.id, {}), billed.get(line.id, ()), as_of, limits))
    for name in measured.keys() - declared:
        evidence = _evidence(Line(name, "active", date.min), measured[name], date.min, as_of, limits)
        if evidence.days_in_use:
            judged.append(_with(evidence, "undeclared"))
    return tuple(sorted(judged, key=lambda one: (one.line, one.verdict)))


def _judged(
    line: Line, days: dict[date, int], bills: Sequence[Bill], as_of: date, limits: Thresholds
) -> list[Judged]:
    if line.since > as_of:
        # What is declared for later says nothing of today.
        return []
    start = line.since + timedelta(limits.grace_days) if line.status == "cancelled" else line.since
    found = _evidence(line, days, start, as_of, limits)
    if line.status == "planned":
        return [_with(found, "planned-in-use")] if found.days_in_use else []
    silent = found.silent_days >= limits.quiet_days
    if line.status == "active":
        if not any(as_of - timedelta(limits.quiet_days) < day <= as_of for day in days):
            return [_with(found, "active-unmeasured")]
        return [_with(found, "active-silent" if silent else "active")]
    amount = sum(bill.amount * _share(bill, line.since) for bill in bills)
    verdicts: list[Judged] = []
    if found.days_in_use and not silent:
        verdicts.append(_with(found, "cancelled-in-use", amount))
    if amount > 0:
        verdicts.append(_with(found, "cancelled-billed", amount))
    if not verdicts:
        verdicts.append(_with(found, "cancelled-proven" if silent else "cancelled-unproven"))
    return verdicts


def _evidence(line: Line, days: dict[date, int], start: date, as_of: date, limits: Thresholds) -> Judged:
    since = {day: octets for day, octets in days.items() if start <= day <= as_of}
    used = sorted(day for day, octets in since.items() if octets > limits.quiet_octets)
    silent = 0
    # Silent days in a row, back from the last that was measured; a gap ends them.
    day = max(since, default=None)
    while day is not None and day in since and since[day] <= limits.quiet_octets:
        silent += 1
        day = day - timedelta(1) if day > date.min else None
    octets = sum(since[day] for day in used)
    return Judged(line.id, "undeclared", line.owner, len(used), used[-1] if used else None, octets, silent)


def _with(found: Judged, verdict: Verdict, billed: float = 0.0) -> Judged:
    return Judged(
        found.line, verdict, found.owner, found.days_in_use, found.last_use, found.octets, found.silent_days,
        round(billed, 2),
    )  # fmt: skip


def _share(bill: Bill, since: date) -> float:
    """The part of a bill that is for days after the one on which the line was cancelled."""
    days = (bill.last - bill.first).days + 1
    after = (bill.last - max(bill.first, since + timedelta(1))).days + 1
    return max(0, after) / days if days > 0 else 0.0


@cache
def thresholds() -> Thresholds:
    """The thresholds that come with the product."""
    text = (files(__package__) / "circuits.yml").read_text(encoding="utf-8")
    return thresholds_of(yaml.safe_load(text), "circuits.yml")


def thresholds_of(said: Any, place: str) -> Thresholds:
    """The thresholds of a table.

    Raises:
        CircuitTableUnusable: something is missing or out of range.
    """
    try:
        found = Thresholds(
            int(said["quiet_days"]), int(said["quiet_octets"]), int(said["grace_days"]), str(said.get("source", "")),
            said.get("verified") is True,
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CircuitTableUnusable(place=Place(place), reason=str(error)) from error
    if found.quiet_days < 1 or found.quiet_octets < 0 or found.grace_days < 0:
        raise CircuitTableUnusable(place=Place(place), reason="thresholds-negative")
    return found
