"""`hanwatch rules import`: rules of others are checked, and copied into the data folder with their source."""

from pathlib import Path
from typing import Annotated

import typer

from api.messages import explain
from cli.ground import Ground, settings_of
from cli.options import DataOption, JsonOption
from cli.output import FINDINGS, complain, json_line, language, note, tell
from cli.parts.rules import imported_folder, processed_rules, rule_paths
from correlation.errors import RulesNotWritten
from correlation.rules.importing import Plan, carry_out, plan
from sensors.errors import Place, Problem, UnreadableInput


class NothingToImport(Problem):
    """What was named holds no rule file."""

    code = "rules-none"


def import_rules(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="PATH", help=tell("cli.rules.import.path"))],
    dry_run: Annotated[bool, typer.Option("--dry-run", help=tell("cli.rules.import.dry_run"))] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take the rules of a file or folder into the data folder; exit 1 when one is refused."""
    settings = settings_of(context, data)
    folder = imported_folder(settings)
    if not path.exists():
        raise UnreadableInput(place=Place(str(path)), reason="no such file or folder")
    made = plan(path, folder, lambda roots: processed_rules(settings, [*roots, *rule_paths(settings)]))
    if not (made.takings or made.unchanged or made.refused):
        raise NothingToImport(paths=[str(path)])
    if not dry_run and made.takings:
        with Ground(settings) as ground:
            try:
                carry_out(made.takings, folder, ground.clock())
            except OSError as error:
                raise RulesNotWritten(place=Place(str(folder)), reason=error.strerror or str(error)) from error
    _tell(made, folder, dry_run=dry_run, as_json=as_json)
    if made.refused:
        raise typer.Exit(FINDINGS)


def _tell(made: Plan, folder: Path, *, dry_run: bool, as_json: bool) -> None:
    counts = {
        "files": len(made.takings),
        "rules": sum(len(one.rules) for one in made.takings),
        "replaced": sum(one.replaces for one in made.takings),
        "unchanged": len(made.unchanged),
        "refused": len({problem.place.file for problem in made.refused if problem.place}),
    }
    if not as_json:
        for problem in made.refused:
            complain(problem)
        words = {name: f"{number:,}" for name, number in counts.items()}
        note("cli.rules.import.would" if dry_run else "cli.rules.import.done", **words, folder=str(folder))
        return
    for problem in made.refused:
        place = problem.place or Place("")
        said = {"file": place.file, "line": place.line, "code": problem.code}
        json_line({"refused": True, **said, "reason": explain(problem, language)})
    for one in made.takings:
        files = {"source": str(one.source), "file": str(one.target)}
        json_line({"refused": False, **files, "rules": one.rules, "replaces": one.replaces})
    json_line({**counts, "dry_run": dry_run})
