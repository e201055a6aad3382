"""`hanwatch rules exceptions list` and `check`: what a site does not want to be told, how often, and until when."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from time import time_ns
from typing import Annotated, TypeAlias

import typer

from api.messages import explain
from cli.ground import settings_of
from cli.options import DataOption, JsonOption
from cli.output import FINDINGS, complain, json_line, language, note, table, tell
from cli.parts.book import WithBook
from cli.parts.exceptions import chosen_exceptions
from cli.parts.rules import chosen_rules
from cli.parts.spool import WithSpool
from cli.settings import Settings
from correlation.exceptions.loading import Excepted, ended, moment_text
from correlation.rules.model import Described
from sensors.delivery.ledger import EXCEPTIONS
from sensors.event.times import iso

ExceptionFiles: TypeAlias = Annotated[
    list[Path] | None, typer.Argument(metavar="FILE", help=tell("cli.rules.exceptions.files"), show_default=False)
]


class _Counted(WithBook, WithSpool):
    """How often exceptions applied: to rules and detectors, and to correlations."""


def list_exceptions(
    context: typer.Context, files: ExceptionFiles = None, data: DataOption = None, as_json: JsonOption = False
) -> None:
    """List exceptions with how often each applied; those that have ended too."""
    settings = settings_of(context, data)
    rules, found = _load(settings, files)
    times, now = _counted(settings)
    serving = {one.id: [rule for rule in rules if one.serves(rule)] for one in found.exceptions}
    if as_json:
        for one in found.exceptions:
            json_line({
                "id": one.id, "owner": one.owner, "reason": one.reason, "end": iso(one.end), "works": one.works(now),
                "rules": [rule.id for rule in serving[one.id]], "excepted": times.get(one.id, 0),
                "file": one.place.file, "line": one.place.line,
            })  # fmt: skip
    elif found.exceptions:
        names = ("exception", "state", "until", "times", "owner", "rule", "reason")
        table(
            tuple(tell(f"cli.column.{name}") for name in names),
            (
                (
                    one.id, tell(f"exception.{'works' if one.works(now) else 'ended'}"), moment_text(one.end),
                    f"{times.get(one.id, 0):,}", one.owner,
                    ", ".join(rule.name or rule.title for rule in serving[one.id]), one.reason,
                )
                for one in found.exceptions
            ),
            right=(3,),
            fold=(5, 6),
        )  # fmt: skip
    elif not found.problems:
        note("cli.rules.exceptions.none")
    for problem in found.problems:
        complain(problem)
    if found.problems:
        raise typer.Exit(FINDINGS)


def check(
    context: typer.Context, files: ExceptionFiles = None, data: DataOption = None, as_json: JsonOption = False
) -> None:
    """Tell of every exception that does nothing, because it is broken or has ended; exit 1 when there is one."""
    settings = settings_of(context, data)
    _, found = _load(settings, files)
    _, now = _counted(settings)
    over = ended(found.exceptions, now)
    problems = [*found.problems, *over]
    working = len(found.exceptions) - len(over)
    for problem in problems:
        if as_json:
            place = problem.place
            said = {"file": place.file if place else None, "line": place.line if place else None}
            json_line({**said, "code": problem.code, "reason": explain(problem, language)})
        else:
            complain(problem)
    if as_json:
        json_line({"working": working, "ended": len(over), "broken": len(found.problems)})
    else:
        counts = {"working": f"{working:,}", "ended": f"{len(over):,}", "broken": f"{len(found.problems):,}"}
        note("cli.rules.exceptions.checked", **counts)
    if problems:
        raise typer.Exit(FINDINGS)


def _load(settings: Settings, files: list[Path] | None) -> tuple[list[Described], Excepted]:
    """The rules and correlations of the settings, and the exceptions named, or else those of the settings."""
    loaded = chosen_rules(settings)
    return [*loaded.rules, *loaded.correlations], chosen_exceptions(settings, loaded, files)


def _counted(settings: Settings) -> tuple[Mapping[str, int], int]:
    """How often each exception applied, by its id, and what time it is; a data folder is not made for it."""
    times: Counter[str] = Counter()
    if not (settings.data / "spool").is_dir():
        return times, time_ns()
    with _Counted(settings) as house:
        times.update(house.book.hidden()[1])
        for report in house.spool.report():
            times.update({bucket: number for (stage, bucket), number in report.counts.items() if stage == EXCEPTIONS})
        return times, house.clock()
