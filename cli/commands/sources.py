"""`hanwatch sources`: who sends what, how late, and who has fallen silent."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from api.documents import source_document
from cli.ground import settings_of, there
from cli.options import DataOption, JsonOption
from cli.output import FINDINGS, json_line, note, table, tell
from cli.parts.spool import WithSpool
from cli.settings import SourceSettings
from sensors.delivery.activity import SourceActivity
from sensors.delivery.devices import DeviceActivity
from sensors.delivery.rhythm import LEAST_BEATS
from sensors.event.times import SECOND

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))


def sources(
    context: typer.Context,
    silent: Annotated[bool, typer.Option("--silent", help=tell("cli.sources.silent"))] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print every source that was met, silent ones first; exit 1 when one is silent."""
    with WithSpool(there(settings_of(context, data))) as house:
        known = house.settings.sources
        now = house.clock()
        found = [one for one in house.spool.activity() if one.missed or not silent]
    found.sort(key=lambda one: not one.missed)
    if as_json:
        for one in found:
            json_line(source_document(one, known.owner_of))
    elif found:
        _print(found, known, now, only_silent=silent)
    elif not silent:
        note("cli.sources.none")
    if any(one.missed for one in found):
        raise typer.Exit(FINDINGS)


def _print(found: Sequence[SourceActivity], known: SourceSettings, now: int, *, only_silent: bool) -> None:
    names = ("state", "source", "format", "owner", "heard", "hour", "day", "parsed", "lag", "skew", "pause")
    table(
        [tell(f"cli.column.{name}") for name in names],
        (row for one in found for row in _rows(one, known, now, only_silent=only_silent)),
        right=(5, 6, 7),
        fold=(1,),
    )


def _rows(one: SourceActivity, known: SourceSettings, now: int, *, only_silent: bool) -> Iterator[tuple[str, ...]]:
    """A source, and below it the devices behind it, silent ones first."""
    owner = known.owner_of(one.source.name) or ""
    yield _row(one, one.source.name, one.format, owner, "", now)
    for device in sorted(one.devices, key=lambda device: not device.silent):
        if device.silent or not only_silent:
            name = device.name or tell("cli.sources.rest")
            skew = "" if device.skew is None else _duration(device.skew)
            yield _row(device, f"  {name}", "", known.owner_of(device.path(one.source.name)) or owner, skew, now)


def _row(
    one: SourceActivity | DeviceActivity, name: str, form: str, owner: str, skew: str, now: int
) -> tuple[str, ...]:
    return (
        tell(f"cli.sources.state.{_state(one)}"),
        name,
        form,
        owner,
        "" if one.rhythm is None else _duration(now - one.rhythm.last),
        f"{one.events[0]:,}",
        f"{one.events[1]:,}",
        "" if one.parsed is None else f"{one.parsed:.1%}",
        "" if one.lag is None else _duration(one.lag),
        skew,
        "" if one.rhythm is None or one.rhythm.beats < LEAST_BEATS else _duration(one.rhythm.pause),
    )


def _state(found: SourceActivity | DeviceActivity) -> str:
    if found.silent:
        return "silent"
    return "heard" if found.rhythm is not None and found.rhythm.beats >= LEAST_BEATS else "new"


def _duration(nanoseconds: int) -> str:
    seconds = nanoseconds / SECOND
    for size, unit in _UNITS:
        if abs(seconds) >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
