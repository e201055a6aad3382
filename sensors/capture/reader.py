"""Capture files as inputs: portions of events from pcap and pcapng, with every packet in exactly one bucket.

A capture's flows are held while it is read, so reading cannot begin in the middle: after a restart the file is read
again from its beginning and as many portions as were handed over are left out. Portions depend on nothing but the
file's bytes and how many of them there were when it was first read. When the file has grown since, what was added is
read as a capture of its own, whose first packet follows the last. A stream is read in one go as long as it comes, in
smaller portions.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from sensors.capture import container
from sensors.capture import index as ix
from sensors.capture.choosing import Choice
from sensors.capture.compiled import Words, announce
from sensors.capture.container import Container, Fault
from sensors.capture.flowing import advance, flush
from sensors.capture.harvest import Growth, Harvest
from sensors.capture.links import LINKS
from sensors.capture.table import DATAGRAMS, FLOWS, HEAPS, SLOTS, Table, make
from sensors.delivery.ledger import CONVERSION, PACKETS
from sensors.event.model import Batch, Source
from sensors.reading.files import check, unreadable
from sensors.reading.model import MAX_REJECT_BYTES, Portion, Position, Reject

PORTION_BYTES: Final = 16 << 20
"""How much of the capture makes a portion at most: more than for lines, since hardly any of it is in the events."""
STREAM_PORTION_BYTES: Final = 256 << 10
"""How much of a stream does. It is told while it comes, yet never by the clock, so that its portions stay the same."""
STREAM_HEAD_BYTES: Final = 64
"""How much of a stream there must be for its header to be read (pcap: 24 octets; pcapng: 28 and options)."""
_TO_ITS_END: Final = -1
"""In the place of a stretch's size: however long it becomes."""
_INDEX_ROWS: Final = 32_768

LINK_NAMES: Final = {
    6: "Token Ring", 105: "IEEE 802.11", 107: "Frame Relay",
    117: "OpenBSD pflog", 119: "IEEE 802.11 with Prism header", 127: "IEEE 802.11 with radiotap", 147: "user 0",
    189: "USB with Linux header", 195: "IEEE 802.15.4", 201: "Bluetooth HCI", 220: "USB with padded header",
    239: "netfilter log", 249: "USBPcap", 253: "netlink", 280: "DisplayPort", 283: "IEEE 802.15.4 with TAP",
}
"""Names of link types for the text of a reject (tcpdump.org/linktypes.html); the number is always said."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The part of a file that is read in one go: how many of its portions were handed over, where it lies."""

    portions: int
    begin: int
    ordinal: int
    size: int
    finished: bool
    portion: int

    @classmethod
    def of(cls, start: Position, size: int, portion: int) -> "_Stretch":
        """The stretch that reading goes on with, for a file that is `size` bytes long now."""
        if start.state is None:
            return cls(0, 0, 1, size, finished=False, portion=portion)
        state = start.state
        if not state["finished"]:
            begun = state["portions"], state["begin"], state["ordinal"], state["size"]
            return cls(*begun, finished=False, portion=state.get("portion", PORTION_BYTES))
        return cls(0, state["next"], start.ordinal, size, finished=0 <= size <= state["size"], portion=portion)

    def state(self, portions: int, onward: int, *, finished: bool) -> dict[str, Any]:
        """What `Position.state` carries after so many portions."""
        return {
            "portions": portions,
            "begin": self.begin,
            "ordinal": self.ordinal,
            "size": self.size,
            "next": onward,
            "finished": finished,
            "portion": self.portion,
        }


def recognises(head: bytes) -> bool:
    """Whether a file that begins so (12 bytes are enough) is a capture: pcap or pcapng, in any byte order."""
    return container.recognises(head)


class CaptureReader:
    """Reads one capture file."""

    def __init__(
        self, *, flow_limit: int = FLOWS, slot_limit: int = SLOTS, datagram_limit: int = DATAGRAMS,
        heap_limit: int = HEAPS, choice: Choice | None = None,
    ) -> None:
        """A reader that keeps at most so much: flows, directions' first bytes, datagrams in fragments, their octets.

        `choice` says of which protocols messages are read; None: of all.
        """
        self._limits = flow_limit, slot_limit, datagram_limit, heap_limit
        self._choice = choice

    @property
    def format(self) -> str:
        """The format's name, as it can be said; it means pcapng as well."""
        return "pcap"

    def portions(self, path: Path, source: Source, start: Position, received: int) -> Iterator[Portion]:
        """The portions of the capture that `start` says have not been handed over.

        Raises:
            UnreadableInput: the file cannot be opened or read, or is no capture.
        """
        with self.stream(path, source, start, received, growing=False) as stream:
            yield from stream.portions()

    def stream(
        self, path: Path, source: Source, start: Position, received: int, *, growing: bool = True
    ) -> "CaptureStream":
        """The capture as one that grows while it is read; `STREAM_HEAD_BYTES` of it are there, or its end.

        Raises:
            UnreadableInput: the file cannot be opened or read, or is no capture.
        """
        announce()
        try:
            size = path.stat().st_size
        except OSError as error:
            raise unreadable(path, error) from error
        known, portion = (_TO_ITS_END, STREAM_PORTION_BYTES) if growing else (size, PORTION_BYTES)
        stretch = _Stretch.of(start, known, portion)
        # The receipt time cannot be known by who made the capture, which is all that the table asks of its seed.
        table = make(received, *self._limits)
        return CaptureStream(path, stretch, table, source, received, growing=growing, choice=self._choice)


class CaptureStream:
    """A capture file of which more may come; what was read of it stays read."""

    def __init__(
        self, path: Path, stretch: _Stretch, table: Table, source: Source, received: int, *, growing: bool,
        choice: Choice | None,
    ) -> None:
        size = None if stretch.size == _TO_ITS_END else stretch.size
        self._path = path
        self._stretch = stretch
        self._capture = Container(path, size, portion=stretch.portion, growing=growing)
        self._passage = _Passage(self._capture, Harvest(self._capture.data, table, source, received, choice), stretch)
        self._number = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._capture.close()

    def grow(self, size: int, *, ended: bool) -> None:
        """So much has come; `ended`: and no more will."""
        self._capture.grow(size, ended=ended)

    @property
    def ended(self) -> bool:
        """Whether everything was handed over; nothing that comes after it is read."""
        return self._stretch.finished or self._passage.ended

    def portions(self) -> Iterator[Portion]:
        """The portions of what has come that were not handed over yet.

        Raises:
            UnreadableInput: the file cannot be read any more.
        """
        stretch = self._stretch
        if self.ended:
            return
        for share in self._passage.shares():
            self._number += 1
            if self._number <= stretch.portions:
                continue
            offset = share.at
            if share.done:
                offset = self._capture.size if stretch.size == _TO_ITS_END else stretch.size
                stretch = replace(stretch, size=offset)
            yield Portion(
                batches=share.batches,
                rejects=share.rejects,
                counts=share.counts,
                position=Position(
                    offset=offset,
                    ordinal=share.ordinal,
                    state=stretch.state(self._number, share.at, finished=share.done),
                    check=check(self._path, offset),
                ),
                done=share.done,
            )


@dataclass(frozen=True, slots=True)
class _Share:
    """What one portion holds, before it knows whether it was handed over already."""

    batches: tuple[Batch, ...]
    rejects: tuple[Reject, ...]
    counts: dict[tuple[str, str], int]
    at: int
    ordinal: int
    done: bool


class _Passage:
    """One passage through a capture.

    Attributes:
        ended: whether scanning met the capture's end, or what cannot be read on.
    """

    def __init__(self, capture: Container, harvest: Harvest, stretch: _Stretch) -> None:
        self._capture = capture
        self._harvest = harvest
        self._table = harvest.table
        self._begin = stretch.begin
        self._bytes = stretch.portion
        self._ordinal = stretch.ordinal
        self._index = np.zeros((_INDEX_ROWS, ix.COLUMNS), np.int64)
        self._stop = -1
        self._onward = 0
        self.ended = False
        self._growth = Growth()
        self._read = 0
        self._cut = 0
        self._rejects: list[Reject] = []
        self._links: set[int] = set()

    def shares(self) -> Iterator[_Share]:
        """The capture's portions, from where it was left to its end, or to where more is to come."""
        if self._stop < 0 and not self._started():
            return
        index, capture = self._index, self._capture
        while not self.ended:
            count, fault, self.ended = capture.scan(index, self._stop)
            onward = capture.at
            self._read += count
            self._look_at_links(index[:count])
            place = advance(self._table, capture.data, index, 0, count, self._ordinal)
            while place < count:
                yield self._share(onward, done=False)
                place = advance(self._table, capture.data, index, place, count, self._ordinal)
            self._ordinal += count
            if fault:
                self._reject(fault)
                if fault.packets:
                    onward = fault.at
            if not self.ended and capture.at >= self._stop:
                yield self._share(onward, done=False)
                capture.forget()
                self._stop = capture.at + self._bytes
            self._onward = onward
            if capture.waiting:
                return
        while flush(self._table):
            yield self._share(self._onward, done=False)
        yield self._share(self._onward, done=True)

    def _started(self) -> bool:
        """Go to where the stretch begins; whether that has come already."""
        capture = self._capture
        if self._begin:
            capture.go_to(self._begin)
            if capture.waiting:
                return False
        capture.forget()
        self._stop = capture.at + self._bytes
        self._onward = capture.at
        return True

    def _look_at_links(self, index: Words) -> None:
        """Reject the first packet of each link type that is not decoded, so that the reason can be read."""
        if not len(index):
            return
        links = index[:, ix.LINK]
        low, high = int(links.min()), int(links.max())
        for link in ([low] if low == high else np.unique(links).tolist()):
            if link in LINKS or link in self._links:
                continue
            self._links.add(link)
            row = index[int(np.argmax(links == link))].tolist()
            place = int(np.argmax(links == link))
            at, captured = self._capture.base + row[ix.AT], row[ix.CAPTURED]
            raw = self._capture.octets(at, min(captured, MAX_REJECT_BYTES))
            reason = "capture-link-unsupported"
            name = LINK_NAMES.get(link, "not named here")
            detail = f"link type {link} ({name}); its packets are counted, not decoded"
            if link < 0:
                reason, detail = "capture-interface-unknown", "a packet names an interface that its section lacks"
            self._rejects.append(Reject(self._ordinal + place, at, reason, detail, raw, captured))

    def _reject(self, fault: Fault) -> None:
        """Enter a stretch of the file that is no packet."""
        raw = self._capture.octets(fault.at, min(fault.size, MAX_REJECT_BYTES))
        self._rejects.append(Reject(self._ordinal, fault.at, fault.reason, fault.detail, raw, fault.size))
        self._read += fault.packets
        self._cut += fault.packets

    def _share(self, at: int, *, done: bool) -> _Share:
        """Take away what the table has to hand out, and count it."""
        batches, counts = self._harvest.take()
        total = {(PACKETS, "read"): self._read} | self._harvest.totals()
        total[PACKETS, "truncated"] += self._cut
        total |= {(CONVERSION, name): count for name, count in self._capture.notes.items()}
        rejects, self._rejects = tuple(self._rejects), []
        return _Share(batches, rejects, self._growth.since(total) | counts, at, self._ordinal, done)
