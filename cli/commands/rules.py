"""`hanwatch rules`: check rules, list them, and match events as they are."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from api.messages import explain
from cli.house import House
from cli.options import DataOption, JsonOption, settings_of
from cli.output import FAILED, FINDINGS, complain, json_line, language, note, table, tell
from correlation.matcher.engine import Matcher
from correlation.rules.loading import load_rules
from correlation.rules.model import Rule
from sensors.errors import Place, Problem, UnreadableInput

app = typer.Typer(help=tell("cli.rules.help"), no_args_is_help=True)

RulePaths = Annotated[list[Path], typer.Argument(metavar="RULE…", help=tell("cli.rules.paths"), show_default=False)]


class EventLineUnusable(Problem):
    """A line of an event file is not a JSON object."""

    code = "event-line-unusable"


@app.command("check", help=tell("cli.rules.check.help"), epilog=tell("cli.rules.check.examples"))
def check(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[RULE]…", help=tell("cli.rules.paths"), show_default=False)
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load rules and report every fault with its place; exit 1 when there is one."""
    settings = settings_of(context, data)
    with House(settings) as house:
        loaded, broken = load_rules(paths) if paths else house.rules()
    blind = [rule for rule in loaded if not rule.routable]
    if as_json:
        for problem in broken:
            place = problem.place
            json_line(
                {
                    "file": place.file if place else None,
                    "line": place.line if place else None,
                    "code": problem.code,
                    "reason": explain(problem, language),
                }
            )
        json_line({"rules": len(loaded), "broken": len(broken), "without_dataset": len(blind)})
    else:
        for problem in broken:
            complain(problem)
        note("cli.rules.checked", rules=f"{len(loaded):,}", broken=f"{len(broken):,}", blind=f"{len(blind):,}")
    if broken:
        raise typer.Exit(FINDINGS)


@app.command("list", help=tell("cli.rules.list.help"), epilog=tell("cli.rules.list.examples"))
def list_rules(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[RULE]…", help=tell("cli.rules.paths"), show_default=False)
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the rules that are loaded: the product's own and those of the settings, or those named."""
    with House(settings_of(context, data)) as house:
        loaded, broken = load_rules(paths) if paths else house.rules()
    if as_json:
        for rule in loaded:
            json_line(_document(rule))
    else:
        table(
            tuple(tell(f"cli.column.{name}") for name in ("level", "rule", "logsource", "attack", "file")),
            (
                (
                    tell(f"level.{rule.level}"),
                    rule.title,
                    str(rule.logsource),
                    ", ".join(rule.techniques),
                    Path(rule.path).name,
                )
                for rule in loaded
            ),
            fold=(1, 3),
        )
    for problem in broken:
        complain(problem)
    if broken:
        raise typer.Exit(FAILED)


@app.command("match", help=tell("cli.rules.match.help"), epilog=tell("cli.rules.match.examples"))
def match(
    paths: RulePaths,
    events: Annotated[Path, typer.Option("--events", metavar="FILE.jsonl", help=tell("cli.rules.match.events"))],
    as_json: JsonOption = False,
) -> None:
    """Match events as they are, with no mapping of fields: one line for each match."""
    loaded, broken = load_rules(paths)
    for problem in broken:
        complain(problem)
    matcher = Matcher(loaded, mapping=False)
    faults = 0
    for number, event in _events(events):
        if isinstance(event, Problem):
            complain(event)
            faults += 1
            continue
        for rule in matcher.match_document(event):
            if as_json:
                json_line({"rule": rule.id, "title": rule.title, "line": number})
            else:
                sys.stdout.write(f"{number}\t{rule.id}\t{rule.title}\n")
    if broken or faults:
        raise typer.Exit(FAILED)


def _events(file: Path) -> Iterator[tuple[int, dict[str, Any] | Problem]]:
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


def _document(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": rule.title,
        "level": rule.level,
        "status": rule.status,
        "logsource": {
            "product": rule.logsource.product,
            "category": rule.logsource.category,
            "service": rule.logsource.service,
        },
        "attack": [*rule.tactics, *rule.techniques],
        "routable": rule.routable,
        "file": rule.path,
    }
