"""`hanwatch incidents list`: what alerts come to, newest first."""

from datetime import UTC, datetime
from typing import Annotated, Literal, TypeAlias

import typer

from api.incident_documents import incident_document, titles_of
from api.moments import moment
from cli.ground import settings_of, there
from cli.options import DataOption, FromOption, JsonOption, ToOption
from cli.output import json_line, language, note, table, tell
from cli.parts.incidents import WithIncidents
from correlation.incidents.log import State
from correlation.incidents.model import Incident
from sensors.event.times import SECOND

PAGE = 1_000
Severity: TypeAlias = Literal["low", "medium", "high", "critical", "suppressed"]
_RISING: tuple[Severity, ...] = ("low", "medium", "high", "critical")


def list_incidents(
    context: typer.Context,
    severity: Annotated[
        Severity, typer.Option("--severity", metavar="SEVERITY", help=tell("cli.incidents.severity"))
    ] = "low",
    state: Annotated[
        State | None,
        typer.Option("--state", metavar="STATE", help=tell("cli.incidents.state.filter"), show_default=False),
    ] = None,
    assignee: Annotated[
        str | None,
        typer.Option("--assignee", metavar="NAME", help=tell("cli.incidents.assignee"), show_default=False),
    ] = None,
    start: FromOption = None,
    end: ToOption = None,
    limit: Annotated[int, typer.Option("--limit", metavar="NUMBER", min=1, help=tell("cli.search.limit"))] = 50,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """List incidents, newest first."""
    with WithIncidents(there(settings_of(context, data))) as house:
        now = house.clock()
        found: list[Incident] = []
        after = None
        total = 0
        while len(found) < limit:
            page = house.incidents.page(
                states=() if state is None else (state,),
                severities=at_least(severity),
                assignee=assignee,
                start=moment(start, now) if start else None,
                end=moment(end, now) if end else None,
                limit=min(PAGE, limit - len(found)),
                after=after,
            )
            found.extend(page.incidents)
            total, after = page.total, page.after
            if after is None:
                break
        weights, titles = house.weights, titles_of(found, house.book, language) if as_json else {}
    if as_json:
        for incident in found:
            json_line(incident_document(incident, weights, titles, language))
        return
    table(
        tuple(tell(f"cli.column.{name}") for name in _COLUMNS),
        (
            (
                incident.id[:12],
                local(incident.last),
                tell(f"severity.{incident.severity}"),
                str(incident.score),
                tell(f"colour.{incident.colour or 'none'}"),
                tell(f"state.{incident.state}"),
                f"{incident.alerts:,}",
                _who(incident),
            )
            for incident in found
        ),
        right=(3, 6),
        fold=(7,),
    )
    note("cli.alerts.total", shown=f"{len(found):,}", total=f"{total:,}")


_COLUMNS = ("incident", "time", "severity", "score", "warning", "state", "alerts", "entities")


def at_least(severity: Severity) -> tuple[str, ...]:
    """The severities from this one on; the lowest asks for all, those that are wholly suppressed by name."""
    if severity == "low":
        return ()
    return ("suppressed",) if severity == "suppressed" else _RISING[_RISING.index(severity) :]


def local(moment_: int) -> str:
    """A time for a table."""
    return datetime.fromtimestamp(moment_ // SECOND, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _who(incident: Incident) -> str:
    """The most frequent entities: who did it, and to whom."""
    named = incident.sums.get("named", {})
    sides = [_most(named.get(side, {})) for side in ("actors", "victims")]
    return " → ".join(side for side in sides if side)


def _most(counted: dict[str, int]) -> str:
    first = sorted(counted, key=lambda name: (-counted[name], name))[:2]
    more = len(counted) - len(first)
    return ", ".join(name.partition(":")[2] for name in first) + (f" (+{more})" if more else "")
