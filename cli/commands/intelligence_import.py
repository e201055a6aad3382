"""`hanwatch intelligence import`: feeds of indicators into the book."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from cli.ground import settings_of
from cli.options import DataOption, JsonOption
from cli.output import FAILED, complain, json_line, note, tell
from cli.parts.intelligence import WithIntelligence
from cli.settings import Settings
from correlation.intelligence.book import IndicatorBook
from correlation.intelligence.errors import FeedNothing, IntelligenceProblem
from correlation.intelligence.formats.reading import read_feed
from correlation.intelligence.formats.stix import stix_portions
from correlation.intelligence.importing import Imported, import_portions
from correlation.intelligence.model import Assumed, Portion
from correlation.intelligence.taxii import is_collection, read_collection
from correlation.settings import FeedSettings
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
        book = house.indicators
        for feed in wanted:
            assumed = _assumed(settings, feed, provider, confidence, house.clock())
            try:
                portions = _portions(settings, book, feed, assumed)
                total += import_portions(book, portions, telling)
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


def _assumed(settings: Settings, feed: str, provider: str | None, confidence: int | None, now: int) -> Assumed:
    """What holds for the entries of a feed: what was said here, else in the settings, else by the feed's own name.

    A collection tells who made an object only once, so that its indicators are all said to come from the collection.
    """
    named = provider or _feed(settings, feed).provider
    own = (urlsplit(feed).hostname if is_collection(feed) else Path(feed).absolute().stem) or feed
    chosen = settings.intelligence.confidence if confidence is None else confidence
    return Assumed(named or own, chosen, now, forced=confidence, stated=bool(named) or is_collection(feed))


def _feed(settings: Settings, url: str) -> FeedSettings:
    """What the settings say of a feed; the authorization is only ever sent to the address that it belongs to."""
    known = (feed for feed in settings.intelligence.feeds if feed.url.rstrip("/") == url.rstrip("/"))
    return next(known, FeedSettings(url if is_collection(url) else "http://-"))


def _portions(settings: Settings, book: IndicatorBook, feed: str, assumed: Assumed) -> Iterator[Portion]:
    if not is_collection(feed):
        yield from read_feed(Path(feed), assumed)
        return
    url = feed.rstrip("/")
    for page in read_collection(url, book.feeds.position(url), _feed(settings, feed).authorization):
        yield from stix_portions(page.objects, url, assumed)
        if page.added_after:
            book.feeds.move(url, page.added_after)
