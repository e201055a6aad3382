"""`hanwatch indicators`: the plan's indicators on a day, one of them explained, their trend, or by district or unit."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Final

import typer

from api.indicator_documents import measured_document, plan_document
from api.indicator_texts import (
    number_text,
    parts_text,
    scope_text,
    source_text,
    standing_text,
    target_text,
    value_text,
    words,
)
from cli.commands.indicators_explain import explain, write_records
from cli.ground import settings_of, there
from cli.options import DataOption, JsonOption
from cli.output import json_line, language, note, table, tell
from cli.parts.indicators import WithIndicators
from cli.parts.indicators_asked import (
    Asked,
    AsOfOption,
    ByOption,
    KnownAtOption,
    PlanFileOption,
    PlanOption,
    asked,
    day_named,
)
from inventory.indicators.errors import OptionAlone
from inventory.indicators.formulas import meanings
from inventory.indicators.model import Measured

_COLUMNS: Final = (
    "number", "indicator", "figure", "target", "met", "standing", "parts-of-rate", "not-known", "excluded",
    "known-from",
)  # fmt: skip


def show(
    context: typer.Context,
    as_of: AsOfOption = None,
    number: Annotated[
        int | None,
        typer.Option("--explain", metavar="N", min=1, help=tell("cli.indicators.explain"), show_default=False),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DAY", help=tell("cli.indicators.since"), show_default=False)
    ] = None,
    with_trend: Annotated[bool, typer.Option("--trend", help=tell("cli.indicators.trend"))] = False,
    by: ByOption = None,
    known_at: KnownAtOption = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help=tell("cli.indicators.csv"), show_default=False)
    ] = None,
    plan: PlanOption = None,
    plan_file: PlanFileOption = None,
    limit: Annotated[int, typer.Option("--limit", metavar="NUMBER", min=1, help=tell("cli.search.limit"))] = 50,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the indicators of a plan as of a day, or what is asked about them."""
    for option, value in (("--since", since), ("--csv", csv)):
        if value is not None and number is None:
            raise OptionAlone(option=option)
    with WithIndicators(there(settings_of(context, data))) as house:
        house.more_plans = plan_file or ()
        question = asked(house, as_of, known_at, plan)
        wanted = question.wanted(number)
        if csv is not None:
            write_records(house, question, wanted[0], csv)
        if with_trend:
            # What computes trends takes a second to load, and only those who ask for one should wait for it.
            trend = import_module("cli.commands.indicators_trend").trend
            trend(house, question, wanted, one=number is not None, as_json=as_json)
        elif number is not None and by is None:
            explain(house, question, wanted[0], since and day_named(since), limit=limit, as_json=as_json)
        else:
            found = question.indicators.measure(question.day, question.recorded, wanted=wanted, kind=by or "city")
            _show(house, question, found, limit=limit, as_json=as_json, by=by is not None)


def _show(
    house: WithIndicators, question: Asked, found: Sequence[Measured], *, limit: int, as_json: bool, by: bool
) -> None:
    if as_json:
        head = plan_document(question.indicators.plan, house.plans, language)
        for one in found:
            json_line(head | measured_document(one, question.names, language))
        return
    known = [one for one in found if one.source != "none"] if by else found
    columns = [tell(f"cli.column.{name}") for name in _COLUMNS]
    rows = [list(_row(one)) for one in known[:limit]]
    if by:
        columns.insert(2, tell("cli.column.scope"))
        for row, one in zip(rows, known, strict=False):
            row.insert(2, scope_text(one.scope, question.names, language))
    table(columns, rows, right=(0,), fold=(1, 2))
    if len(known) > limit:
        note("cli.posture.more", shown=f"{limit:,}", total=f"{len(known):,}")
    _tell(house, question, found)


def _row(one: Measured) -> tuple[str, ...]:
    tally = one.tally
    return (
        str(one.indicator.number),
        words(one.indicator.title, language),
        value_text(one, language),
        target_text(one.indicator.target),
        tell(f"indicator.met.{one.met}"),
        standing_text(one, language),
        parts_text(one),
        "" if tally is None else number_text(tally.unknown),
        "" if tally is None else number_text(tally.excluded),
        source_text(one, language),
    )


def _tell(house: WithIndicators, question: Asked, found: Sequence[Measured]) -> None:
    """What has to be said beside the numbers."""
    plan = question.indicators.plan
    note("cli.indicators.day", day=question.day, plan=words(plan.title, language), id=plan.id)
    if question.day > plan.ends:
        after = [one.id for one in house.plans if one.follows == plan.id]
        note("cli.indicators.followed" if after else "cli.indicators.over", day=plan.ends, id=", ".join(after))
    idle = {one.exclusion.code for each in found for one in each.exclusions if one.holds != "counts"}
    if idle:
        note("cli.indicators.idle", number=len(idle), codes=", ".join(sorted(idle)[:10]))
    strays = question.indicators.view(question.day, question.recorded).strays
    if strays:
        some = ", ".join(f"{one.indicator} {one.scope} {one.day}" for one in strays[:5])
        note("cli.indicators.strays", number=len(strays), some=some)
    if any(not meanings()[one.indicator.formula].verified for one in found if one.source == "computed"):
        note("indicator.unverified")
