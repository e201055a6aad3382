"""`hanwatch indicators evaluate`: the yearly evaluation (考核评估), with everything that took a point."""

from typing import Annotated

import typer

from api.indicator_documents import evaluation_document
from api.indicator_texts import number_text, scope_text, target_text, value_text, words
from cli.ground import settings_of, there
from cli.options import DataOption, JsonOption
from cli.output import json_line, language, note, out, table, tell
from cli.parts.indicators import WithIndicators
from cli.parts.indicators_asked import Asked, ByOption, KnownAtOption, PlanFileOption, PlanOption, asked
from inventory.indicators.evaluating import POINT, Evaluation, evaluate


def evaluate_year(
    context: typer.Context,
    year: Annotated[
        int | None,
        typer.Option("--year", metavar="Y", min=1971, max=2199, help=tell("cli.indicators.year"), show_default=False),
    ] = None,
    by: ByOption = None,
    known_at: KnownAtOption = None,
    plan: PlanOption = None,
    plan_file: PlanFileOption = None,
    limit: Annotated[int, typer.Option("--limit", metavar="NUMBER", min=1, help=tell("cli.search.limit"))] = 50,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print how the city did in a year, or each district or unit; without a year the one that ended last."""
    with WithIndicators(there(settings_of(context, data))) as house:
        house.more_plans = plan_file or ()
        chosen = int(house.today()[:4]) - 1 if year is None else year
        question = asked(house, f"{chosen}-12-31", known_at, plan)
        weights = house.weights_of_evaluation
        found = evaluate(question.indicators, weights, question.day, question.recorded, by or "city")
        if as_json:
            for one in found:
                json_line(evaluation_document(one, weights, question.names, language))
            return
        if by is None:
            _print_one(found[0], limit)
        else:
            _print_all(found, question, limit)
    note("cli.indicators.evaluated", day=question.day, version=weights.version, digest=weights.digest[:12])
    if not weights.verified:
        note("posture.unverified")


def _print_one(found: Evaluation, limit: int) -> None:
    out.print(f"{tell('cli.column.score')}: {_points(found.score)} / 100", markup=False)
    out.print()
    names = ("number", "indicator", "figure", "target", "met", "points", "of-points")
    table(
        tuple(tell(f"cli.column.{name}") for name in names),
        (
            (
                str(one.measured.indicator.number), words(one.measured.indicator.title, language),
                value_text(one.measured, language), target_text(one.target), tell(f"indicator.met.{one.reached}"),
                _points(one.points), _points(one.most),
            )
            for one in found.scored
        ),
        right=(0, 5, 6), fold=(1,),
    )  # fmt: skip
    out.print()
    table(
        tuple(tell(f"cli.column.{name}") for name in ("points", "number", "reason")),
        (
            (
                _points(-one.points), str(one.number),
                tell(f"indicator.lost.{one.code}", count=number_text(one.count)),
            )
            for one in found.lost[:limit]
        ),
        right=(0, 1),
    )  # fmt: skip
    if len(found.lost) > limit:
        rest = sum(item.points for item in found.lost[limit:])
        note("cli.posture.rest", number=f"{len(found.lost) - limit:,}", points=_points(rest))


def _print_all(found: list[Evaluation], question: Asked, limit: int) -> None:
    table(
        tuple(tell(f"cli.column.{name}") for name in ("scope", "score", "indicators", "largest")),
        (
            (
                scope_text(one.scope, question.names, language), _points(one.score), str(len(one.scored)),
                "; ".join(
                    f"{item.number}: {_points(-item.points)} "
                    + tell(f"indicator.lost.{item.code}", count=number_text(item.count))
                    for item in one.lost[:2]
                ),
            )
            for one in found[:limit]
        ),
        right=(1, 2), fold=(0, 3),
    )  # fmt: skip
    if len(found) > limit:
        note("cli.posture.more", shown=f"{limit:,}", total=f"{len(found):,}")


def _points(points: int) -> str:
    return f"{points / POINT:,.2f}"
