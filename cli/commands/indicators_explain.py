"""`hanwatch indicators --explain N`: what one number is made of, record by record, and why it changed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from api.indicator_documents import explained_document, plan_document, report_document, why_document
from api.indicator_texts import (
    change_text,
    number_text,
    parts_text,
    record_text,
    scope_text,
    signed,
    source_text,
    standing_text,
    target_text,
    value_text,
    words,
)
from cli.output import json_line, language, note, out, table, tell
from cli.parts.indicators import WithIndicators
from cli.parts.indicators_asked import Asked
from inventory.indicators.comparing import Changed, total, why
from inventory.indicators.errors import PackUnwritable
from inventory.indicators.formulas import meanings
from inventory.indicators.listing import csv_of, records_table
from inventory.indicators.model import Counted, Indicator, Measured, Scope
from sensors.errors import Place

_ORDER: Final = {"no": 0, "unknown": 1, "excluded": 2, "yes": 3, "outside": 4}
"""What somebody has to work at comes first."""


def explain(
    house: WithIndicators, question: Asked, indicator: Indicator, since: str | None, *, limit: int, as_json: bool
) -> None:
    """Print what an indicator means, its numbers, its records; and, since a day, what changed it."""
    found = question.indicators.measure(question.day, question.recorded, wanted=(indicator,))[0]
    reasons = why(question.indicators, indicator, since, question.day, question.recorded) if since else None
    if as_json:
        said = plan_document(question.indicators.plan, house.plans, language)
        said |= explained_document(found, question.names, language)
        if reasons is not None:
            said["why"] = why_document(reasons, language)
        json_line(said)
        return
    table(("", ""), _facts(found, question))
    if found.exclusions:
        out.print()
        _print_exclusions(found)
    if reasons is not None:
        steps = ((reasons.then, "then"), (reasons.then_now, "then-now"), (reasons.now, "now"))
        out.print()
        table(
            ("", tell("cli.column.as-of"), tell("cli.column.figure"), tell("cli.column.parts-of-rate")),
            (
                (tell(f"cli.indicators.{code}"), one.day, value_text(one, language), parts_text(one))
                for one, code in steps
            ),
        )
        _print_changes("cli.indicators.corrected", reasons.corrected, limit)
        _print_changes("cli.indicators.changed", reasons.changed, limit)
        return
    if found.records:
        out.print()
        _print_records(found, question, limit)


def write_records(house: WithIndicators, question: Asked, indicator: Indicator, path: Path) -> None:
    """Write all records behind a number as CSV.

    Raises:
        PackUnwritable: the file cannot be written.
    """
    del house
    found = question.indicators.measure(question.day, question.recorded, wanted=(indicator,))[0]
    headings, rows = records_table(found, question.names)
    try:
        path.write_bytes(csv_of(headings, rows))
    except OSError as error:
        raise PackUnwritable(place=Place(str(path)), reason=error.strerror or str(error)) from error
    note("cli.indicators.written", file=path, number=f"{len(rows):,}")


def _facts(found: Measured, question: Asked) -> list[tuple[str, str]]:
    indicator = found.indicator
    facts = [
        ("indicator", f"{indicator.number} {words(indicator.title, language)}"),
        ("plan", f"{words(question.indicators.plan.title, language)} ({indicator.source})"),
        ("kind-of-target", tell(f"indicator.kind.{indicator.kind}")),
    ]
    if (meaning := meanings().get(indicator.formula)) is not None:
        facts += [
            ("definition", words(meaning.definition, language)),
            ("numerator", words(meaning.numerator, language)),
            ("denominator", words(meaning.denominator, language)),
            ("basis", meaning.article),
            ("confirmed", tell("indicator.verified" if meaning.verified else "indicator.unverified")),
        ]
    facts += [
        ("as-of", found.day),
        ("figure", value_text(found, language)),
        ("parts-of-rate", parts_text(found)),
        ("target", f"{target_text(indicator.target)} {words(indicator.unit, language)}"),
        ("met", tell(f"indicator.met.{found.met}")),
        ("standing", standing_text(found, language)),
        ("known-from", source_text(found, language)),
    ]
    if found.tally is not None:
        counts = {name: number_text(getattr(found.tally, name)) for name in _ORDER}
        facts.append(("records", tell("indicator.tally", **counts)))
    if indicator.baseline is not None:
        facts.append(("baseline", f"{number_text(indicator.baseline.value)}, {indicator.baseline.source}"))
    if indicator.note is not None:
        facts.append(("remark", words(indicator.note, language)))
    return [(tell(f"cli.column.{name}"), value) for name, value in (*facts, *_reported(found, question)) if value]


def _reported(found: Measured, question: Asked) -> list[tuple[str, str]]:
    if found.entered is None:
        return []
    report, said = found.entered.report, report_document(found.entered, question.names, language)
    return [
        ("last-report", f"{number_text(report.value)}, {report.day}, {said['unit']}"),
        ("proof", f"{report.evidence} {report.digest}".strip()),
        ("doubts", "; ".join(said["doubts_text"])),
    ]


def _print_exclusions(found: Measured) -> None:
    names = ("exclusion", "record", "reason", "approved-by", "approved-on", "expires-on", "counts")
    table(
        tuple(tell(f"cli.column.{name}") for name in names),
        (
            (
                one.exclusion.code, one.exclusion.record, one.exclusion.reason, one.exclusion.approved_by,
                one.exclusion.approved_on, one.exclusion.expires_on, tell(f"indicator.exclusion.{one.holds}"),
            )
            for one in found.exclusions
        ),
        fold=(2, 6),
    )  # fmt: skip


def _print_records(found: Measured, question: Asked, limit: int) -> None:
    ordered: Sequence[Counted] = sorted(found.records, key=lambda one: (_ORDER[one.verdict], one.key))
    table(
        tuple(tell(f"cli.column.{name}") for name in ("record", "unit", "counts", "reason")),
        (
            (
                one.key,
                scope_text(Scope("unit", one.unit), question.names, language),
                tell(f"indicator.verdict.{one.verdict}"),
                record_text(one, language),
            )
            for one in ordered[:limit]
        ),
    )
    if len(ordered) > limit:
        note("cli.indicators.records", shown=f"{limit:,}", total=f"{len(ordered):,}")


def _print_changes(code: str, found: Sequence[Changed], limit: int) -> None:
    out.print()
    numerator, denominator = total(found)
    out.print(tell(code, number=f"{len(found):,}", numerator=signed(numerator), denominator=signed(denominator)))
    if not found:
        return
    table(
        tuple(tell(f"cli.column.{name}") for name in ("record", "change", "adds-above", "adds-below", "reason")),
        (
            (
                one.key, change_text(one, language), signed(one.numerator), signed(one.denominator),
                " → ".join(record_text(side, language) for side in (one.before, one.after) if side is not None),
            )
            for one in found[:limit]
        ),
        right=(2, 3),
    )  # fmt: skip
    if len(found) > limit:
        note("cli.indicators.records", shown=f"{limit:,}", total=f"{len(found):,}")
