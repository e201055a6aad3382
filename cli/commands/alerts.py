"""`hanwatch alerts list`: what the rules found, newest first."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

import typer

from api.documents import alert_document
from api.moments import moment
from cli.ground import settings_of, there
from cli.options import DataOption, FromOption, JsonOption, ToOption
from cli.output import json_line, language, note, table, tell
from cli.parts.book import WithBook
from correlation.alerts.model import Alert, Level
from sensors.event.times import SECOND

PAGE = 1_000


def list_alerts(
    context: typer.Context,
    level: Annotated[Level, typer.Option("--level", metavar="LEVEL", help=tell("cli.alerts.level"))] = "informational",
    rule: Annotated[
        str | None, typer.Option("--rule", metavar="ID", help=tell("cli.alerts.rule"), show_default=False)
    ] = None,
    start: FromOption = None,
    end: ToOption = None,
    limit: Annotated[int, typer.Option("--limit", metavar="NUMBER", min=1, help=tell("cli.search.limit"))] = 50,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """List alerts, newest first."""
    with WithBook(there(settings_of(context, data))) as house:
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
    show_alerts(found)
    note("cli.alerts.total", shown=f"{len(found):,}", total=f"{total:,}")


def show_alerts(found: Iterable[Alert]) -> None:
    """A table of alerts."""
    table(
        tuple(tell(f"cli.column.{name}") for name in ("alert", "time", "level", "rule", "evidence")),
        (
            (alert.id[:12], _local(alert.time), tell(f"level.{alert.level}"), title_of(alert), _place(alert))
            for alert in found
        ),
        fold=(3, 4),
    )


def title_of(alert: Alert) -> str:
    """Its rule's title in the language of this run."""
    return alert.title_zh if language == "zh" and alert.title_zh else alert.title


def _local(moment_: int) -> str:
    return datetime.fromtimestamp(moment_ // SECOND, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _place(alert: Alert) -> str:
    proof = alert.evidence[0]
    return f"{proof.source_name.rpartition('/')[2]} · {tell(f'unit.{proof.unit}')} {proof.ordinal}"
