"""`hanwatch rules bench`: what rules cost on the events of a file, together and each by itself."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.commands.rules import PipelineOption, PlaceholdersOption, RulePaths
from cli.ground import settings_of
from cli.options import DataOption, JsonOption
from cli.output import FAILED, complain, json_line, note, table, tell
from cli.parts.rules import processed_rules, rule_paths
from cli.progress import progress
from cli.steady import steady
from correlation.context.enriching import context_of
from correlation.rules.model import Rule
from correlation.trying.events import events_of
from correlation.trying.measuring import Cost, Events, cost_of
from sensors.errors import Problem

MOST_EVENTS = 100_000
SHOWN = 20
"""Rules that are shown where each was measured; as JSON all are."""


class EventsNone(Problem):
    """The file holds no events to measure on."""

    code = "bench-events-none"


def bench_rules(
    context: typer.Context,
    paths: RulePaths = None,
    *,
    events: Annotated[Path, typer.Option("--events", metavar="FILE", help=tell("cli.rules.bench.events"))],
    each: Annotated[bool, typer.Option("--each", help=tell("cli.rules.bench.each"))] = False,
    limit: Annotated[
        int, typer.Option("--limit", min=1, metavar="N", help=tell("cli.rules.bench.limit"))
    ] = MOST_EVENTS,
    pipeline: PipelineOption = None,
    placeholders: PlaceholdersOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure what rules cost on the events of a file; exit 3 when a rule cannot be loaded, the others are measured."""
    settings = settings_of(context, data)
    loaded = processed_rules(
        settings, paths or rule_paths(settings), pipelines=pipeline or (), placeholders=placeholders or ()
    )
    enrichers, wrong = context_of(settings.context.files)
    for problem in (*loaded.problems, *wrong):
        complain(problem)
    with steady():
        taken = Events(events_of(events, enrichers), limit)
        if not taken.count:
            raise EventsNone(file=str(events))
        together = cost_of(loaded.rules, taken)
        apart = _apart(loaded.rules, taken) if each else []
    if as_json:
        json_line({"rule": None, **_document(together)})
        for rule, cost in apart:
            json_line({"rule": rule.id, "title": rule.title, **_document(cost)})
    else:
        _print(together, apart)
        if not taken.all:
            note("cli.rules.bench.more", events=f"{taken.count:,}")
    if loaded.problems:
        raise typer.Exit(FAILED)


def _apart(rules: Sequence[Rule], taken: Events) -> list[tuple[Rule, Cost]]:
    """Each rule by itself, the costliest first."""
    found = []
    with progress("cli.rules.bench.progress") as show:
        for number, rule in enumerate(rules, 1):
            found.append((rule, cost_of([rule], taken)))
            show(f"{number:,} / {len(rules):,}")
    return sorted(found, key=lambda one: -one[1].cold)


def _document(cost: Cost) -> dict[str, Any]:
    rates = {f"{name}_per_second": round(_rate(cost.events, getattr(cost, name))) for name in ("cold", "warm")}
    said = {name: round(value, 6) if isinstance(value, float) else value for name, value in asdict(cost).items()}
    return said | rates


def _rate(events: int, seconds: float) -> float:
    return events / seconds if seconds else 0.0


def _print(together: Cost, apart: list[tuple[Rule, Cost]]) -> None:
    numbers = {name: f"{getattr(together, name):,}" for name in ("rules", "events", "matches")}
    note(
        "cli.rules.bench.together", **numbers, compiling=f"{together.compiling:.2f}",
        cold=f"{_rate(together.events, together.cold):,.0f}", warm=f"{_rate(together.events, together.warm):,.0f}",
    )  # fmt: skip
    if apart:
        table(
            tuple(tell(f"cli.column.{name}") for name in ("rule", "cost_cold", "cost_warm", "compiling", "matches")),
            (
                (
                    rule.title,
                    f"{one.cold / one.events * 1e6:.2f}",
                    f"{one.warm / one.events * 1e6:.2f}",
                    f"{one.compiling * 1e3:.1f}",
                    f"{one.matches:,}",
                )
                for rule, one in apart[:SHOWN]
            ),
            right=(1, 2, 3, 4),
            fold=(0,),
        )
        note("cli.rules.bench.alone")
