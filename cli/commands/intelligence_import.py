"""`hanwatch intelligence import`: feeds of indicators into the book."""

from dataclasses import asdict
from typing import Annotated

import typer

from cli.ground import settings_of
from cli.options import DataOption, JsonOption
from cli.output import FAILED, complain, json_line, note, tell
from cli.parts.intelligence import WithIntelligence
from correlation.intelligence.errors import FeedNothing, IntelligenceProblem
from correlation.intelligence.feeding import read_source
from correlation.intelligence.model import Imported
from correlation.intelligence.sources import PATH, source_of
from sensors.errors import Problem

SHOWN = 20
"""Entries that cannot be used and are told one by one; the others are counted."""


def import_feeds(
    context: typer.Context,
    feeds: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE|DIR|URL", help=tell("cli.intelligence.import.feeds"), show_default=False),
    ] = None,
    provider: Annotated[
        str | None,
        typer.Option("--provider", metavar="NAME", help=tell("cli.intelligence.import.provider"), show_default=False),
    ] = None,
    confidence: Annotated[
        int | None,
        typer.Option(
            "--confidence",
            metavar="NUMBER",
            min=0,
            max=100,
            help=tell("cli.intelligence.import.confidence"),
            show_default=False,
        ),
    ] = None,
    anew: Annotated[bool, typer.Option("--anew", help=tell("cli.intelligence.import.anew"))] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read feeds into the book; exit 3 when one cannot be read, entries that cannot be used are told and left out."""
    settings = settings_of(context, data)
    wanted = feeds or [*map(str, settings.intelligence.files), *(feed.url for feed in settings.intelligence.feeds)]
    if not wanted:
        raise FeedNothing
    telling = _Telling()
    total, failed = Imported(), False
    with WithIntelligence(settings) as house:
        book, chosen = house.indicators, settings.intelligence
        for source in [source_of(chosen, text) for text in wanted]:
            assumed = source.assumed(chosen, house.clock(), provider, confidence)
            try:
                # Files are what somebody wants to be read now; a server is asked for what is new.
                fresh = anew or source.kind == PATH
                total += read_source(book, source, assumed, house.clock, telling, anew=fresh)
            except IntelligenceProblem as problem:
                complain(problem)
                failed = True
        book.compile()
        known = sum(book.tally().values())
    if as_json:
        json_line(asdict(total) | {"known": known})
    else:
        if telling.told > SHOWN:
            note("cli.intelligence.import.more", number=f"{telling.told - SHOWN:,}")
        numbers = {name: f"{number:,}" for name, number in asdict(total).items()}
        note("cli.intelligence.import.done", known=f"{known:,}", **numbers)
    if failed:
        raise typer.Exit(FAILED)


class _Telling:
    """Complains of the first problems, and counts."""

    def __init__(self) -> None:
        self.told = 0

    def __call__(self, problem: Problem) -> None:
        self.told += 1
        if self.told <= SHOWN:
            complain(problem)
