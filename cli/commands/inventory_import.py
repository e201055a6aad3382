"""`hanwatch inventory import`: a table becomes records, as a whole or not at all."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from api.messages import explain
from cli.ground import settings_of
from cli.options import DataOption, JsonOption
from cli.output import FINDINGS, complain, json_line, language, note, table, tell
from cli.parts.inventory import WithInventory
from cli.registers import ByOption, ReasonOption, RegisterArgument, SinceOption, begin, field_of, register_of, who
from inventory.columns import PROBLEM_HEADINGS, in_language
from inventory.importing.model import Outcome, Plan, Wanted
from inventory.importing.service import Importing
from inventory.importing.tables import Sent, return_table
from inventory.model import Batch
from inventory.values import spell
from sensors.errors import Problem

SHOWN = 20
"""Problems and changes that are told one by one; the others are counted."""


def import_table(
    context: typer.Context,
    register: RegisterArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=tell("cli.inventory.import.file"))],
    dry_run: Annotated[bool, typer.Option("--dry-run", help=tell("cli.inventory.import.dry_run"))] = False,
    key: Annotated[
        list[str] | None,
        typer.Option("--key", metavar="FIELD", help=tell("cli.inventory.import.key"), show_default=False),
    ] = None,
    since: SinceOption = None,
    sheet: Annotated[
        str | None, typer.Option("--sheet", metavar="NAME", help=tell("cli.inventory.import.sheet"), show_default=False)
    ] = None,
    complete: Annotated[bool, typer.Option("--complete", help=tell("cli.inventory.import.complete"))] = False,
    clear_empty: Annotated[bool, typer.Option("--clear-empty", help=tell("cli.inventory.import.clear"))] = False,
    unlock: Annotated[bool, typer.Option("--unlock", help=tell("cli.inventory.import.unlock"))] = False,
    skip_faulty: Annotated[bool, typer.Option("--skip-faulty", help=tell("cli.inventory.import.skip"))] = False,
    errors: Annotated[
        Path | None,
        typer.Option("--errors", metavar="FILE.xlsx", help=tell("cli.inventory.import.errors"), show_default=False),
    ] = None,
    by: ByOption = None,
    reason: ReasonOption = "",
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read a table into a register; exit 1 when rows cannot be used: then nothing is written, unless told otherwise."""
    sent = Sent(file, register_of(register), sheet)
    keys = tuple(field_of(sent.register, name).key for name in key or ())
    with WithInventory(settings_of(context, data)) as house:
        now = house.clock()
        wanted = Wanted(begin(since, now), now, keys, clear_empty, complete, unlock)
        batch = Batch(now, who(by), file.name, reason)
        done = Importing(house.inventory, sent, wanted).run(batch, dry_run=dry_run, skip_faulty=skip_faulty)
    plan = done.plan
    problems: Sequence[Problem] = (*done.headings, *plan.problems)
    if as_json:
        for problem in problems:
            json_line(_problem_document(problem))
        for one in plan.outcomes if dry_run else ():
            json_line(_outcome_document(plan, one))
        json_line(plan.counts() | {"written": done.batch.number if done.batch else None, "dry_run": dry_run})
    else:
        _tell(problems, plan, shown=dry_run)
        numbers = {name: f"{number:,}" for name, number in plan.counts().items()}
        note("cli.inventory.import.would" if done.batch is None else "cli.inventory.import.done", **numbers)
        if plan.problems and done.batch is None and not dry_run:
            note("cli.inventory.import.nothing")
    if errors is not None and plan.problems:
        heading = PROBLEM_HEADINGS[0 if language == "zh" else 1]
        rows = return_table(sent, plan.problems, errors, heading=heading, tell=_without_place)
        note("cli.inventory.import.returned", rows=f"{rows:,}", file=str(errors))
    if plan.problems:
        raise typer.Exit(FINDINGS)


def _tell(problems: Sequence[Problem], plan: Plan, *, shown: bool) -> None:
    for problem in islice(problems, SHOWN):
        complain(problem)
    if len(problems) > SHOWN:
        note("cli.inventory.import.more", number=f"{len(problems) - SHOWN:,}")
    changed = [one for one in plan.outcomes if one.change is not None]
    if shown and changed:
        names = ("record", "becomes", "changes")
        rows = ((one.key, tell(f"cli.inventory.{one.becomes}"), _changes(plan, one)) for one in changed[:SHOWN])
        table(tuple(tell(f"cli.inventory.column.{name}") for name in names), rows)
        if len(changed) > SHOWN:
            note("cli.inventory.import.more", number=f"{len(changed) - SHOWN:,}")


def _changes(plan: Plan, outcome: Outcome) -> str:
    assert outcome.change is not None
    if outcome.becomes == "new":
        return ""
    said = []
    for field in plan.register.fields:
        before, after = outcome.before.get(field.key), outcome.change.values.get(field.key)
        if field.key in outcome.change.values and before != after:
            title = in_language(field.title, language)
            said.append(f"{title}: {spell(field, before) or '-'} → {spell(field, after) or '-'}")
    return "; ".join(said)


def _without_place(problem: Problem) -> str:
    """What is wrong, in words, for a row that it is written beside."""
    field = f"{problem.place.field}: " if problem.place and problem.place.field else ""
    return field + explain(type(problem)(place=None, **problem.parameters), language)


def _problem_document(problem: Problem) -> dict[str, object]:
    place = problem.place
    said = {"file": place.file, "line": place.line, "column": place.column, "field": place.field} if place else {}
    return {"code": problem.code, **said, "reason": _without_place(problem)}


def _outcome_document(plan: Plan, outcome: Outcome) -> dict[str, object]:
    changes = {} if outcome.change is None else dict(outcome.change.values)
    before = {key: value for key, value in outcome.before.items() if key in changes}
    return {"line": outcome.place.line, "key": outcome.key, "becomes": outcome.becomes, "before": before,
            "after": changes, "register": plan.register.name}  # fmt: skip
