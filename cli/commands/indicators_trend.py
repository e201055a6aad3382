"""`hanwatch indicators --trend`: how indicators went by month, and where they are heading, with the range of that."""

from collections.abc import Sequence

from api.indicator_documents import plan_document
from api.indicator_texts import number_text, signed, target_text, words
from api.indicator_trend_documents import forecast_document, series_document
from cli.output import json_line, language, note, out, table, tell
from cli.parts.indicators import WithIndicators
from cli.parts.indicators_asked import Asked
from inventory.indicators.forecasting import Ahead, Forecast, forecast
from inventory.indicators.model import Indicator
from inventory.indicators.replaying import Replay
from inventory.indicators.series import Point, series


def trend(
    house: WithIndicators, question: Asked, wanted: Sequence[Indicator], *, one: bool, as_json: bool
) -> None:
    """Print the trend of indicators, a line each, or of one every month."""
    plan = question.indicators.plan
    replay = Replay(house.database, question.recorded)
    found = [(each, series(replay, plan, each, question.day)) for each in wanted]
    made = [(each, points, forecast(points, each)) for each, points in found]
    if as_json:
        head = plan_document(plan, house.plans, language)
        for each, points, ahead in made:
            said = {"number": each.number, "title": words(each.title, language), "unit": words(each.unit, language)}
            json_line(
                head | said | {"series": series_document(points), "forecast": forecast_document(ahead, language)}
            )
        return
    if one:
        _print_one(*made[0])
    else:
        names = ("number", "indicator", "first", "last", "per-year", "in-a-year", "range", "target", "reached")
        headings = tuple(tell(f"cli.column.{name}") for name in names)
        table(headings, (_row(*each) for each in made), right=(0,), fold=(1,))
    note("indicator.forecast.method")


def _row(indicator: Indicator, points: Sequence[Point], found: Forecast) -> tuple[str, ...]:
    known = [one for one in points if one.value is not None]
    shown = (f"{number_text(one.value)} ({one.day[:7]})" for one in (known[0], known[-1])) if known else ("", "")
    head = (str(indicator.number), words(indicator.title, language), *shown)
    if found.silent:
        return (*head, "", tell(f"indicator.forecast.{found.silent}"), "", target_text(indicator.target), "")
    last = found.ahead[-1]
    return (
        *head, signed(found.per_year), number_text(last.value), _range(last), target_text(indicator.target),
        _reached(found),
    )  # fmt: skip


def _print_one(indicator: Indicator, points: Sequence[Point], found: Forecast) -> None:
    out.print(f"{indicator.number} {words(indicator.title, language)}, {words(indicator.unit, language)}", markup=False)
    table(
        tuple(tell(f"cli.column.{name}") for name in ("as-of", "figure", "numerator", "denominator", "not-known")),
        (
            (
                one.day, number_text(one.value), number_text(one.numerator), number_text(one.denominator),
                number_text(one.unknown) if one.unknown else "",
            )
            for one in points
        ),
        right=(1, 2, 3, 4),
    )  # fmt: skip
    out.print()
    if found.silent:
        out.print(tell(f"indicator.forecast.{found.silent}"), markup=False)
        return
    table(
        tuple(tell(f"cli.column.{name}") for name in ("as-of", "forecast", "range")),
        ((one.day, number_text(one.value), _range(one)) for one in found.ahead),
        right=(1,),
    )
    out.print(f"{tell('cli.column.reached')}: {_reached(found)}", markup=False)


def _range(one: Ahead) -> str:
    return f"{number_text(one.least)} – {number_text(one.most)}"


def _reached(found: Forecast) -> str:
    if found.already:
        return tell("indicator.forecast.already")
    days = [one or tell("indicator.forecast.never") for one in (found.reached, found.earliest, found.latest)]
    return f"{days[0]} ({days[1]} – {days[2]})"
