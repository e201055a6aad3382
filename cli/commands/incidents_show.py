"""`hanwatch incidents show`: one incident, what its severity is made of, its timeline, and what people did about it."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.markup import escape

from api.incident_documents import (
    change_document,
    incident_document,
    joined_document,
    part_text,
    reason_text,
    titles_of,
)
from cli.commands.alerts import title_of
from cli.commands.incidents import local
from cli.ground import settings_of, there
from cli.options import DataOption, JsonOption
from cli.output import FINDINGS, json_line, language, note, out, table, tell
from cli.parts.incidents import WithIncidents
from cli.plain import plain_cell
from correlation.incidents.book import IncidentBook, Joined
from correlation.incidents.errors import IncidentUnknown
from correlation.incidents.log import Change, broken, undone
from correlation.incidents.model import Incident
from correlation.incidents.sums import Sums


def show(
    context: typer.Context,
    incident_id: Annotated[str, typer.Argument(metavar="ID", help=tell("cli.incidents.id"))],
    limit: Annotated[int, typer.Option("--limit", metavar="NUMBER", min=1, help=tell("cli.incidents.limit"))] = 200,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one incident with its timeline; the beginning of its id is enough."""
    with WithIncidents(there(settings_of(context, data))) as house:
        incident = found(house.incidents, incident_id)
        timeline, more = house.incidents.alerts(incident.id, limit=limit)
        log = house.changes.log(incident.id)
        absorbed = house.incidents.absorbed(incident.id)
        weights, titles = house.weights, titles_of([incident], house.book, language)
    if as_json:
        json_line(
            incident_document(incident, weights, titles, language)
            | {
                "timeline": [joined_document(one, language) for one in timeline],
                "more": more is not None,
                "changes": [change_document(one, log) for one in log],
                "absorbed": [change_document(one, absorbed) | {"incident": one.subject} for one in absorbed],
            }
        )
        return
    _head(incident)
    out.print(f"\n[bold]{tell('cli.incidents.parts')}[/bold]")
    parts = weights.judge(Sums(incident.sums)).parts
    table(("", ""), ((f"+{part.points}", part_text(part.code, part.value, language)) for part in parts))
    out.print(f"\n[bold]{tell('cli.incidents.timeline')}[/bold]")
    _timeline(timeline)
    if log or absorbed:
        out.print(f"\n[bold]{tell('cli.incidents.log')}[/bold]")
        cells = [entry_cells(one, of) for of in (log, absorbed) for one in of]
        table(("", "", "", ""), cells)
    if (wrong := broken(log)) is not None:
        note("cli.incidents.log-broken", version=wrong)
        raise typer.Exit(FINDINGS)
    if more is not None:
        note("cli.alerts.total", shown=f"{len(timeline):,}", total=f"{incident.alerts:,}")


def found(book: IncidentBook, incident_id: str) -> Incident:
    """The incident that a person names.

    Raises:
        IncidentUnknown: none has this id, or several begin with it.
    """
    incident = book.get(incident_id)
    if incident is None:
        raise IncidentUnknown(id=incident_id)
    return incident


def _head(incident: Incident) -> None:
    colour = tell(f"colour.{incident.colour or 'none'}")
    rule = f" ({tell('cli.incidents.by-rule', rule=incident.warning)})" if incident.colour else ""
    out.print(f"[bold]{incident.id}[/bold]  {tell(f'severity.{incident.severity}')} {incident.score}")
    named = incident.sums.get("named", {})
    state = f"{tell(f'state.{incident.state}')} · {incident.assignee or '-'} · v{incident.version}"
    rows = [
        (tell("cli.column.state"), state),
        (tell("cli.column.warning"), colour + rule),
        (tell("cli.column.from"), local(incident.begun)),
        (tell("cli.column.to"), local(incident.last)),
        (
            tell("cli.column.alerts"),
            tell("cli.incidents.counted", alerts=f"{incident.alerts:,}", suppressed=f"{incident.suppressed:,}"),
        ),
        *(
            (tell(f"cli.incidents.side.{side}"), ", ".join(f"{name.partition(':')[2]} ({n})" for name, n in of.items()))
            for side, of in named.items()
        ),
    ]
    table(("", ""), rows)


def _timeline(timeline: Sequence[Joined]) -> None:
    rows = []
    for one in timeline:
        reasons = "; ".join(reason_text(reason, language) for reason in one.reasons) or tell("incident.link.first")
        if one.window:
            reasons += f" · {tell('cli.incidents.suppressed-by', window=one.window)}"
        alert = one.alert
        rows.append((local(alert.time), tell(f"level.{alert.level}"), alert.id[:12], title_of(alert), reasons))
    headings = tuple(tell(f"cli.column.{name}") for name in ("time", "level", "alert", "rule", "reason"))
    table(headings, rows, fold=(3, 4))


def entry_cells(change: Change, log: Sequence[Change]) -> tuple[str, str, str, str]:
    """An entry of a log as cells: when, who, what, and its values."""
    what = tell(f"change.{change.what}")
    if change.version in undone(log):
        what += f" ({tell('change.undone')})"
    said = ", ".join(f"{key}: {_before(change.before.get(key))}{value}" for key, value in change.after.items())
    return local(change.at), escape(plain_cell(change.who)), f"{change.version} {what}", said


def _before(value: Any) -> str:
    return "" if value in (None, "", {}) else f"{value} → "
