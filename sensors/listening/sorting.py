"""Which format a message is of: the listener's own if one was said, else what its sender's first lines look like.

A sender keeps the format that its lines had first. A line that this format refuses is looked at alone, since relays
pass on what others wrote. What no format takes is kept as a line of no known format, if it is text at all; what is of
a format but broken is not, nor what is no text: these have no parser, and the quarantine says why.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import TypeAlias

from sensors.listening.model import Arrivals, Refused
from sensors.parser import LineParser
from sensors.parsers.caches import Bounded
from sensors.parsers.locality import has_own
from sensors.parsers.registry import line_parsers
from sensors.parsers.unknown import DATASET as UNKNOWN
from sensors.parsers.unknown import is_text

HEAD_LINES = 50
"""How many of a sender's first lines are looked at, as in files."""
SENDERS = 65_536
"""Senders whose format is remembered; the one that was told longest ago is asked anew."""

_OF_FILES = frozenset({"zeek.tsv"})
"""Formats whose lines mean nothing without the beginning of their file."""
_STRANGE = frozenset({
    "access-odd-line", "auditd-no-record", "declared-odd-line", "syslog-no-time", "syslog-odd-header",
    "windows-no-event",
})  # fmt: skip
"""Reasons that say that a line is not of the format at all. Others say what is broken about it."""
_NO_JSON = frozenset({"json-invalid", "json-not-object"})
"""Reasons that say so where the line does not even begin like an object."""


Mark: TypeAlias = tuple[Arrivals, int]


@dataclass(slots=True)
class Pile:
    """Messages that go to one parser: texts, places (see `Arrivals`) and senders, one for each.

    `marks` says of each whose sender waits in which arrivals it came, and its index there. `place` is as in
    `sensors.parser.Lines`.
    """

    place: str = ""
    texts: list[bytes] = field(default_factory=list)
    places: list[int | None] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    marks: list[Mark | None] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.texts)

    def add(self, arrivals: Arrivals) -> None:
        """Add all messages of some arrivals."""
        count = len(arrivals.texts)
        self.texts += arrivals.texts
        self.places += repeat(None, count) if arrivals.places is None else arrivals.places
        self.senders += repeat(arrivals.sender, count)
        self.marks += repeat(None, count) if arrivals.persisted is None else zip(repeat(arrivals), range(count))

    def move(self, index: int, to: "Pile") -> None:
        """Add one message to another pile as well."""
        to.texts.append(self.texts[index])
        to.places.append(self.places[index])
        to.senders.append(self.senders[index])
        to.marks.append(self.marks[index])


@dataclass(slots=True)
class Sorted:
    """Messages by parser, None for those that no parser takes, and by what the settings say of their device."""

    piles: dict[tuple[LineParser | None, str], Pile] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)

    def pile(self, parser: LineParser | None, place: str) -> Pile:
        """The pile of a parser and a place."""
        return self.piles.setdefault((parser, place), Pile(place))


def network_parsers() -> tuple[LineParser, ...]:
    """The line formats that can come over the network, in the registry's order."""
    return tuple(parser for parser in line_parsers() if parser.name not in _OF_FILES)


class Sorter:
    """Sorts messages by format; remembers each sender's. `fallback` takes what no format recognises.

    Where formats are told from the lines, the registry's format of unknown lines takes the text that is left.
    `listener` is the name below which the settings may have rules for devices, by their addresses.
    """

    def __init__(
        self,
        parsers: Sequence[LineParser],
        said: LineParser | None,
        fallback: LineParser | None = None,
        listener: str = "",
    ) -> None:
        self._listener = listener
        self._places: Bounded[str, str] = Bounded(self._place, entries=SENDERS)
        self._parsers = parsers
        self._said = said
        self._fallback = fallback
        self._unknown = next((parser for parser in parsers if parser.name == UNKNOWN), None)
        self._known: dict[tuple[str, str], LineParser] = {}

    @property
    def detects(self) -> bool:
        """Whether formats are told from the lines."""
        return self._said is None

    def sort(self, arrivals: Iterable[Arrivals]) -> Sorted:
        """Arrivals by format."""
        found = Sorted()
        for some in arrivals:
            found.refused += some.refused
            if not some.texts:
                continue
            parser = self._said or self._known.get((some.sender, some.stream)) or self._tell(some)
            found.pile(parser, self._places[some.sender]).add(some)
        return found

    def alone(self, text: bytes) -> LineParser | None:
        """The format of one line by itself."""
        return next((parser for parser in self._parsers if parser.recognises([text])), self._fallback)

    def _place(self, sender: str) -> str:
        path = f"{self._listener}/{sender}"
        return path if has_own(path, self._listener) else ""

    def elsewhere(self, pile: Pile, index: int, refusing: LineParser | None = None, reason: str = "") -> (
        LineParser | None
    ):
        """Who takes a message that a format refused, or that none was known for; None where nobody does."""
        text = pile.texts[index]
        other = self.alone(text) if text.strip() else None
        if other is not None and other is not refusing:
            return other
        mark = pile.marks[index]
        if mark is not None and mark[0].documents:
            return None
        strange = refusing is None or reason in _STRANGE or (reason in _NO_JSON and not text.lstrip().startswith(b"{"))
        return self._unknown if strange and is_text(text) else None

    def _tell(self, arrivals: Arrivals) -> LineParser | None:
        head = [text for text in arrivals.texts[:HEAD_LINES] if text.strip()]
        parser = next((parser for parser in self._parsers if parser.recognises(head)), None) if head else None
        if parser is None:
            return self._fallback
        if arrivals.sender:
            if len(self._known) >= SENDERS:
                del self._known[next(iter(self._known))]
            self._known[arrivals.sender, arrivals.stream] = parser
        return parser
