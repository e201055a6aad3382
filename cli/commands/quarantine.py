"""`hanwatch quarantine list` and `show`: what could not be parsed or stored, and why."""

from typing import Annotated, Any, TypeAlias

import typer

from api.messages import knows
from cli.ground import settings_of, there
from cli.options import DataOption, JsonOption
from cli.output import json_line, note, out, table, tell
from cli.parts.spool import WithSpool
from cli.plain import plain
from sensors.delivery.quarantine import Filter, Quarantined
from sensors.event.times import iso

ReasonOption: TypeAlias = Annotated[
    str | None, typer.Option("--reason", metavar="REASON", help=tell("cli.quarantine.reason"), show_default=False)
]
NumberArgument: TypeAlias = Annotated[int, typer.Argument(metavar="NUMBER", help=tell("cli.quarantine.id"))]
_SHOWN_BYTES = 4_096


def list_entries(
    context: typer.Context,
    reason: ReasonOption = None,
    limit: Annotated[int, typer.Option("--limit", metavar="NUMBER", min=1, help=tell("cli.search.limit"))] = 50,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what waits in quarantine, in the order in which it came."""
    with WithSpool(there(settings_of(context, data))) as house:
        wanted = Filter(reason=reason)
        found = house.spool.quarantined(wanted, limit=limit)
        total = sum(house.spool.quarantine_tally(wanted).values())
    if as_json:
        for entry in found:
            json_line(_document(entry))
        return
    table(
        tuple(tell(f"cli.column.{name}") for name in ("number", "stage", "reason", "place", "size")),
        ((entry.number, entry.stage, _why(entry), _place(entry), f"{entry.reject.size:,}") for entry in found),
        right=(0, 4),
        fold=(2, 3),
    )
    note("cli.quarantine.total", shown=f"{len(found):,}", total=f"{total:,}")


def show(
    context: typer.Context,
    number: NumberArgument,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one record with its bytes; what is no text is shown escaped."""
    with WithSpool(there(settings_of(context, data))) as house:
        entry = house.spool.quarantine_entry(number)
    text = entry.reject.raw[:_SHOWN_BYTES].decode("utf-8", "backslashreplace")
    if as_json:
        json_line(_document(entry) | {"raw": text, "cut": entry.cut})
        return
    table(
        ("", ""),
        (
            (tell("cli.column.stage"), entry.stage),
            (tell("cli.column.reason"), _why(entry)),
            (tell("cli.column.place"), _place(entry)),
            (tell("cli.column.time"), iso(entry.time)),
            (tell("cli.column.size"), f"{entry.reject.size:,}"),
        ),
    )
    out.print(plain(text), markup=False)


def _why(entry: Quarantined) -> str:
    code = f"reason.{entry.reject.reason}"
    reason = tell(code) if knows(code) else entry.reject.reason
    return f"{reason}: {entry.reject.detail}" if entry.reject.detail else reason


def _place(entry: Quarantined) -> str:
    return f"{entry.source.name}:{entry.reject.ordinal}"


def _document(entry: Quarantined) -> dict[str, Any]:
    return {
        "number": entry.number,
        "stage": entry.stage,
        "source": {"id": entry.source.id, "name": entry.source.name, "format": entry.format},
        "ordinal": entry.reject.ordinal,
        "offset": entry.reject.offset,
        "reason": entry.reject.reason,
        "detail": entry.reject.detail,
        "size": entry.reject.size,
        "time": iso(entry.time),
        "attempts": entry.attempts,
    }
