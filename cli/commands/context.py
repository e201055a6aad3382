"""`hanwatch context check` and `show`: what the context files say, and what is wrong with them."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from api.messages import explain
from api.moments import moment
from cli.ground import settings_of
from cli.options import DataOption, JsonOption
from cli.output import FAILED, FINDINGS, complain, json_line, language, note, table, tell
from cli.parts.context import WithContext, declare
from correlation.context.addresses import address_of, ends_of, is_public
from correlation.context.errors import ContextProblem
from correlation.context.loading import Loaded, load_context
from correlation.context.model import Entry, Known
from correlation.context.table import DEFAULT, Table
from correlation.context.timeline import holds, known_at
from sensors.errors import Place
from sensors.event.times import iso

ContextFiles: TypeAlias = Annotated[
    list[Path] | None, typer.Argument(metavar="FILE", help=tell("cli.context.files"), show_default=False)
]


class ContextNone(ContextProblem):
    """No file was named, neither here nor in the settings."""

    code = "context-none"


class ContextSpaceNotKnown(ContextProblem):
    """There is no address space of this name; `known` lists those that there are."""

    code = "context-space-not-known"


def check(
    context: typer.Context,
    paths: ContextFiles = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load context files and report every fault with its place; exit 1 when there is one."""
    loaded = _load(context, data, paths)
    if as_json:
        for problem in loaded.problems:
            place = problem.place or Place("")
            said = {"file": place.file, "line": place.line, "field": place.field}
            json_line({**said, "code": problem.code, "reason": explain(problem, language)})
        counts = {"entries": len(loaded.entries), "spaces": len(_names(loaded)), "problems": len(loaded.problems)}
        json_line(counts)
    else:
        for problem in loaded.problems:
            complain(problem)
        entries, spaces = f"{len(loaded.entries):,}", f"{len(_names(loaded)):,}"
        note("cli.context.checked", entries=entries, spaces=spaces, problems=f"{len(loaded.problems):,}")
    if loaded.problems:
        raise typer.Exit(FINDINGS)


def show(
    context: typer.Context,
    asked: Annotated[str, typer.Argument(metavar="ADDRESS", help=tell("cli.context.address"))],
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help=tell("cli.context.at"), show_default=False)
    ] = None,
    space: Annotated[str, typer.Option("--space", metavar="NAME", help=tell("cli.context.space"))] = DEFAULT,
    files: Annotated[
        list[Path] | None,
        typer.Option("--file", metavar="FILE", help=tell("cli.context.file"), show_default=False),
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what is known of an address or a host at a time, and the entries that say it."""
    loaded = _known(context, data, files)
    if space != DEFAULT and space not in _names(loaded):
        raise ContextSpaceNotKnown(name=space, known=", ".join(_names(loaded)) or "-")
    now = time.time_ns()
    when = moment(at, now) if at else now
    address = address_of(asked)
    whole = Table(loaded.entries)
    found = whole.host(asked, space) if address is None else whole.address(address, space)
    known = known_at(found, when)
    said = known._asdict() if known is not None else {}
    named = {name: value for name, value in said.items() if value is not None}
    # Of the default space's entries only those for public addresses hold in another one.
    spaces = {space, DEFAULT} if address is not None and is_public(address) else {space}
    by = [entry for entry in loaded.entries if entry.space in spaces and _about(entry, asked, when)]
    by.sort(key=lambda entry: (entry.space != space, entry.range.size if entry.range else 0))
    if as_json:
        entries = [{"network": _network(entry), "space": entry.space, "place": str(entry.place)} for entry in by]
        json_line({"address": asked, "space": space, "at": iso(when), "known": named, "entries": entries})
    else:
        _print(named, by)
        if not named:
            note("cli.context.unknown", address=asked, at=iso(when))
    for problem in loaded.problems:
        complain(problem)
    if loaded.problems:
        raise typer.Exit(FAILED)


def _load(context: typer.Context, data: Path | None, paths: Sequence[Path] | None) -> Loaded:
    """The files named, or else those of the settings; a data folder is not needed, and not made."""
    files = paths or settings_of(context, data).context.files
    if not files:
        raise ContextNone
    return load_context(files)


def _known(context: typer.Context, data: Path | None, paths: Sequence[Path] | None) -> Loaded:
    """What the files named say, or else those of the settings together with the registers of the data folder."""
    settings = settings_of(context, data)
    if paths or not settings.data.is_dir():
        return _load(context, data, paths)
    with WithContext(settings) as house:
        found = declare(settings.context.files, house.inventory)
    if not found.land.entries and not settings.context.files:
        raise ContextNone
    return Loaded(found.land.entries, found.land.spaces, found.problems)


def _names(loaded: Loaded) -> list[str]:
    """The names of the spaces; one may stand several times, as alternatives."""
    return list(dict.fromkeys(one.name for one in loaded.spaces))


def _about(entry: Entry, asked: str, when: int) -> bool:
    """Whether an entry is about an address or a host at this time."""
    address = address_of(asked)
    if address is None:
        return entry.host == asked.lower() and holds(entry, when)
    one = entry.range
    inside = one is not None and one.version == address.version and one.first <= address.number <= one.last
    return inside and holds(entry, when)


def _network(entry: Entry) -> str | None:
    return ends_of(entry.range) if entry.range is not None else None


def _print(named: dict[str, object], entries: Sequence[Entry]) -> None:
    rows = [(tell(f"context.{name}"), _spelled(name, value)) for name, value in named.items()]
    if rows:
        table(("", ""), rows)
        columns = ("network", *(name for name in Known._fields if name in named), "place")
        cells = ([_cell(entry, name) for name in columns] for entry in entries)
        table(tuple(tell(f"context.{name}") for name in columns), cells)


def _spelled(name: str, value: object) -> str:
    if name in {"domain", "cii"} and value is not None:
        return tell(f"context.{name}.{str(value).lower()}")
    return "" if value is None else str(value)


def _cell(entry: Entry, name: str) -> str:
    if name == "network":
        return _network(entry) or entry.host or ""
    return str(entry.place) if name == "place" else _spelled(name, getattr(entry.known, name))
