"""`hanwatch rules match`: rules on the events of a file, as they are."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from cli.commands.rules import PipelineOption, PlaceholdersOption
from cli.options import JsonOption
from cli.output import FAILED, complain, json_line, stdout, tell
from cli.parts.rules import processing_of
from cli.plain import plain_cell
from correlation.matcher.engine import Matcher
from correlation.rules.loading import load_rules
from sensors.errors import Place, Problem, UnreadableInput


class NoRules(Problem):
    """What was named holds no rule at all."""

    code = "rules-none"


class EventLineUnusable(Problem):
    """A line of an event file is not a JSON object."""

    code = "event-line-unusable"


def match(
    paths: Annotated[
        list[Path], typer.Argument(metavar="RULE", help=tell("cli.rules.match.paths"), show_default=False)
    ],
    events: Annotated[Path, typer.Option("--events", metavar="FILE.jsonl", help=tell("cli.rules.match.events"))],
    pipeline: PipelineOption = None,
    placeholders: PlaceholdersOption = None,
    as_json: JsonOption = False,
) -> None:
    """Match events as they are, with no mapping of fields: one line for each match."""
    processing, wrong = processing_of(pipeline or (), placeholders or ())
    loaded, unusable, _ = load_rules(paths, processing=processing)
    broken = [*wrong, *unusable]
    for problem in broken:
        complain(problem)
    if not loaded and not broken:
        raise NoRules(paths=[str(path) for path in paths])
    matcher = Matcher(loaded, mapping=False)
    faults = 0
    for number, event in events_in(events):
        if isinstance(event, Problem):
            complain(event)
            faults += 1
            continue
        for rule in matcher.match_document(event):
            if as_json:
                json_line({"rule": rule.id, "title": rule.title, "line": number})
            else:
                stdout.write(f"{number}\t{rule.id}\t{plain_cell(rule.title)}\n")
    if broken or faults:
        raise typer.Exit(FAILED)


def events_in(file: Path) -> Iterator[tuple[int, dict[str, Any] | Problem]]:
    """The JSON objects of a file with their lines, and a problem for each line that is none.

    Raises:
        UnreadableInput: the file cannot be read.
    """
    try:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                try:
                    event = orjson.loads(line)
                except orjson.JSONDecodeError as error:
                    yield number, EventLineUnusable(place=Place(str(file), number), reason=str(error))
                    continue
                if isinstance(event, dict):
                    yield number, event
                else:
                    yield number, EventLineUnusable(place=Place(str(file), number), reason="not an object")
    except OSError as error:
        raise UnreadableInput(place=Place(str(file)), reason=error.strerror) from error
