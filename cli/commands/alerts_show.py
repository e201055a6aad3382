"""`hanwatch alerts show`: one alert, and the events that are its evidence."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from api.documents import alert_document
from cli.commands.alerts import title_of
from cli.ground import settings_of, there
from cli.options import DataOption, JsonOption
from cli.output import json_line, out, table, tell
from cli.parts.book import WithBook
from cli.parts.store import WithStore
from cli.plain import plain_cell
from cli.slicing import parts_of, write_slice
from sensors.capture.keeping.keeper import FOLDER as PACKETS
from sensors.errors import Problem
from sensors.event.times import iso


class AlertUnknown(Problem):
    """No alert has this id, or several begin with it."""

    code = "alert-unknown"


class _Evidence(WithBook, WithStore):
    """Alerts, and the events that they name."""


def show(
    context: typer.Context,
    alert_id: Annotated[str, typer.Argument(metavar="ID", help=tell("cli.alerts.id"))],
    data: DataOption = None,
    as_json: JsonOption = False,
    packets: Annotated[
        Path | None, typer.Option("--packets", metavar="FILE", help=tell("cli.alerts.packets"), show_default=False)
    ] = None,
) -> None:
    """Show one alert with its evidence; the beginning of its id is enough."""
    with _Evidence(there(settings_of(context, data))) as house:
        alert = house.book.get(alert_id)
        if alert is None:
            raise AlertUnknown(id=alert_id)
        events = [house.store.get(proof.event_id) for proof in alert.evidence]
    if packets is not None:
        folder = settings_of(context, data).data / PACKETS
        found = [event for event in events if event is not None]
        write_slice(packets, parts_of(found, folder), comment=f"hanwatch: alert {alert.id}")
    if as_json:
        json_line(alert_document(alert) | {"events": events})
        return
    out.print(f"[bold]{escape(plain_cell(title_of(alert)))}[/bold]  {tell(f'level.{alert.level}')}")
    table(
        ("", ""),
        (
            (tell("cli.column.alert"), alert.id),
            (tell("cli.column.rule"), alert.rule_id),
            (tell("cli.column.time"), iso(alert.time)),
            (tell("cli.column.attack"), ", ".join(alert.attack) or "-"),
        ),
    )
    for proof, event in zip(alert.evidence, events, strict=True):
        out.print()
        place = f"{proof.source_name} · {tell(f'unit.{proof.unit}')} {proof.ordinal}"
        out.print(f"[bold]{tell('cli.column.evidence')}[/bold] {escape(plain_cell(place))}")
        table(("", ""), sorted((event or dict(proof.summary)).items()))
