"""`hanwatch quarantine`: what could not be parsed or stored, why, and trying it again."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

import typer

from api.messages import knows
from cli.house import House
from cli.options import DataOption, JsonOption, settings_of
from cli.output import FAILED, complain, json_line, note, out, table, tell
from sensors.delivery.errors import NotReplayable
from sensors.delivery.quarantine import Filter, Quarantined
from sensors.event.model import Batch, Source
from sensors.event.times import iso
from sensors.reading.model import Position, Reject

app = typer.Typer(help=tell("cli.quarantine.help"), no_args_is_help=True)

ReasonOption = Annotated[str | None, typer.Option("--reason", help=tell("cli.quarantine.reason"), show_default=False)]
NumberArgument = Annotated[int, typer.Argument(metavar="NUMBER", help=tell("cli.quarantine.id"))]
_SHOWN_BYTES = 4_096
_PAGE = 500


@app.command("list", help=tell("cli.quarantine.list.help"), epilog=tell("cli.quarantine.list.examples"))
def list_entries(
    context: typer.Context,
    reason: ReasonOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help=tell("cli.search.limit"))] = 50,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what waits in quarantine, in the order in which it came."""
    with House(settings_of(context, data)) as house:
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


@app.command("show", help=tell("cli.quarantine.show.help"), epilog=tell("cli.quarantine.show.examples"))
def show(
    context: typer.Context,
    number: NumberArgument,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one record with its bytes; what is no text is shown escaped."""
    with House(settings_of(context, data)) as house:
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
    out.print(text, markup=False)


@app.command("replay", help=tell("cli.quarantine.replay.help"), epilog=tell("cli.quarantine.replay.examples"))
def replay(
    context: typer.Context,
    numbers: Annotated[
        list[int] | None, typer.Argument(metavar="[NUMBER]…", help=tell("cli.quarantine.id"), show_default=False)
    ] = None,
    reason: ReasonOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Parse or store records again; those that are refused again stay, and the exit code is 3."""
    with House(settings_of(context, data)) as house:
        wanted = numbers or _numbers(house, Filter(reason=reason))
        refused = 0
        for number in wanted:
            try:
                entry = house.spool.quarantine_entry(number)
                result = house.spool.replay(number, partial(_parse, house, entry.format))
            except NotReplayable as problem:
                complain(problem)
                refused += 1
                continue
            refused += isinstance(result, Reject)
    counts = {"tried": len(wanted), "accepted": len(wanted) - refused, "refused": refused}
    if as_json:
        json_line(counts)
    else:
        out.print(tell("cli.quarantine.replayed", **counts))
    if refused:
        raise typer.Exit(FAILED)


def _parse(house: House, name: str, raw: bytes, source: Source, ordinal: int, offset: int) -> Sequence[Batch] | Reject:
    return house.intake.parse_again(raw, source, name, Position(offset, ordinal))


def _numbers(house: House, wanted: Filter) -> list[int]:
    found: list[int] = []
    while entries := house.spool.quarantined(wanted, after=found[-1] if found else 0, limit=_PAGE):
        found.extend(entry.number for entry in entries)
    return found


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
