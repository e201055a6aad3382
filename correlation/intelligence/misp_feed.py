"""A feed of MISP behind an address: the manifest, and of the events those that are new or have changed since.

Source: MISP, "Feeds" (`manifest.json` maps each event's UUID to what is known of it, `timestamp` among that), and the
core format (draft-dulaunoy-misp-core-format). An event that is no longer in the manifest is not asked for any more; its
indicators stay and decay, since a feed drops what is old as well as what was wrong, and does not say which.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from correlation.intelligence.errors import FeedUnreadable
from correlation.intelligence.fetching import Fetcher, away, enough, shown
from correlation.intelligence.formats.documents import mapping, parse_document
from correlation.intelligence.formats.misp import MANIFEST, UUID, event_portion, is_event
from correlation.intelligence.formats.values import text_of
from correlation.intelligence.marks import Marks
from correlation.intelligence.model import Assumed, Portion
from sensors.errors import Place

MOST_MANIFEST_BYTES: Final = 64 << 20
MOST_EVENT_BYTES: Final = 64 << 20
MOST_EVENTS: Final = 100_000
PATIENCE: Final = 3
"""After so many events in a row for which nobody could be reached it is looked whether the server is there at all."""
MOST_AWAY: Final = 30
"""After so many in a row the reading is over though the server is there: it does not give us its events."""


def read_published(fetcher: Fetcher, url: str, position: str, assumed: Assumed) -> Iterator[Portion]:
    """The indicators of events that are new or changed, event by event; a broken one is a problem, and asked for again.

    Args:
        fetcher: of the feed.
        url: the folder in which manifest.json lies.
        position: what the last reading left.
        assumed: holds for events that do not say it.

    Raises:
        FeedUnreadable: the manifest cannot be read, or the server went away; what was read until then is kept.
    """
    base = _base(url)
    manifest = _manifest(fetcher, base)
    marks = Marks(position)
    tries = _Tries()
    # What could not be read the last time comes last, or it would keep us from the others.
    for name in sorted(manifest, key=lambda name: (marks.missed(name), name)):
        if not UUID.fullmatch(name):
            # Nothing but a UUID may become a part of an address.
            place = Place(f"{shown(base)}{MANIFEST}", field=text_of(name, 100))
            yield Portion(problems=(FeedUnreadable(place=place, reason="misp-name"),))
            continue
        mark = _mark(mapping(manifest[name]).get("timestamp"))
        if mark is not None and marks.known(name, mark):
            tries.had = True
            continue
        try:
            yield _event(fetcher, f"{base}{name}.json", assumed)
        except FeedUnreadable as problem:
            tries.failed(problem)
            marks.miss(name)
            if enough(problem) or tries.away >= MOST_AWAY:
                yield Portion(position=marks.unended())
                raise
            yield Portion(problems=(problem,))
            if tries.away and tries.away % PATIENCE == 0:
                yield Portion(position=marks.unended())
                # If that fails as well the reading is over; else these events are broken, and the others are not.
                _manifest(fetcher, base)
        else:
            tries.went_well()
            marks.enter(name, mark)
        if (now := marks.due()) is not None:
            yield Portion(position=now)
    yield Portion(position=marks.ended())
    if tries.in_vain is not None:
        raise tries.in_vain


class _Tries:
    """How asking for events went.

    `away`: for how many in a row nobody answered us. `had`: whether one of the manifest was read, now or before.
    """

    def __init__(self) -> None:
        self.away = 0
        self.had = False
        self._read = False
        self._only_away = True
        self._last: FeedUnreadable | None = None

    def went_well(self) -> None:
        self.away = 0
        self.had = self._read = True

    def failed(self, problem: FeedUnreadable) -> None:
        self._last = problem
        self.away = self.away + 1 if away(problem) else 0
        self._only_away = self._only_away and self.away > 0

    @property
    def in_vain(self) -> FeedUnreadable | None:
        """Why nothing came of it: all that was asked for failed, since nobody answers us or none of it ever was there.

        Single events that are broken for good, beside others that were read before, are not that.
        """
        return None if self._read or (self.had and not self._only_away) else self._last


def _manifest(fetcher: Fetcher, base: str) -> Mapping[str, Any]:
    place = Place(f"{shown(base)}{MANIFEST}")
    manifest = parse_document(fetcher.get(base + MANIFEST, MOST_MANIFEST_BYTES).data, place)
    if not isinstance(manifest, dict):
        raise FeedUnreadable(place=place, reason="misp-no-manifest")
    if len(manifest) > MOST_EVENTS:
        raise FeedUnreadable(place=place, reason="feed-too-large")
    return manifest


def _event(fetcher: Fetcher, address: str, assumed: Assumed) -> Portion:
    place = Place(shown(address))
    document = parse_document(fetcher.get(address, MOST_EVENT_BYTES).data, place)
    if not is_event(document):
        raise FeedUnreadable(place=place, reason="misp-no-event")
    return event_portion(document, place.file, assumed)


def _base(url: str) -> str:
    """The address of the folder, also where that of its manifest was named."""
    return url.removesuffix(MANIFEST).rstrip("/") + "/"


def _mark(timestamp: object) -> str | None:
    """What tells one state of an event from another; None where the manifest does not: then it is always read."""
    text = str(timestamp) if isinstance(timestamp, str | int) and not isinstance(timestamp, bool) else ""
    return text[:40] or None
