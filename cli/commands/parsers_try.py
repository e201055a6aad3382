"""`hanwatch parsers test`: declared formats are checked, and tried on the samples in their files."""

from pathlib import Path
from typing import Annotated, Any

import typer

from api.messages import explain
from cli.ground import settings_of
from cli.options import DataOption, JsonOption
from cli.output import FINDINGS, complain, json_line, language, note, tell
from cli.parts.formats import known_formats
from sensors.parsers.declared.errors import DeclarationUnusable
from sensors.parsers.declared.loading import load
from sensors.parsers.declared.trying import Trial, try_out
from sensors.parsers.registry import declarations, parsers_of


def try_samples(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help=tell("cli.parsers.paths"), show_default=False)
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check files that declare formats and run their samples; exit 1 when anything is wrong."""
    problems: list[DeclarationUnusable] = list(known_formats(settings_of(context, data)))
    everything = declarations()
    chosen = list(everything)
    if paths:
        loaded = load(paths)
        chosen, problems = loaded.declarations, loaded.problems
        named = {one.name for one in chosen}
        # What is tested stands before everything else, as it will once its folder is in the settings.
        everything = [*chosen, *(one for one in everything if one.name not in named)]
    parsers = parsers_of(everything)
    trials: list[Trial] = []
    for one in chosen:
        for trial in try_out(one, parsers):
            trials.append(trial)
            problems += trial.problems
    for problem in problems:
        if as_json:
            json_line(_document(problem))
        else:
            complain(problem)
    failed = sum(bool(trial.problems) for trial in trials)
    if as_json:
        json_line({"formats": len(chosen), "samples": len(trials), "failed": failed, "problems": len(problems)})
    else:
        note("cli.parsers.tested", formats=len(chosen), samples=len(trials), failed=failed, problems=len(problems))
    if problems:
        raise typer.Exit(FINDINGS)


def _document(problem: DeclarationUnusable) -> dict[str, Any]:
    place = problem.place
    return {
        "file": place.file if place else None,
        "line": place.line if place else None,
        "field": place.field if place else None,
        "code": problem.code,
        "reason": explain(problem, language),
    }
