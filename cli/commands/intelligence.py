"""`hanwatch intelligence list`, `check` and `expire`: what the book of indicators holds."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from api.moments import moment
from cli.ground import settings_of, there
from cli.options import DataOption, JsonOption
from cli.output import FINDINGS, json_line, note, table, tell
from cli.parts.intelligence import WithIntelligence
from correlation.intelligence.checking import Finding, check
from correlation.intelligence.decay import decayed, ends
from correlation.intelligence.model import Indicator
from sensors.event.times import iso


def list_indicators(
    context: typer.Context,
    provider: Annotated[
        str | None,
        typer.Option("--provider", metavar="NAME", help=tell("cli.intelligence.provider"), show_default=False),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option("--kind", metavar="KIND", help=tell("cli.intelligence.kind"), show_default=False),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="NUMBER", min=1, help=tell("cli.search.limit"))] = 50,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """List indicators, and how many each provider has of each kind."""
    with WithIntelligence(there(settings_of(context, data))) as house:
        found = list(house.indicators.listed(provider, kind, limit))
        tally = house.indicators.tally()
        now, lifetimes = house.clock(), house.settings.intelligence.lifetimes
    if as_json:
        for one in found:
            json_line(_document(one) | {"confidence_now": decayed(one, now, lifetimes)})
        return
    table(
        tuple(tell(f"cli.column.{name}") for name in ("kind", "value", "provider", "confidence", "seen", "title")),
        ((one.kind, one.value, one.provider, decayed(one, now, lifetimes), iso(one.seen), one.name) for one in found),
        right=(3,),
        fold=(1, 5),
    )
    for (name, form), number in tally.items():
        note("cli.intelligence.tally", provider=name, kind=form, number=f"{number:,}")


def check_value(
    context: typer.Context,
    value: Annotated[str, typer.Argument(metavar="VALUE", help=tell("cli.intelligence.check.value"))],
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help=tell("cli.intelligence.check.at"), show_default=False),
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what is known of a value at a moment, and why it does not count; exit 1 when one indicator counts."""
    with WithIntelligence(there(settings_of(context, data))) as house:
        now = house.clock()
        asked = moment(at, now) if at else now
        found = list(check(house.indicators, house.settings.intelligence, house.allowed, value, asked))
    if as_json:
        for one in found:
            json_line(_document(one.indicator) | {"verdict": one.verdict, "confidence_at": one.confidence})
    elif found:
        table(
            tuple(
                tell(f"cli.column.{name}")
                for name in ("state", "kind", "value", "provider", "confidence", "from", "to", "title")
            ),
            (_row(one) for one in found),
            right=(4,),
            fold=(2, 7),
        )
    else:
        note("cli.intelligence.check.nothing", value=value)
    if any(one.verdict == "active" for one in found):
        raise typer.Exit(FINDINGS)


def expire(context: typer.Context, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Remove what is no longer valid or has decayed to nothing."""
    with WithIntelligence(there(settings_of(context, data))) as house:
        now, lifetimes = house.clock(), house.settings.intelligence.lifetimes
        gone = house.indicators.expire(now, ends(now, lifetimes))
        house.indicators.compile()
        known = sum(house.indicators.tally().values())
    if as_json:
        json_line({"expired": gone, "known": known})
    else:
        note("cli.intelligence.expired", number=f"{gone:,}", known=f"{known:,}")


def _row(found: Finding) -> tuple[object, ...]:
    one = found.indicator
    valid = ("" if time is None else iso(time) for time in (one.valid_from, one.valid_until))
    verdict = tell(f"cli.intelligence.verdict.{found.verdict}")
    return (verdict, one.kind, one.value, one.provider, found.confidence, *valid, one.name)


def _document(indicator: Indicator) -> dict[str, Any]:
    """An indicator as JSON, its times as ISO 8601."""
    times = ("seen", "valid_from", "valid_until", "first_seen", "last_seen")
    said = asdict(indicator)
    return said | {name: None if said[name] is None else iso(said[name]) for name in times}
