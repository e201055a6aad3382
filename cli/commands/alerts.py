"""`hanwatch alerts`: what the rules found."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.markup import escape

from api.documents import alert_document
from api.moments import moment
from cli.house import House
from cli.options import DataOption, JsonOption, settings_of
from cli.output import json_line, language, note, out, table, tell
from correlation.alerts.model import Alert, Level
from sensors.errors import Problem
from sensors.event.times import SECOND, iso

PAGE = 1_000

app = typer.Typer(help=tell("cli.alerts.help"), no_args_is_help=True)


class AlertUnknown(Problem):
    """No alert has this id, or several begin with it."""

    code = "alert-unknown"


@app.command("list", help=tell("cli.alerts.list.help"), epilog=tell("cli.alerts.list.examples"))
def list_alerts(
    context: typer.Context,
    level: Annotated[Level, typer.Option("--level", help=tell("cli.alerts.level"))] = "informational",
    rule: Annotated[
        str | None, typer.Option("--rule", metavar="ID", help=tell("cli.alerts.rule"), show_default=False)
    ] = None,
    start: Annotated[str | None, typer.Option("--from", help=tell("cli.search.from"), show_default=False)] = None,
    end: Annotated[str | None, typer.Option("--to", help=tell("cli.search.to"), show_default=False)] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help=tell("cli.search.limit"))] = 50,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """List alerts, newest first."""
    with House(settings_of(context, data)) as house:
        now = house.clock()
        found: list[Alert] = []
        after = None
        total = 0
        while len(found) < limit:
            page = house.book.page(
                minimum=level,
                rule_id=rule,
                start=moment(start, now) if start else None,
                end=moment(end, now) if end else None,
                limit=min(PAGE, limit - len(found)),
                after=after,
            )
            found.extend(page.alerts)
            total = page.total
            after = page.after
            if after is None:
                break
    if as_json:
        for alert in found:
            json_line(alert_document(alert))
        return
    table(
        tuple(tell(f"cli.column.{name}") for name in ("alert", "time", "level", "rule", "evidence")),
        (
            (alert.id[:12], _local(alert.time), tell(f"level.{alert.level}"), _title(alert), _place(alert))
            for alert in found
        ),
        fold=(3, 4),
    )
    note("cli.alerts.total", shown=f"{len(found):,}", total=f"{total:,}")


@app.command("show", help=tell("cli.alerts.show.help"), epilog=tell("cli.alerts.show.examples"))
def show(
    context: typer.Context,
    alert_id: Annotated[str, typer.Argument(metavar="ID", help=tell("cli.alerts.id"))],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one alert with its evidence; the beginning of its id is enough."""
    with House(settings_of(context, data)) as house:
        alert = house.book.get(alert_id)
        if alert is None:
            raise AlertUnknown(id=alert_id)
        events = [house.store.get(proof.event_id) for proof in alert.evidence]
    if as_json:
        json_line(alert_document(alert) | {"events": events})
        return
    out.print(f"[bold]{escape(_title(alert))}[/bold]  {tell(f'level.{alert.level}')}")
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
        out.print(f"[bold]{tell('cli.column.evidence')}[/bold] {escape(place)}")
        table(("", ""), sorted((event or dict(proof.summary)).items()))


def _title(alert: Alert) -> str:
    return alert.title_zh if language == "zh" and alert.title_zh else alert.title


def _local(moment_: int) -> str:
    return datetime.fromtimestamp(moment_ // SECOND, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _place(alert: Alert) -> str:
    proof = alert.evidence[0]
    return f"{proof.source_name.rpartition('/')[2]} · {tell(f'unit.{proof.unit}')} {proof.ordinal}"
