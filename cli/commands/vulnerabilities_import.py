"""`hanwatch vulnerabilities import`: reports of scanners and lists of advisories into the book."""

from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from api.messages import explain
from cli.ground import settings_of
from cli.options import DataOption, JsonOption
from cli.output import FAILED, FINDINGS, complain, json_line, language, note, tell
from cli.parts.vulnerabilities import WithVulnerabilities
from inventory.vulnerabilities.errors import VulnerabilityFileUnreadable, VulnerabilityFormatUnknown
from inventory.vulnerabilities.importing import Imported, import_file
from sensors.errors import Problem

SHOWN = 20
"""Entries of a file that cannot be used and are told one by one; the others are counted."""


def import_files(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help=tell("cli.vulnerabilities.import.files"))],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read files, each as a whole or not at all; exit 1 when entries are left out, 3 when a file cannot be read."""
    status = 0
    with WithVulnerabilities(settings_of(context, data)) as house:
        for file in files:
            try:
                done = import_file(house.vulnerabilities, file, house.clock())
            except (VulnerabilityFileUnreadable, VulnerabilityFormatUnknown) as problem:
                _problem(problem, as_json=as_json)
                status = FAILED
                continue
            _tell(done, as_json=as_json)
            if any(isinstance(one, VulnerabilityFileUnreadable) for one in done.problems):
                status = FAILED
            elif done.problems:
                status = max(status, FINDINGS)
    if status:
        raise typer.Exit(status)


def _tell(done: Imported, *, as_json: bool) -> None:
    for problem in islice(done.problems, SHOWN if not as_json else None):
        _problem(problem, as_json=as_json)
    if as_json:
        json_line({
            "file": done.file, "scan": done.scan or None, **asdict(done.counts), "problems": len(done.problems),
            "written": done.written, "repeated": done.repeated,
        })  # fmt: skip
        return
    if len(done.problems) > SHOWN:
        note("cli.vulnerabilities.import.more", number=f"{len(done.problems) - SHOWN:,}")
    if done.repeated:
        note("cli.vulnerabilities.import.repeated", file=done.file)
    elif not done.written:
        note("cli.vulnerabilities.import.nothing", file=done.file)
    elif done.scan:
        note("cli.vulnerabilities.import.scan", file=done.file, **_numbers(done))
    else:
        note("cli.vulnerabilities.import.advisories", file=done.file, **_numbers(done))


def _numbers(done: Imported) -> dict[str, str]:
    return {name: f"{number:,}" for name, number in asdict(done.counts).items()}


def _problem(problem: Problem, *, as_json: bool) -> None:
    if as_json:
        json_line({"problem": problem.code, "text": explain(problem, language)})
    else:
        complain(problem)
