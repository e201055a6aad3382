"""`hanwatch quarantine replay`: what was refused once is tried again, after a fix."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

import typer

from cli.commands.quarantine import ReasonOption
from cli.ground import settings_of, there
from cli.house import House, house_of
from cli.options import DataOption, JsonOption
from cli.output import FAILED, complain, json_line, out, tell
from sensors.delivery.errors import NotReplayable
from sensors.delivery.quarantine import Filter, Quarantined
from sensors.event.model import Batch, Source
from sensors.reading.model import Position, Reject

_PAGE = 500


def replay(
    context: typer.Context,
    numbers: Annotated[
        list[int] | None, typer.Argument(metavar="NUMBER", help=tell("cli.quarantine.id"), show_default=False)
    ] = None,
    reason: ReasonOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Parse or store records again; those that are refused again stay, and the exit code is 3."""
    with house_of(context, there(settings_of(context, data)).data) as house:
        wanted = numbers or _numbers(house, Filter(reason=reason))
        refused = 0
        for number in wanted:
            try:
                entry = house.spool.quarantine_entry(number)
                result = house.spool.replay(number, partial(_parse, house, entry))
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


def _parse(
    house: House, entry: Quarantined, raw: bytes, source: Source, ordinal: int, offset: int
) -> Sequence[Batch] | Reject:
    return house.intake.parse_again(raw, source, entry.format, Position(offset, ordinal), entry.time)


def _numbers(house: House, wanted: Filter) -> list[int]:
    found: list[int] = []
    while entries := house.spool.quarantined(wanted, after=found[-1] if found else 0, limit=_PAGE):
        found.extend(entry.number for entry in entries)
    return found
