"""`hanwatch parsers list` and `show`: the formats of logs, and what each of them makes of its samples."""

from typing import Annotated, Any

import typer

from cli.ground import settings_of
from cli.options import DataOption, JsonOption
from cli.output import FAILED, complain, json_line, language, note, out, stdout, table, tell
from cli.parts.formats import known_formats
from sensors.errors import FormatNotNamed
from sensors.parsers.declared.model import Columns, Declaration, JsonObject, Messages
from sensors.parsers.declared.pairs import Dialect
from sensors.parsers.declared.trying import try_out
from sensors.parsers.registry import declarations, line_parsers


def list_parsers(context: typer.Context, data: DataOption = None, as_json: JsonOption = False) -> None:
    """List the declared formats: the settings' first, then the product's own."""
    problems = known_formats(settings_of(context, data))
    found = declarations()
    if as_json:
        for one in found:
            json_line(_document(one))
    else:
        table(
            tuple(tell(f"cli.column.{name}") for name in ("format", "title", "reading", "inside", "verified", "file")),
            (
                (
                    one.name,
                    one.zh if language == "zh" else one.en,
                    reading_of(one),
                    one.inside,
                    tell("cli.parsers.verified" if one.verified else "cli.parsers.unverified"),
                    one.place.file,
                )
                for one in found
            ),
            fold=(1, 5),
        )
    note("cli.parsers.listed", formats=len(found), unverified=sum(not one.verified for one in found))
    for problem in problems:
        complain(problem)
    if problems:
        raise typer.Exit(FAILED)


def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help=tell("cli.parsers.name"))],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one format: evidence, where its parts go, and what its samples become."""
    for problem in known_formats(settings_of(context, data)):
        complain(problem)
    found = {one.name: one for one in declarations()}
    if name not in found:
        raise FormatNotNamed(format=name, known=", ".join(found))
    one = found[name]
    trials = list(try_out(one, line_parsers()))
    if as_json:
        samples = [{"lines": trial.sample.lines, "events": trial.events} for trial in trials]
        json_line(_document(one) | {"samples": samples})
        return
    table(
        ("", ""),
        (
            (tell("cli.column.format"), one.name),
            (tell("cli.column.title"), one.zh if language == "zh" else one.en),
            (tell("cli.column.dataset"), one.dataset),
            (tell("cli.column.reading"), reading_of(one)),
            (tell("cli.column.inside"), one.inside),
            *((tell("cli.column.evidence"), text) for text in one.evidence),
            (tell("cli.column.verified"), tell("cli.parsers.verified" if one.verified else "cli.parsers.unverified")),
            (tell("cli.column.file"), one.place.file),
        ),
    )
    out.print()
    table(
        tuple(tell(f"cli.column.{column}") for column in ("part", "field", "how")),
        ((part, target.to, target.how or ", ".join(target.values)) for part, target in one.fields.items()),
    )
    for trial in trials:
        out.print()
        for line in trial.sample.lines:
            stdout.write(f"{line}\n")
        for event in trial.events:
            table(("", ""), sorted(event.items()))


def reading_of(one: Declaration) -> str:
    """How a format's texts are taken apart, in a word."""
    match one.reading:
        case Messages():
            return "messages"
        case Dialect():
            return "pairs"
        case Columns():
            return "columns"
        case JsonObject():
            return "json"
        case code:
            return code.name


def _document(one: Declaration) -> dict[str, Any]:
    return {
        "format": one.name,
        "en": one.en,
        "zh": one.zh,
        "dataset": one.dataset,
        "reading": reading_of(one),
        "inside": one.inside,
        "evidence": list(one.evidence),
        "verified": one.verified,
        "fields": {part: target.to for part, target in one.fields.items()},
        "file": one.place.file,
    }
