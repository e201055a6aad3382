"""`hanwatch intelligence feeds`: how the feeds and files of the settings stand."""

from dataclasses import asdict
from typing import Any, Literal, TypeAlias

import typer

from api.messages import LANGUAGES, explain
from cli.ground import settings_of, there
from cli.options import DataOption, JsonOption
from cli.output import FINDINGS, json_line, language, note, table, tell
from cli.parts.intelligence import WithIntelligence
from correlation.intelligence.model import Imported
from correlation.intelligence.pacing import MINUTE, due
from correlation.intelligence.sources import Source, sources_of
from correlation.intelligence.standing import CUT_OFF, Standing
from sensors.event.times import iso

State: TypeAlias = Literal["never", "reading", "good", "failing"]


def feeds(context: typer.Context, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Show when each feed was read, what came of it and when it is read next; exit 1 when one is failing."""
    with WithIntelligence(there(settings_of(context, data))) as house:
        settings, now = house.settings.intelligence, house.clock()
        found = [(source, house.indicators.feeds.of(source.key)) for source in sources_of(settings)]
    rows = [(*pair, _next(*pair, settings.every_minutes, now)) for pair in found]
    if as_json:
        for row in rows:
            json_line(_document(*row))
    elif rows:
        columns = ("feed", "kind", "state", "attempt", "success", "outcome", "next")
        table(tuple(tell(f"cli.column.{name}") for name in columns), (_row(*row) for row in rows), fold=(0, 5))
    else:
        note("feed-nothing")
    if any(standing.failing for _, standing in found):
        raise typer.Exit(FINDINGS)


def _next(source: Source, standing: Standing, minutes: int, now: int) -> int:
    """When it is read next; 0: never by itself."""
    return due(source.key, standing, minutes * MINUTE, now) if minutes else 0


def _state(standing: Standing) -> State:
    if standing.failing:
        return "failing"
    if standing.unfinished:
        return "reading"
    return "good" if standing.success else "never"


def _row(source: Source, standing: Standing, following: int) -> tuple[object, ...]:
    times = ("" if not moment else iso(moment) for moment in (standing.begun, standing.success))
    return (
        source.name, source.kind, tell(f"cli.intelligence.state.{_state(standing)}"), *times, _outcome(standing),
        "" if not following else iso(following),
    )  # fmt: skip


def _outcome(standing: Standing) -> str:
    """What the last reading that ended brought, or why it failed."""
    if standing.cut >= CUT_OFF:
        return tell("cli.intelligence.feeds.cut", number=f"{standing.cut:,}")
    if not standing.ended:
        return ""
    numbers = {name: f"{number:,}" for name, number in asdict(standing.imported).items()}
    brought = tell("cli.intelligence.feeds.outcome", **numbers)
    if standing.problem is None:
        return brought
    why = explain(standing.problem, language)
    return why if standing.imported == Imported() else f"{why} {tell('cli.intelligence.feeds.until', brought=brought)}"


def _document(source: Source, standing: Standing, following: int) -> dict[str, Any]:
    times = {"attempt": standing.begun, "success": standing.success, "next": following}
    done, problem = standing.imported, standing.problem
    told = None if problem is None else {"code": problem.code} | {one: explain(problem, one) for one in LANGUAGES}
    return {
        "feed": source.name,
        "kind": source.kind,
        "state": _state(standing),
        **{name: iso(moment) if moment else None for name, moment in times.items()},
        "failures": standing.failures,
        "cut": standing.cut,
        **asdict(done),
        "problem": told,
    }
