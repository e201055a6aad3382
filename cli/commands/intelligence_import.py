"""`hanwatch intelligence import`: feeds of indicators into the book."""

from dataclasses import asdict
from typing import Annotated

import typer

from cli.ground import settings_of
from cli.options import DataOption, JsonOption
from cli.output import FAILED, complain, json_line, note, tell
from cli.parts.intelligence import WithIntelligence
from correlation.intelligence.errors import FeedNothing
from correlation.intelligence.feeding import read_source
from correlation.intelligence.importing import FirstFew
from correlation.intelligence.model import Imported
from correlation.intelligence.sources import PATH, source_of, sources_of

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
    chosen = settings.intelligence
    sources = [source_of(chosen, text) for text in feeds] if feeds else sources_of(chosen)
    if not sources:
        raise FeedNothing
    few = FirstFew(complain, SHOWN)
    total, failed = Imported(), False
    # What is said of a feed's indicators holds for all of them, not only for those that are new.
    said = provider is not None or confidence is not None
    with WithIntelligence(settings) as house:
        book = house.indicators
        for source in sources:
            assumed = source.assumed(chosen, house.clock(), provider, confidence)
            # Files are what somebody wants to be read now; a server is asked for what is new.
            standing = read_source(book, source, assumed, house.clock, few, anew=anew or said or source.kind == PATH)
            total += standing.imported
            if standing.problem is not None:
                complain(standing.problem)
                failed = True
        book.compile()
        known = sum(book.tally().values())
    if as_json:
        json_line(asdict(total) | {"known": known})
    else:
        if few.more:
            note("cli.intelligence.import.more", number=f"{few.more:,}")
        numbers = {name: f"{number:,}" for name, number in asdict(total).items()}
        note("cli.intelligence.import.done", known=f"{known:,}", **numbers)
    if failed:
        raise typer.Exit(FAILED)
