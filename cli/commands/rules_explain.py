"""`hanwatch rules explain`: why a rule matches the events of a file or not, part by part."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli.commands.rules import PipelineOption, PlaceholdersOption
from cli.commands.rules_match import events_in
from cli.conditions import MARKS, reason_document, reason_lines
from cli.ground import settings_of
from cli.options import DataOption, JsonOption
from cli.output import FAILED, complain, json_line, note, out, tell
from cli.parts.rules import processed_rules, rule_paths
from cli.plain import plain_cell
from cli.settings import Settings
from correlation.context.enriching import context_of
from correlation.errors import RuleProblem
from correlation.matcher.explaining import Reason, explain
from correlation.matcher.rows import flat, flat_row
from correlation.matcher.values import key_of
from correlation.rules.condition import rename
from correlation.rules.finding import find_rule
from correlation.rules.logsources import Route, routes
from correlation.rules.model import Correlation, Rule
from correlation.trying.events import events_of
from sensors.errors import Problem

FEW = 10


class RuleNotPlain(RuleProblem):
    """A correlation was named where a rule is wanted: it looks at no event itself."""

    code = "rule-not-plain"


@dataclass(frozen=True, slots=True)
class _Explained:
    """An event, its place in the file, its kind, and the rule's reason; None where the rule never sees such events."""

    ordinal: int
    dataset: str
    reason: Reason | None


def explain_rule(
    context: typer.Context,
    asked: Annotated[str, typer.Argument(metavar="RULE", help=tell("cli.rules.asked.file"))],
    events: Annotated[Path, typer.Option("--events", metavar="FILE", help=tell("cli.rules.explain.events"))],
    raw: Annotated[bool, typer.Option("--raw", help=tell("cli.rules.explain.raw"))] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help=tell("cli.rules.explain.limit"))] = FEW,
    pipeline: PipelineOption = None,
    placeholders: PlaceholdersOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Explain a rule on each event of a file: what is true of it, and the value that decided."""
    settings = settings_of(context, data)
    rule = _rule(settings, asked, pipeline or [], placeholders or [])
    found = _raw(rule, events) if raw else _mapped(rule, events, settings)
    shown = 0
    faults = False
    for one in islice(found, limit):
        if isinstance(one, Problem):
            complain(one)
            faults = True
            continue
        shown += 1
        if as_json:
            json_line(_document(one))
        else:
            _print(one, rule)
    if next(found, None) is not None:
        note("cli.rules.explain.more", shown=shown)
    if faults:
        raise typer.Exit(FAILED)


def _rule(settings: Settings, asked: str, pipelines: list[Path], placeholders: list[Path]) -> Rule:
    file = Path(asked)
    paths = [file] if file.is_file() else rule_paths(settings)
    loaded = processed_rules(settings, paths, pipelines=pipelines, placeholders=placeholders)
    if file.is_file():
        for problem in loaded.problems:
            complain(problem)
        if len(loaded.rules) == 1:
            return loaded.rules[0]
    rule = find_rule(loaded, asked)
    if isinstance(rule, Correlation):
        raise RuleNotPlain(name=asked)
    return rule


def _raw(rule: Rule, file: Path) -> Iterator[_Explained | Problem]:
    """Events as they are, under the rule's own names."""
    for number, event in events_in(file):
        if isinstance(event, Problem):
            yield event
        else:
            yield _Explained(number, "", explain(rule.condition, flat(event)))


def _mapped(rule: Rule, file: Path, settings: Settings) -> Iterator[_Explained | Problem]:
    """Events as a run sees them, read by the sensors and routed by the rule's log source."""
    enrichers, problems = context_of(settings.context.files)
    yield from problems
    for batch in events_of(file, enrichers):
        for row in range(len(batch)):
            event = flat_row(batch, row)
            reasons = [
                explain(rename(rule.condition, route.names), event)
                for route in routes(rule.logsource)
                if _leads(route, batch.dataset, event)
            ]
            # Where several routes lead to an event, one that matches is enough.
            reason = next((one for one in reasons if one.holds), reasons[0] if reasons else None)
            yield _Explained(int(batch.ordinals[row]), batch.dataset, reason)


def _leads(route: Route, dataset: str, event: Mapping[str, Any]) -> bool:
    return route.takes(dataset) and all(
        not values.isdisjoint(_texts(event.get(name))) for name, values in route.where
    )


def _texts(value: Any) -> list[str]:
    key = key_of(value)
    return [one.lower() for one in (key if isinstance(key, tuple) else (key,)) if isinstance(one, str)]


def _print(one: _Explained, rule: Rule) -> None:
    state = "elsewhere" if one.reason is None else "match" if one.reason.holds else "none"
    mark = MARKS[one.reason is not None and one.reason.holds]
    words = {"ordinal": f"{one.ordinal:,}", "dataset": one.dataset or "-", "logsource": str(rule.logsource)}
    out.print(f"[bold]{mark} {escape(plain_cell(tell(f'explained.{state}', **words)))}[/bold]")
    if one.reason is not None:
        for line in reason_lines(one.reason, 1):
            out.print(escape(plain_cell(line)))


def _document(one: _Explained) -> dict[str, Any]:
    reason = one.reason
    return {
        "ordinal": one.ordinal,
        "dataset": one.dataset or None,
        "routed": reason is not None,
        "matches": reason is not None and reason.holds,
        "reason": None if reason is None else reason_document(reason),
    }
