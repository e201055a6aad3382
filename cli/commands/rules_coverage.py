"""`hanwatch rules coverage`: what rules are about and can see, and those that have gone blind."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
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
            waiting.update({route.dataset.removesuffix(".*") for route in routes(one.rule.logsource)})
    sighted = {one.rule.id for one in found if not one.blind}
    for correlation in correlations:  # each behind those that it looks at
        if sighted.issuperset(correlation.rules):
            sighted.add(correlation.id)
    everything: list[Rule | Correlation] = [*(one.rule for one in found), *correlations]
    return {
        "rules": dict(Counter(one.sight for one in found)),
        "datasets": {name: seeing.get(name, 0) for name in sorted(datasets)},
        "waiting": dict(sorted(waiting.items())),
        "tactics": _tally(((rule.id, rule.tactics) for rule in everything), sighted),
        "techniques": _tally(((rule.id, rule.techniques) for rule in everything), sighted),
    }


def _tally(rules: Iterable[tuple[str, Sequence[str]]], sighted: set[str]) -> dict[str, dict[str, int]]:
    """For each name how many rules have it, correlations among them, and how many of those see something."""
    found: defaultdict[str, dict[str, int]] = defaultdict(lambda: {"rules": 0, "seeing": 0})
    for rule, names in rules:
        for name in names:
            found[name]["rules"] += 1
            found[name]["seeing"] += rule in sighted
    return dict(sorted(found.items()))


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
        tuple(tell(f"cli.column.{name}") for name in ("tactic", "rules", "seeing")),
        ((name, f"{one['rules']:,}", f"{one['seeing']:,}") for name, one in document["tactics"].items()),
        right=(1, 2),
    )
    techniques = document["techniques"].values()
    seen = f"{sum(one['seeing'] > 0 for one in techniques):,}"
    out.print()
    out.print(tell("coverage.techniques", techniques=f"{len(techniques):,}", seen=seen), highlight=False)
