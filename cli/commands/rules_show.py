"""`hanwatch rules show`: all that is known of one rule, and of what stands around it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli.conditions import condition_document, lines_of
from cli.ground import settings_of
from cli.options import DataOption, JsonOption
from cli.output import json_line, language, out, table, tell
from cli.parts.exceptions import chosen_exceptions
from cli.parts.rules import chosen_rules, imported_folder
from cli.plain import plain_cell
from correlation.exceptions.loading import moment_text
from correlation.exceptions.model import RuleException
from correlation.rules.condition import FieldRef, leaves
from correlation.rules.finding import find_rule
from correlation.rules.importing import origin
from correlation.rules.loading import Loaded
from correlation.rules.logsources import Route, routes
from correlation.rules.model import Correlation, Rule
from correlation.rules.resolving import silenced
from sensors.event.times import SECOND


def show(
    context: typer.Context,
    asked: Annotated[str, typer.Argument(metavar="RULE", help=tell("cli.rules.asked"))],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a rule in full: what it says, where it looks, who looks at it, and what is excepted from it."""
    settings = settings_of(context, data)
    loaded = chosen_rules(settings)
    rule = find_rule(loaded, asked)
    exceptions = [one for one in chosen_exceptions(settings, loaded).exceptions if one.serves(rule)]
    come = origin(Path(rule.path), imported_folder(settings))
    if as_json:
        json_line(_document(rule, loaded, exceptions) | {"imported": come})
        return
    rows = _rows(rule, loaded, exceptions, come)
    title = rule.title_zh if language == "zh" and rule.title_zh else rule.title
    out.print(f"[bold]{escape(plain_cell(title))}[/bold]  {tell(f'level.{rule.level}')}")
    table(("", ""), [(tell(f"cli.column.{name}"), value) for name, value in rows if value])
    if isinstance(rule, Rule):
        out.print()
        out.print(f"[bold]{escape(tell('cli.column.condition'))}[/bold]")
        for line in lines_of(rule.condition, 1):
            out.print(escape(plain_cell(line)))


def _rows(
    rule: Rule | Correlation, loaded: Loaded, exceptions: list[RuleException], come: dict[str, Any] | None
) -> Iterator[tuple[str, str]]:
    yield "id", rule.id
    yield "name", rule.name
    yield "status", rule.status or ""
    yield "description", rule.description
    yield "attack", ", ".join((*rule.tactics, *rule.techniques))
    yield "falsepositives", "; ".join(rule.falsepositives)
    yield "reference", " ".join(rule.references)
    yield "author", rule.author
    if isinstance(rule, Rule):
        yield "logsource", str(rule.logsource)
        yield "dataset", ", ".join(map(_route, routes(rule.logsource))) or tell("cli.rules.show.blind")
        yield "field", ", ".join(_field(name, called) for name, called in _fields(rule).items())
    else:
        known = {one.id: one for one in (*loaded.rules, *loaded.correlations)}
        yield "correlation", rule.type
        yield "looks_at", ", ".join(known[one].name or known[one].title for one in rule.rules)
        yield "group_by", ", ".join(rule.group_by)
        yield "timespan", f"{rule.timespan / SECOND:g} s"
        if rule.threshold:
            of = f" ({', '.join(rule.threshold.fields)})" if rule.threshold.fields else ""
            yield "condition", f"{rule.threshold.operator} {rule.threshold.number:g}{of}"
        if rule.expression:
            yield "condition", " ".join(line.strip() for line in lines_of(rule.expression))
    yield "seen_by", ", ".join(one.name or one.title for one in _looking(rule, loaded))
    if rule.id in silenced(loaded.correlations):
        yield "alone", tell("cli.rules.show.silent")
    yield "exception", "; ".join(f"{one.id} ({one.owner}, {moment_text(one.end)}): {one.reason}" for one in exceptions)
    yield "file", f"{rule.path}:{rule.line}"
    if come is not None:
        yield "source", f"{come['source']} ({come['at']})"


def _looking(rule: Rule | Correlation, loaded: Loaded) -> list[Correlation]:
    return [one for one in loaded.correlations if rule.id in one.rules]


def _route(route: Route) -> str:
    where = ", ".join(f"{name}: {'|'.join(sorted(values))}" for name, values in route.where)
    return f"{route.dataset} ({where})" if where else route.dataset


def _fields(rule: Rule) -> dict[str, list[str]]:
    """What the rule asks for, under its own names, with what each is called in our events."""
    asked: dict[str, list[str]] = {}
    for leaf in leaves(rule.condition):
        for name in (leaf.field, leaf.other) if isinstance(leaf, FieldRef) else (leaf.field,):
            if name is not None:
                asked[name] = list(dict.fromkeys(route.names(name) for route in routes(rule.logsource)))
    return asked


def _field(name: str, called: list[str]) -> str:
    return name if not called or called == [name] else f"{name} → {' | '.join(called)}"


def _document(rule: Rule | Correlation, loaded: Loaded, exceptions: list[RuleException]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "id": rule.id, "title": rule.title, "title_zh": rule.title_zh, "name": rule.name, "level": rule.level,
        "status": rule.status, "description": rule.description, "author": rule.author,
        "attack": [*rule.tactics, *rule.techniques], "tags": rule.tags, "falsepositives": rule.falsepositives,
        "references": rule.references,
    }  # fmt: skip
    if isinstance(rule, Rule):
        source = rule.logsource
        said |= {
            "logsource": {"product": source.product, "category": source.category, "service": source.service},
            "datasets": [
                {"dataset": route.dataset, "where": {name: sorted(values) for name, values in route.where}}
                for route in routes(source)
            ],
            "fields": _fields(rule),
            "condition": condition_document(rule.condition),
        }
    else:
        threshold = rule.threshold
        said["correlation"] = {
            "type": rule.type, "rules": rule.rules, "group_by": rule.group_by, "generate": rule.generate,
            "timespan_seconds": rule.timespan / SECOND,
            "condition": None if threshold is None else {threshold.operator: threshold.number},
            "fields": () if threshold is None else threshold.fields,
        }  # fmt: skip
    return said | {
        "correlations": [one.id for one in _looking(rule, loaded)],
        "silent": rule.id in silenced(loaded.correlations),
        "exceptions": [one.id for one in exceptions],
        "file": rule.path,
        "line": rule.line,
    }
