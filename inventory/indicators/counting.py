"""What the records of a register are to a rate at one moment, and how many are what."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import fsum

from inventory.indicators.formulas import Formula
from inventory.indicators.model import Counted, Exclusion, Holds, Ruled, Scope, Tally
from inventory.indicators.ports import Columns
from inventory.model import Moment
from inventory.registers import registers


def counted(known: Columns, formula: Formula, moment: Moment, districts: Mapping[str, str]) -> list[Counted]:
    """What each record of a formula's register is to its rate, before anything is excluded.

    Args:
        known: the registers.
        formula: what is counted.
        moment: when.
        districts: the district of each unit, by ids.
    """
    register = registers()[formula.register]
    beside = [key for key in (formula.unit, formula.district) if key]
    keys = (*register.key, *formula.fields, *beside)
    first, after = len(register.key) + 1, len(register.key) + 1 + len(formula.fields)
    judge, made = formula.judge, []
    summed = formula.fields.index(formula.amount) if formula.amount else None
    for row in known.columns(register, keys, moment):
        said = row[first:after]
        verdict, reason = judge(*said)
        unit, district, *_ = (*(one or "" for one in row[after:]), "")
        amount = 1.0 if summed is None else (said[summed] or 0.0)
        name = row[1] if first == 2 else " ".join(map(str, row[1:first]))
        where = district or districts.get(unit, "")
        made.append(Counted(row[0], name, verdict, verdict, reason, amount, said, unit, where))
    made.sort(key=lambda one: (one.key, one.id))
    return made


def districts_of_units(known: Columns, moment: Moment) -> dict[str, str]:
    """The district of each unit that has one, by ids."""
    found = known.columns(registers()["units"], ("district",), moment)
    return {unit: district for unit, district in found if district}


def without(
    records: Sequence[Counted], exclusions: Iterable[Exclusion], formula: Formula, day: str
) -> tuple[list[Counted], list[Ruled]]:
    """The records with those taken out that an exclusion takes out on this day; and what each exclusion does.

    One counts from the day of its approval to the day on which it expires, both included; what names no approval, or
    no end, counts never.
    """
    by_key = {one.key: place for place, one in enumerate(records)}
    made, ruled = list(records), []
    for one in sorted(exclusions, key=lambda each: each.code):
        place = by_key.get(one.record)
        holds = _holds(one, formula, day, None if place is None else records[place])
        ruled.append(Ruled(one, holds))
        if holds == "counts" and place is not None and not made[place].exclusion:
            made[place] = replace(made[place], verdict="excluded", reason="excluded", exclusion=one.code)
    return made, ruled


def tally(records: Iterable[Counted]) -> Tally:
    """How many records are what."""
    amounts, verdicts = [], Counter[str]()
    for one in records:
        verdicts[one.verdict] += 1
        if one.verdict == "yes":
            amounts.append(one.amount)
    return Tally(**verdicts, amount=fsum(amounts))


def by_scope(records: Iterable[Counted], kind: str) -> dict[Scope, list[Counted]]:
    """The records by where they belong: every record belongs to one scope of a kind, so that sums equal the whole."""
    found: dict[Scope, list[Counted]] = {}
    for one in records:
        scope = Scope("district", one.district) if kind == "district" else Scope("unit", one.unit)
        found.setdefault(scope, []).append(one)
    return found


def _holds(one: Exclusion, formula: Formula, day: str, record: Counted | None) -> Holds:
    if one.register != formula.register:
        return "elsewhere"
    if record is None:
        return "unknown-record"
    if not (one.approved_by and one.approved_on and one.expires_on):
        return "not-approved"
    if day < one.approved_on:
        return "not-yet"
    if day > one.expires_on:
        return "expired"
    return "outside" if record.judged == "outside" else "counts"
