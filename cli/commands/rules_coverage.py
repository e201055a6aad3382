"""`hanwatch rules coverage`: what rules are about and can see, and those that have gone blind."""

import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from cli.commands.rules import RulePaths
from cli.ground import settings_of, there
from cli.options import DataOption, JsonOption
from cli.output import FINDINGS, json_line, language, note, out, table, tell
from cli.parts.rules import processed_rules, rule_paths
from cli.parts.store import WithStore
from correlation.coverage import Coverage, Covered
from correlation.rules.logsources import routes
from correlation.rules.model import Correlation, Rule
from sensors.event.times import SECOND, iso

DAY = 86_400 * SECOND
DAYS = 30


def coverage(
    context: typer.Context,
    paths: RulePaths = None,
    days: Annotated[int, typer.Option("--days", min=1, metavar="N", help=tell("cli.rules.coverage.days"))] = DAYS,
    blind: Annotated[bool, typer.Option("--blind", help=tell("cli.rules.coverage.blind"))] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell what rules cover, by dataset and ATT&CK; with --blind those that see nothing, exit 1 when there are some."""
    settings = there(settings_of(context, data))
    loaded = processed_rules(settings, paths or rule_paths(settings))
    with WithStore(settings) as house:
        eyes = Coverage(house.store, time.time_ns() - days * DAY)
        found = eyes.of(loaded.rules)
        datasets = eyes.datasets
    unseeing = [one for one in found if one.blind]
    if blind:
        _blind(unseeing, as_json=as_json)
        if unseeing:
            raise typer.Exit(FINDINGS)
        return
    document = _document(found, loaded.correlations, datasets)
    if as_json:
        json_line(document)
        return
    _print(document)
    note("cli.rules.coverage.done", rules=f"{len(found):,}", blind=f"{len(unseeing):,}", days=days)


def _blind(found: Sequence[Covered], *, as_json: bool) -> None:
    if as_json:
        for one in found:
            last = None if one.last is None else iso(one.last)
            json_line({"id": one.rule.id, "title": one.rule.title, "sight": one.sight, "last": last})
    elif found:
        table(
            tuple(tell(f"cli.column.{name}") for name in ("level", "rule", "logsource", "finding")),
            (
                (
                    tell(f"level.{one.rule.level}"),
                    one.rule.title_zh if language == "zh" and one.rule.title_zh else one.rule.title,
                    str(one.rule.logsource),
                    tell(f"sight.{one.sight}", last="" if one.last is None else iso(one.last)[:10]),
                )
                for one in found
            ),
            fold=(1, 3),
        )
    else:
        note("cli.rules.coverage.none")


def _document(
    found: Sequence[Covered], correlations: Sequence[Correlation], datasets: Sequence[str]
) -> dict[str, Any]:
    """Rules by what they see, by dataset (those that came, and patterns of those that did not) and by ATT&CK."""
    seeing = Counter(name for one in found for name in one.datasets if not one.blind)
    waiting: Counter[str] = Counter()
    for one in found:
        if one.sight == "never":
            waiting.update({route.dataset for route in routes(one.rule.logsource)})
    everything: list[Rule | Correlation] = [*(one.rule for one in found), *correlations]
    tactics: defaultdict[str, dict[str, Any]] = defaultdict(lambda: {"rules": 0, "techniques": Counter()})
    sighted = {one.rule.id for one in found if not one.blind}
    for rule in everything:
        for tactic in rule.tactics:
            tactics[tactic]["rules"] += 1
            tactics[tactic]["techniques"].update(rule.techniques)
            tactics[tactic]["seeing"] = tactics[tactic].get("seeing", 0) + (rule.id in sighted)
    return {
        "rules": dict(Counter(one.sight for one in found)),
        "datasets": {name: seeing.get(name, 0) for name in sorted(datasets)},
        "waiting": dict(sorted(waiting.items())),
        "tactics": {
            name: {**one, "techniques": dict(sorted(one["techniques"].items()))}
            for name, one in sorted(tactics.items())
        },
    }


def _print(document: dict[str, Any]) -> None:
    table(
        tuple(tell(f"cli.column.{name}") for name in ("dataset", "rules", "state")),
        [
            *((name, f"{number:,}", tell("coverage.seen")) for name, number in document["datasets"].items()),
            *((name, f"{number:,}", tell("coverage.waiting")) for name, number in document["waiting"].items()),
        ],
        right=(1,),
    )
    out.print()
    table(
        tuple(tell(f"cli.column.{name}") for name in ("tactic", "rules", "seeing", "techniques")),
        (
            (name, f"{one['rules']:,}", f"{one.get('seeing', 0):,}", " ".join(one["techniques"]))
            for name, one in document["tactics"].items()
        ),
        right=(1, 2),
    )
