"""`hanwatch rules check` and `list`: what can be loaded, and what is wrong with the rest."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from api.messages import explain
from cli.ground import settings_of
from cli.options import DataOption, JsonOption
from cli.output import FAILED, FINDINGS, complain, json_line, language, note, table, tell
from cli.parts.exceptions import chosen_exceptions
from cli.parts.rules import processed_rules, rule_paths
from correlation.exceptions.loading import ended
from correlation.rules.loading import Loaded
from correlation.rules.model import Correlation, Rule
from sensors.event.times import SECOND

RulePaths: TypeAlias = Annotated[
    list[Path] | None, typer.Argument(metavar="RULE", help=tell("cli.rules.paths"), show_default=False)
]
PipelineOption: TypeAlias = Annotated[
    list[Path] | None, typer.Option("--pipeline", metavar="FILE", help=tell("cli.rules.pipeline"), show_default=False)
]
PlaceholdersOption: TypeAlias = Annotated[
    list[Path] | None,
    typer.Option("--placeholders", metavar="FILE", help=tell("cli.rules.placeholders"), show_default=False),
]


def check(
    context: typer.Context,
    paths: RulePaths = None,
    pipeline: PipelineOption = None,
    placeholders: PlaceholdersOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load rules and report every fault with its place; exit 1 when there is one."""
    found = _load(context, data, paths, pipeline, placeholders)
    loaded, broken, correlations = found
    if not paths:
        # What is said of rules of the settings is as broken as they are if it does nothing.
        excepted = chosen_exceptions(settings_of(context, data), found)
        broken = [*broken, *excepted.problems, *ended(excepted.exceptions, time.time_ns())]
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
        counts = {"rules": len(loaded), "correlations": len(correlations), "broken": len(broken)}
        json_line({**counts, "without_dataset": len(blind)})
    else:
        for problem in broken:
            complain(problem)
        note(
            "cli.rules.checked", rules=f"{len(loaded):,}", correlations=f"{len(correlations):,}",
            broken=f"{len(broken):,}", blind=f"{len(blind):,}",
        )  # fmt: skip
    if broken:
        raise typer.Exit(FINDINGS)


def list_rules(
    context: typer.Context,
    paths: RulePaths = None,
    pipeline: PipelineOption = None,
    placeholders: PlaceholdersOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the rules that are loaded: the product's own and those of the settings, or those named."""
    plain, broken, correlations = _load(context, data, paths, pipeline, placeholders)
    loaded: tuple[Rule | Correlation, ...] = (*plain, *correlations)
    if as_json:
        for rule in loaded:
            json_line(_document(rule))
    else:
        table(
            tuple(tell(f"cli.column.{name}") for name in ("level", "rule", "logsource", "attack", "file")),
            (
                (
                    tell(f"level.{rule.level}"),
                    rule.title_zh if language == "zh" and rule.title_zh else rule.title,
                    str(rule.logsource) if isinstance(rule, Rule) else rule.type,
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


def _load(
    context: typer.Context,
    data: Path | None,
    paths: Sequence[Path] | None,
    pipelines: Sequence[Path] | None,
    placeholders: Sequence[Path] | None,
) -> Loaded:
    """The rules named, or else those of the settings; a data folder is not needed, and not made."""
    settings = settings_of(context, data)
    chosen = paths or rule_paths(settings)
    return processed_rules(settings, chosen, pipelines=pipelines or (), placeholders=placeholders or ())


def _document(rule: Rule | Correlation) -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": rule.title,
        "level": rule.level,
        "status": rule.status,
        **(_of_rule(rule) if isinstance(rule, Rule) else _of_correlation(rule)),
        "attack": [*rule.tactics, *rule.techniques],
        "file": rule.path,
    }


def _of_rule(rule: Rule) -> dict[str, Any]:
    source = rule.logsource
    logsource = {"product": source.product, "category": source.category, "service": source.service}
    return {"logsource": logsource, "routable": rule.routable}


def _of_correlation(correlation: Correlation) -> dict[str, Any]:
    return {
        "correlation": {
            "type": correlation.type,
            "rules": correlation.rules,
            "group_by": correlation.group_by,
            "timespan_seconds": correlation.timespan / SECOND,
            "generate": correlation.generate,
        }
    }
