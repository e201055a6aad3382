"""`hanwatch rules test`: each rule on its samples, what it must find and what it must leave alone."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from api.messages import explain
from cli.commands.rules import PipelineOption, PlaceholdersOption, RulePaths
from cli.ground import settings_of
from cli.options import DataOption, JsonOption
from cli.output import FINDINGS, complain, json_line, language, note, table, tell
from cli.parts.rules import processed_rules, rule_paths
from correlation.context.enriching import CONTEXT_FIELDS, context_of
from correlation.rules.condition import leaves
from correlation.rules.loading import Loaded
from correlation.rules.model import Correlation, Rule
from correlation.trying.samples import Sample, beside, regression
from correlation.trying.trial import Trial, try_out
from sensors.errors import Problem


class SamplesNone(Problem):
    """None of the rules that were named has a sample."""

    code = "samples-none"


def try_rules(
    context: typer.Context,
    paths: RulePaths = None,
    regression_data: Annotated[
        Path | None,
        typer.Option("--regression", metavar="DIR", help=tell("cli.rules.test.regression"), show_default=False),
    ] = None,
    known: Annotated[
        list[Path] | None,
        typer.Option("--context", metavar="FILE", help=tell("cli.rules.test.context"), show_default=False),
    ] = None,
    pipeline: PipelineOption = None,
    placeholders: PlaceholdersOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try rules on their samples; exit 1 when one does not do as it must, or cannot be loaded."""
    settings = settings_of(context, data)
    # What the rules named refer to may be among the others.
    known_paths = [*(paths or ()), *rule_paths(settings)]
    loaded = processed_rules(settings, known_paths, pipelines=pipeline or (), placeholders=placeholders or ())
    chosen = _below(loaded, paths)
    problems: list[Problem] = [one for one in loaded.problems if not paths or _is_below(one, paths)]
    samples = beside(chosen)
    if regression_data is not None:
        more, wrong = regression(regression_data, (rule.id for rule in chosen))
        samples += more
        problems += wrong
    for problem in problems:
        complain(problem)
    if not samples and not problems:
        raise SamplesNone(paths=[str(path) for path in paths or rule_paths(settings)])
    enrichers, wrong_context = context_of(known or settings.context.files)
    for unusable in wrong_context:
        complain(unusable)
    rules = {rule.id: rule for rule in chosen}
    # What nothing can add is no fault of the rule.
    needy = frozenset() if enrichers else _needing_context(chosen)
    ready = [one for one in samples if one.context is not None or one.rule not in needy]
    trials = list(try_out(loaded, ready, enrichers))
    failed = [trial for trial in trials if not trial.passed]
    if as_json:
        for trial in trials:
            json_line(_document(trial, rules[trial.sample.rule]))
        tried = len({trial.sample.rule for trial in trials})
        json_line({"rules": tried, "samples": len(trials), "failed": len(failed)})
    else:
        _print(failed, rules)
        counts = {"rules": f"{len({one.sample.rule for one in trials}):,}", "without": f"{_without(chosen, samples):,}"}
        note("cli.rules.tested", **counts, samples=f"{len(trials):,}", failed=f"{len(failed):,}")
        if left_out := len(needy.intersection({one.rule for one in samples} - {one.rule for one in ready})):
            note("cli.rules.test.needy", rules=f"{left_out:,}")
    if failed or problems:
        raise typer.Exit(FINDINGS)


def _below(loaded: Loaded, paths: list[Path] | None) -> list[Rule | Correlation]:
    known: list[Rule | Correlation] = [*loaded.rules, *loaded.correlations]
    return [rule for rule in known if not paths or _within(rule.path, paths)]


def _is_below(problem: Problem, paths: list[Path]) -> bool:
    return problem.place is None or _within(problem.place.file, paths)


def _within(file: str, paths: list[Path]) -> bool:
    real = os.path.realpath(file)
    return any(real == root or real.startswith(root + os.sep) for root in map(os.path.realpath, paths))


def _needing_context(rules: list[Rule | Correlation]) -> frozenset[str]:
    """The rules that ask for what only context adds."""
    return frozenset(
        rule.id for rule in rules if isinstance(rule, Rule)
        and any((leaf.field or "").startswith(CONTEXT_FIELDS) for leaf in leaves(rule.condition))
    )  # fmt: skip


def _without(rules: list[Rule | Correlation], samples: list[Sample]) -> int:
    return len({rule.id for rule in rules} - {sample.rule for sample in samples})


def _print(failed: list[Trial], rules: dict[str, Rule | Correlation]) -> None:
    if not failed:
        return
    table(
        tuple(tell(f"cli.column.{name}") for name in ("rule", "sample", "finding")),
        ((rules[one.sample.rule].title, str(one.sample.file), _said(one)) for one in failed),
        fold=(0, 1, 2),
    )


def _said(trial: Trial) -> str:
    if trial.problem is not None:
        return explain(trial.problem, language)
    if not trial.events:
        return tell("trial.empty")
    words = {"found": f"{trial.found:,}", "events": f"{trial.events:,}"}
    if trial.sample.count is not None:
        return tell("trial.count", **words, wanted=f"{trial.sample.count:,}")
    return tell("trial.silent" if trial.sample.fires else "trial.fired", **words)


def _document(trial: Trial, rule: Rule | Correlation) -> dict[str, Any]:
    return {
        "rule": rule.id, "title": rule.title, "sample": str(trial.sample.file),
        "expected": "fires" if trial.sample.fires else "silent", "count": trial.sample.count,
        "events": trial.events, "found": trial.found, "passed": trial.passed,
        "problem": None if trial.problem is None else explain(trial.problem, language),
    }  # fmt: skip
