"""`hanwatch hunt`: rules asked of what is stored."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from api.documents import alert_document
from api.moments import moment
from cli.commands.alerts import show_alerts
from cli.ground import settings_of, there
from cli.options import DataOption, FromOption, JsonOption, ToOption
from cli.output import FAILED, FINDINGS, complain, json_line, note, tell
from cli.parts.hunting import WithHunt
from cli.parts.rules import processed_rules, rule_paths
from cli.progress import progress
from cli.settings import Settings
from correlation.alerts.model import Alert
from correlation.hunting.service import Progress
from correlation.query.model import Query
from correlation.query.parsing import parse
from correlation.rules.finding import find_rule
from correlation.rules.loading import Loaded
from correlation.rules.model import Rule
from sensors.errors import Problem

SHOWN = 50


@dataclass(slots=True)
class _Come:
    """What a hunt has come to: how far its parts are, what they found and what they could not read."""

    parts: dict[int, Progress] = field(default_factory=dict)
    alerts: list[Alert] = field(default_factory=list)
    problems: dict[str, Problem] = field(default_factory=dict)

    def add(self, part: int, step: Progress) -> None:
        """A part has come further."""
        self.parts[part] = step
        self.alerts += step.alerts
        self.problems |= {str(one): one for one in step.problems}

    @property
    def looked(self) -> int:
        """Candidates that were looked at."""
        return sum(one.looked for one in self.parts.values())

    @property
    def total(self) -> int:
        """Candidates of the parts that have begun."""
        return sum(one.total for one in self.parts.values())


def hunt(
    context: typer.Context,
    asked: Annotated[
        list[str] | None, typer.Argument(metavar="RULE", help=tell("cli.hunt.rules"), show_default=False)
    ] = None,
    where: Annotated[str, typer.Option("--where", metavar="QUERY", help=tell("cli.hunt.where"))] = "*",
    start: FromOption = None,
    end: ToOption = None,
    record: Annotated[bool, typer.Option("--record", help=tell("cli.hunt.record"))] = False,
    processes: Annotated[
        int | None, typer.Option("--processes", min=1, max=64, help=tell("cli.hunt.processes"), show_default=False)
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask rules of stored events; exit 1 when something is found."""
    settings = settings_of(context, data)
    rules, faults = _rules(settings, asked or [])
    come = _Come()
    fresh = 0
    with WithHunt(there(settings)) as house:
        now = house.clock()
        within = Query(
            where=parse(where, now), start=moment(start, now) if start else None, end=moment(end, now) if end else None
        )
        with progress("cli.hunt.progress") as show:
            for part, step in house.hunt(rules, within, processes):
                come.add(part, step)
                show(f"{come.looked:,} / {come.total:,}")
                fresh += house.book.record(step.alerts) if record else 0
                if as_json:
                    for alert in step.alerts:
                        json_line(alert_document(alert))
    for unreadable in come.problems.values():
        complain(unreadable)
    if not as_json:
        show_alerts(sorted(come.alerts, key=lambda alert: (alert.time, alert.id))[:SHOWN])
        note(
            "cli.hunt.done", looked=f"{come.looked:,}", rules=f"{len(rules):,}",
            found=f"{len(come.alerts):,}", shown=f"{min(SHOWN, len(come.alerts)):,}",
        )  # fmt: skip
    if record:
        note("cli.hunt.recorded", fresh=f"{fresh:,}", known=f"{len(come.alerts) - fresh:,}")
    if come.problems or faults:
        raise typer.Exit(FAILED)
    if come.alerts:
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
