"""A listener's sources: one for each format that came, and the listener itself for what has none.

Each has numbers of its own for what arrived (`Position.ordinal`); a connection's messages are placed by session and
sequence, datagrams by their number. The position moves only with what the spool persisted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from sensors.delivery.devices import Heard
from sensors.delivery.ledger import EVENTS, LOST, RECORDS
from sensors.delivery.ports import Delivery
from sensors.event.model import Batch, Source
from sensors.listening.devices import SENDER
from sensors.listening.model import Refused
from sensors.listening.sorting import Mark, Pile
from sensors.parser import LineParser, Lines, Parsed
from sensors.reading.lines import SLICE_LINES
from sensors.reading.model import PORTION_EVENTS, Portion, Position, Reject


def source_of(listener: str, part: str, name: str, kind: str = "text") -> Source:
    """The source of a listener's part (a format, or the listener itself where it is empty)."""
    digest = blake2b(f"{listener}\n{part}".encode(), digest_size=16, person=b"hanwatch.listen")
    return Source(digest.hexdigest(), kind, f"{name}#{part}" if part else name)


class Lane:
    """One source of a listener: where it stands, and the deliveries that move it on."""

    def __init__(self, source: Source, format_name: str, position: Position | None) -> None:
        self.source = source
        self.format = format_name
        self.position = position or Position()
        """As far as deliveries were made."""
        self.persisted = self.position
        """As far as the spool has them."""

    def delivery(
        self,
        read: int,
        batches: Sequence[Batch],
        rejects: Sequence[Reject],
        counts: Mapping[tuple[str, str], int],
        state: Any = None,
    ) -> Delivery:
        """The delivery that moves this source on by `read` numbers."""
        begun = self.position
        number = begun.ordinal + read
        self.position = Position(number - 1, number, state)
        return Delivery(self.source, self.format, Portion(tuple(batches), tuple(rejects), counts, self.position), begun)

    def settle(self, *, persisted: bool) -> None:
        """The deliveries made since the last time were persisted, or given up."""
        if persisted:
            self.persisted = self.position
        else:
            self.position = self.persisted

    def refusal(
        self, refusals: Sequence[Refused], lost: Mapping[str, int], state: Any, devices: Sequence[Heard] = ()
    ) -> Delivery:
        """What no parser was asked about, what is known to be lost, the listener's own state, and who sent."""
        first = self.position.ordinal
        rejects = [
            Reject(first + index, first + index - 1, odd.reason, odd.detail[:500], odd.raw, odd.size)
            for index, odd in enumerate(refusals)
        ]
        counts = {(LOST, bucket): count for bucket, count in lost.items() if count}
        if rejects:
            counts |= {(RECORDS, "read"): len(rejects), (RECORDS, "rejected"): len(rejects)}
        return replace(self.delivery(len(rejects), (), rejects, counts, state), devices=devices)


class LineLane(Lane):
    """A source whose messages one parser reads."""

    def __init__(self, source: Source, parser: LineParser, position: Position | None) -> None:
        super().__init__(source, parser.name, position)
        self._parser = parser

    def parse(self, pile: Pile, received: int) -> list[tuple[Parsed, int]]:
        """What the parser makes of a pile, in slices that the processor's cache can hold, each with its first index.

        Ordinals are those that the messages get in this source; rejects keep them, too.
        """
        first = self.position.ordinal
        parsed = []
        numbers = range(first - 1, first - 1 + len(pile))
        placed = pile.places and pile.places[0] is not None
        offsets: list[int] = pile.places if placed else list(numbers)  # type: ignore[assignment]  # all are, or none
        for begin in range(0, len(pile), SLICE_LINES):
            end = begin + SLICE_LINES
            lines = Lines(
                self.source, received, pile.texts[begin:end], offsets[begin:end], first + begin, place=pile.place
            )
            parsed.append((self._parser.parse(lines, None), begin))
        return parsed

    def deliveries(
        self, pile: Pile, parsed: Sequence[tuple[Parsed, int]], gone: frozenset[int], listener: str
    ) -> list[Delivery]:
        """The deliveries of a parsed pile, without the messages that went to another format (`gone`, by index).

        `listener` is the id of the listener's own source: what a sender's ids are ids within.
        """
        first = self.position.ordinal
        found = []
        lone = pile.senders[0] if pile.senders.count(pile.senders[0]) == len(pile) else None
        waited = pile.marks.count(None) < len(pile)
        for begin in range(0, len(parsed), _SLICES):
            group = parsed[begin : begin + _SLICES]
            start, end = group[0][1], min(group[-1][1] + SLICE_LINES, len(pile))
            batches = [_sent_by(batch, lone, pile.senders, first) for each, _ in group for batch in each.batches]
            if waited and any(mark is not None and mark[0].keys for mark in pile.marks[start:end]):
                batches = [_keyed(batch, pile.marks, first, listener) for batch in batches]
            rejects = [
                reject for each, _ in group for reject in each.rejects if reject.ordinal - first not in gone
            ]
            events = sum(map(len, batches))
            left = sum(start <= index < end for index in gone)
            counts = {
                (RECORDS, "read"): end - start - left,
                (RECORDS, "event"): events,
                (RECORDS, "rejected"): len(rejects),
                (RECORDS, "skipped"): sum(each.skipped for each, _ in group),
                (EVENTS, "sensed"): events,
            }
            found.append(self.delivery(end - start, batches, rejects, counts))
        return found


_SLICES = PORTION_EVENTS // SLICE_LINES


def _sent_by(batch: Batch, lone: str | None, senders: Sequence[str], first: int) -> Batch:
    """The batch with the sender's address, unless the message itself says from where it came.

    `lone` is the only sender's, None where there are several.
    """
    if SENDER in batch.columns or SENDER in batch.constants:
        return batch
    if lone is None:
        mine = [senders[index] for index in (batch.ordinals - first).tolist()]
        if mine.count(mine[0]) < len(mine):
            return replace(batch, columns={**batch.columns, SENDER: mine})
        lone = mine[0]
    return replace(batch, constants={**batch.constants, SENDER: lone})




def _keyed(batch: Batch, marks: Sequence[Mark | None], first: int, listener: str) -> Batch:
    """The batch with ids made of the sender's own where it gave some, so that what it sends again is stored once."""
    ids = list(batch.ids)
    for row, index in enumerate((batch.ordinals - first).tolist()):
        mark = marks[index]
        key = mark[0].keys[mark[1]] if mark is not None and mark[0].keys else None
        if key is not None:
            ids[row] = client_id(listener, key)
    return replace(batch, ids=ids)


def client_id(listener: str, key: str) -> str:
    """The id of an event that its sender identifies by `key` within the listener with this id."""
    state = blake2b(bytes.fromhex(listener), digest_size=16, person=b"hanwatch.client")
    state.update(key.encode("utf-8", "surrogatepass"))
    return state.hexdigest()
