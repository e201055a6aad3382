"""`hanwatch hunt`: rules asked of what is stored."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from api.documents import alert_document
from api.moments import moment
from cli.commands.alerts import show_alerts
from cli.ground import settings_of, there
from cli.options import DataOption, FromOption, JsonOption, ToOption
from cli.output import FAILED, FINDINGS, complain, json_line, note, tell
from cli.parts.book import WithBook
from cli.parts.context import known_context
from cli.parts.intelligence import WithIntelligence
from cli.parts.rules import processed_rules, rule_paths
from cli.parts.store import WithStore
from cli.progress import progress
from cli.settings import Settings
from correlation.hunting.service import Hunt, Progress
from correlation.query.model import Query
from correlation.query.parsing import parse
from correlation.rules.finding import find_rule
from correlation.rules.loading import Loaded
from correlation.rules.model import Rule

SHOWN = 50


class _Ground(WithBook, WithIntelligence, WithStore):
    """What a hunt stands on."""


def hunt(
    context: typer.Context,
    asked: Annotated[
        list[str] | None, typer.Argument(metavar="RULE", help=tell("cli.hunt.rules"), show_default=False)
    ] = None,
    where: Annotated[str, typer.Option("--where", metavar="QUERY", help=tell("cli.hunt.where"))] = "*",
    start: FromOption = None,
    end: ToOption = None,
    record: Annotated[bool, typer.Option("--record", help=tell("cli.hunt.record"))] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask rules of stored events; exit 1 when something is found."""
    settings = settings_of(context, data)
    rules, faults = _rules(settings, asked or [])
    steps: list[Progress] = []
    fresh = 0
    with _Ground(there(settings)) as house:
        known, wrong = known_context(settings)
        for problem in wrong:
            complain(problem)
        now = house.clock()
        within = Query(
            where=parse(where, now), start=moment(start, now) if start else None, end=moment(end, now) if end else None
        )
        enrichers = (*(() if known is None else (known,)), house.intelligence)
        with progress("cli.hunt.progress") as show:
            for step in Hunt(house.store, rules, house.clock, enrichers).run(within):
                steps.append(step)
                show(f"{step.looked:,} / {step.total:,}")
                fresh += house.book.record(step.alerts) if record else 0
                if as_json:
                    for alert in step.alerts:
                        json_line(alert_document(alert))
        problems = house.store.problems()
    found = [alert for step in steps for alert in step.alerts]
    for unreadable in problems:
        complain(unreadable)
    if not as_json:
        show_alerts(found[:SHOWN])
        note(
            "cli.hunt.done", looked=f"{steps[-1].looked if steps else 0:,}", rules=f"{len(rules):,}",
            found=f"{len(found):,}", shown=f"{min(SHOWN, len(found)):,}",
        )  # fmt: skip
    if record:
        note("cli.hunt.recorded", fresh=f"{fresh:,}", known=f"{len(found) - fresh:,}")
    if problems or faults:
        raise typer.Exit(FAILED)
    if found:
        raise typer.Exit(FINDINGS)


def _rules(settings: Settings, asked: list[str]) -> tuple[list[Rule], bool]:
    """The rules that were asked for, and whether some are broken: files and folders, ids, names, titles; or all.

    Raises:
        RuleNotFound, RuleNotUnique: a word names no rule, or several.
    """
    files = [Path(one) for one in asked if Path(one).exists()]
    words = [one for one in asked if not Path(one).exists()]
    chosen: dict[str, Rule] = {}
    faults = False
    for paths, wanted in ((files, None), (rule_paths(settings), words if asked else None)):
        if not paths or (asked and wanted == []):
            continue
        loaded = processed_rules(settings, paths)
        for problem in loaded.problems:
            complain(problem)
        faults = faults or bool(loaded.problems)
        named = _all(loaded, asked) if wanted is None else [find_rule(loaded, word) for word in wanted]
        for one in named:
            # What a correlation looks at is what can be asked of single events.
            of = [one] if isinstance(one, Rule) else [rule for rule in loaded.rules if rule.id in one.rules]
            chosen |= {rule.id: rule for rule in of}
    return list(chosen.values()), faults


def _all(loaded: Loaded, asked: list[str]) -> Sequence[Rule]:
    """All rules of files that were named; of those that are loaded anyway the ones that alert by themselves."""
    return loaded.rules if asked else loaded.telling
