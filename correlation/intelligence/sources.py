"""What indicators are read from: a file or folder, or a feed behind an address; and how each is read on."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from correlation.intelligence.fetching import Fetcher, shown
from correlation.intelligence.formats.reading import read_feed
from correlation.intelligence.formats.stix import stix_portions
from correlation.intelligence.misp_feed import read_published
from correlation.intelligence.model import Assumed, Portion
from correlation.intelligence.one_file import read_one_file
from correlation.intelligence.taxii import read_collection
from correlation.settings import FeedSettings, IntelligenceSettings

PATH: Final = "path"
"""The kind of a source that is a file or folder of this machine."""


@dataclass(frozen=True, slots=True)
class Source:
    """A feed behind an address, or a file or folder; `key` is its name in the book."""

    key: str
    feed: FeedSettings | None = None

    @property
    def kind(self) -> str:
        """The kind of feed, `path` for files and folders."""
        return PATH if self.feed is None else self.feed.kind

    @property
    def name(self) -> str:
        """What people are shown: an address without what is asked of it."""
        return shown(self.key) if self.feed else self.key

    def assumed(
        self, settings: IntelligenceSettings, now: int, provider: str | None = None, confidence: int | None = None
    ) -> Assumed:
        """What holds for its entries: what a person said, else the settings, else the feed's own name.

        A collection tells who made an object only once, so that its indicators all are said to come from it.
        """
        named = provider or (self.feed.provider if self.feed else "")
        own = (urlsplit(self.key).hostname if self.feed else Path(self.key).absolute().stem) or self.key
        chosen = settings.confidence if confidence is None else confidence
        return Assumed(named or own, chosen, now, forced=confidence, stated=bool(named) or self.kind == "taxii")

    def portions(self, position: str, assumed: Assumed, patience: float | None = None) -> Iterator[Portion]:
        """What it holds beyond a position, with the positions from which reading goes on.

        Args:
            position: what the last portion of the last reading that had one said; empty for all of it.
            assumed: see `assumed`.
            patience: seconds after which a server is asked nothing more.

        Raises:
            FeedUnreadable: it cannot be read; what came before this is good.
            FeedFormatUnknown: it is of no known format.
        """
        if self.feed is None:
            yield from read_feed(Path(self.key), assumed, position)
            return
        fetcher = Fetcher(self.feed, patience)
        if self.feed.kind == "misp":
            yield from read_published(fetcher, self.feed.url, position, assumed)
        elif self.feed.kind == "file":
            yield from read_one_file(fetcher, self.feed.url, position, assumed)
        else:
            yield from _of_collection(fetcher, self.key, position, assumed)


def source_of(settings: IntelligenceSettings, text: str) -> Source:
    """The source that a person names; an address that the settings do not have is that of a TAXII collection.

    The authorization of a feed is only ever sent to the address that it belongs to.
    """
    if not is_address(text):
        return Source(text)
    key = text.rstrip("/")
    known = (feed for feed in settings.feeds if feed.url.rstrip("/") == key)
    return Source(key, next(known, None) or FeedSettings(text))


def sources_of(settings: IntelligenceSettings) -> tuple[Source, ...]:
    """The sources of the settings, files first."""
    named = (*map(str, settings.files), *(feed.url for feed in settings.feeds))
    return tuple(source_of(settings, text) for text in named)


def is_address(text: str) -> bool:
    """Whether this is the address of a server rather than of a file."""
    return text.lower().startswith(("http://", "https://"))


def _of_collection(fetcher: Fetcher, url: str, position: str, assumed: Assumed) -> Iterator[Portion]:
    for page in read_collection(fetcher, url, position):
        yield from stix_portions(page.objects, shown(url), assumed)
        if page.added_after:
            yield Portion(position=page.added_after)
