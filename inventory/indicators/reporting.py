"""What units reported and what was excluded, as the registers say it: the last value on or before a day counts.

A report holds from its own day, also where it was entered later; so it is looked for in what the register says as of
the day, and in what it says in the end. An exclusion holds only while the register has it.
"""

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date
from typing import Any, Final, Literal

from inventory.days import end_of
from inventory.indicators.model import CITY, Entered, Exclusion, Report, Scope
from inventory.indicators.ports import Columns
from inventory.model import OPEN, Moment
from inventory.registers import registers
from inventory.values import UnusableError, read

_WHOLE: Final = frozenset({"", "city", "市", "全市", "武汉市", "wuhan"})
_REPORT: Final = (
    "indicator", "day", "scope", "value", "numerator", "denominator", "unit", "evidence", "evidence_digest",
)  # fmt: skip
_EXCLUSION: Final = ("code", "indicator", "register", "record", "reason", "approved_by", "approved_on", "expires_on")
_NAMED: Final[tuple[tuple[Literal["unit", "district"], str, tuple[str, ...]], ...]] = (
    ("unit", "units", ("code", "name", "short_name")),
    # Districts come last, so that a name that a unit has as well means the district.
    ("district", "districts", ("code", "name")),
)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_ROUNDING: Final = 0.051
"""How far a share may lie beside what its parts give: reports have one digit behind the point."""


def reports(known: Columns, moment: Moment) -> list[Report]:
    """Everything that was reported of days up to this moment, in the order of days."""
    register = registers()["indicator_values"]
    found: dict[str, tuple[Any, ...]] = {}
    # What is said as of the day itself wins over what is said in the end.
    for when in (Moment(OPEN - 1, moment.recorded), moment):
        found.update((row[0], row[1:]) for row in known.columns(register, _REPORT, when))
    made = (_report(row) for row in found.values() if end_of(row[1]) - 1 <= moment.valid)
    return sorted(made, key=lambda one: (one.indicator, one.day, one.scope, one.evidence))


def last(found: Sequence[Report], day: str, stale_after: int, *, is_share: bool) -> Entered | None:
    """The last report on or before a day, of those of one indicator and scope, and how it stands as of that day."""
    before = [one for one in found if one.day <= day]
    if not before:
        return None
    # The order of what was reported twice of one day is made up, and told; it must be the same each time.
    report = max(before, key=lambda one: (one.day, one.scope, one.evidence))
    age = (date.fromisoformat(day) - date.fromisoformat(report.day)).days
    doubts = [*_doubts(report, is_share=is_share)]
    if any(one.day == report.day and one.value != report.value for one in before):
        doubts.append("said-twice")
    return Entered(report, age, age > stale_after, tuple(doubts))


def exclusions(known: Columns, moment: Moment) -> list[Exclusion]:
    """All exclusions that the register has at a moment, their records spelled as the register spells its keys."""
    rows = known.columns(registers()["exclusions"], _EXCLUSION, moment)
    return [_exclusion(code, number, register, record, rest) for _, code, number, register, record, *rest in rows]


class Scopes:
    """What the texts mean by which reports name what they are of."""

    def __init__(self, known: Columns, moment: Moment) -> None:
        """The districts and units of this moment; they are read when a text names one."""
        self._known = known
        self._moment = moment
        self._names: dict[str, Scope] | None = None

    def scope(self, text: str) -> Scope | None:
        """`city`, `全市`; a district or unit by `district/CODE`, `unit/CODE`, or its code or name alone.

        None for what names nothing.
        """
        plain = text.strip().casefold()
        if plain in _WHOLE:
            return CITY
        if self._names is None:
            self._names = self._read()
        return self._names.get(plain)

    def _read(self) -> dict[str, Scope]:
        found: dict[str, Scope] = {}
        for kind, name, keys in _NAMED:
            for id_, code, *names in self._known.columns(registers()[name], keys, self._moment):
                scope = Scope(kind, id_)
                found.update((str(one).casefold(), scope) for one in (code, *names) if one)
                found[f"{kind}/{code}".casefold()] = scope
        return found


def _report(row: Sequence[Any]) -> Report:
    number, day, scope, value, numerator, denominator, unit, evidence, digest = row
    return Report(number, day, scope, value, numerator, denominator, unit or "", evidence or "", digest or "")


def _doubts(report: Report, *, is_share: bool) -> Iterable[str]:
    if not report.evidence:
        yield "no-evidence"
    if not report.digest:
        yield "no-digest"
    elif not _DIGEST.fullmatch(report.digest.lower()):
        yield "odd-digest"
    if is_share and not 0 <= report.value <= 100:
        yield "no-share"
    if is_share and report.numerator is not None and report.denominator:
        share = 100 * report.numerator / report.denominator
        if abs(share - report.value) > _ROUNDING:
            yield "parts-differ"


def _exclusion(code: str, number: int, register: str, record: str, rest: Sequence[str | None]) -> Exclusion:
    known = registers().get(register)
    if known is not None and len(known.key) == 1:
        # People write addresses of sites as they like; what is no address at all names no record.
        with suppress(UnusableError):
            record = str(read(known.by_key[known.key[0]], record) or "")
    return Exclusion(code, number, register, record, *(one or "" for one in rest))
