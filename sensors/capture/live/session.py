"""One interface's capture from its start to its end: blocks in, portions out, no sockets, no threads and no clock.

A session is a source: its id is made of the interface and its start, its ordinals are the numbers of its packets. What
a portion holds was seen once and cannot be read again, so there is nothing to go on with after a restart.
"""

from collections.abc import Callable
from dataclasses import replace
from hashlib import blake2b
from typing import Final

import numpy as np

from sensors.capture import index as ix
from sensors.capture.choosing import Choice
from sensors.capture.compiled import Octets, Words
from sensors.capture.flowing import advance, flush, sweep
from sensors.capture.harvest import IN_FLOWS, Growth, Harvest
from sensors.capture.live import block
from sensors.capture.live.ring import BLOCK_BYTES, Statistics
from sensors.capture.table import FLOWS, SLOTS, make
from sensors.delivery.ledger import CONVERSION, DROPPED, EVENTS, PACKETS
from sensors.event.model import Batch, Source
from sensors.reading.model import PORTION_EVENTS, Portion, Position

FORMAT: Final = "live"
"""The format's name in the spool: packets of an interface."""
_LEAST_PACKET: Final = 96
"""No packet takes less of a block: its header, the sender's address, and their alignment."""

Keep = Callable[[Words, int], None]
"""Is shown the index of each block and the number of its first packet before the block goes back to the kernel."""


def source_of(interface: str, host: str, started: int) -> Source:
    """The source that a session is; `started` is its start, ns, `host` the machine's own name for itself."""
    digest = blake2b(digest_size=16, person=b"hanwatch.live")
    digest.update(f"{host}\0{interface}\0{started}".encode())
    return Source(digest.hexdigest(), "capture", f"interface/{interface}")


class Session:
    """What one interface has shown since `started`.

    Attributes:
        source: the session as a source.
        packets: how many packets were taken from the ring.
        waiting: how many events wait for the next portion.
    """

    def __init__(
        self, source: Source, data: Octets, link: int, started: int, *, flow_limit: int = FLOWS,
        slot_limit: int = SLOTS, keep: Keep | None = None, choice: Choice | None = None,
    ) -> None:
        """Begin with an empty flow table.

        Args:
            source: the session as a source.
            data: the octets of the whole ring.
            link: link type of its packets (LINKTYPE_).
            started: its start, ns.
            flow_limit: how many flows are open at once.
            slot_limit: how many directions' first bytes are put together at once.
            keep: who keeps the original packets.
            choice: of which protocols messages are read; None: of all.
        """
        self.source = source
        self.packets = 0
        self.waiting = 0
        self._data = data
        self._link = link
        self._table = make(started, flow_limit, slot_limit)
        self._harvest = Harvest(data, self._table, source, started, choice)
        self._growth = Growth()
        self._index = np.zeros((BLOCK_BYTES // _LEAST_PACKET, ix.COLUMNS), np.int64)
        self._seen = np.zeros(block.K_COLUMNS, np.int64)
        self._batches: list[Batch] = []
        self._counts: dict[tuple[str, str], int] = {}
        self._octets = 0
        self._drops = self._freezes = 0
        self._keep = keep

    def take(self, base: int, size: int = BLOCK_BYTES) -> int:
        """Take the packets of the block at `base`; how many there were. Its octets are needed until `let_go`."""
        index = self._index
        count = int(block.scan(self._data, base, size, self._link, index, self._seen))
        ordinal = self.packets + 1
        place = advance(self._table, self._data, index, 0, count, ordinal)
        while place < count:
            self._gather()
            place = advance(self._table, self._data, index, place, count, ordinal)
        self.packets += count
        self._octets += int(index[:count, ix.CAPTURED].sum())
        if self._keep is not None:
            self._keep(index[:count], ordinal)
        return count

    def let_go(self) -> None:
        """Read the messages that stand in blocks, which may go back to the kernel then."""
        self._harvest.take_messages()

    def sweep(self, now: int) -> None:
        """Let flows end that are silent for too long by `now`, ns."""
        place = sweep(self._table, 0, now)
        while place >= 0:
            self._gather()
            place = sweep(self._table, place, now)

    @property
    def last(self) -> int:
        """The time of the last packet, ns; 0 where there was none."""
        return int(self._seen[block.K_LAST])

    def finish(self) -> None:
        """Let all flows end, because the capture does."""
        while flush(self._table):
            self._gather()

    @property
    def full(self) -> bool:
        """Whether the next portion is large enough."""
        return self.waiting >= PORTION_EVENTS

    @property
    def position(self) -> Position:
        """Where the session is: octets and packets."""
        return Position(offset=self._octets, ordinal=self.packets + 1, state={"session": True}, check="")

    def portion(self, received: int, told: Statistics | None, more: dict[str, int], *, done: bool = False) -> Portion:
        """What came since the last portion.

        Args:
            received: receipt time of the events, ns.
            told: what the kernel has counted; None if it did not say, which is no 0.
            more: further counts since the session's start, by name, told beside the balance.
            done: whether this is the session's last one.
        """
        self._gather()
        batches = tuple(replace(batch, received=received) for batch in self._batches)
        counts, self._batches, self._counts, self.waiting = self._counts, [], {}, 0
        total = self._totals(told, more)
        if done and told is not None:
            # At the end the kernel's own count is what must have been taken or dropped, so that the balance can fail.
            total[PACKETS, "read"] = told.packets
        return Portion(batches, (), self._growth.since(total) | counts, self.position, done)

    def _totals(self, told: Statistics | None, more: dict[str, int]) -> dict[tuple[str, str], int]:
        broken = int(self._seen[block.K_BROKEN])
        total = {(PACKETS, "read"): self.packets + broken} | self._harvest.totals()
        total[PACKETS, "malformed"] += broken
        if told is not None:
            # A later answer holds everything that earlier ones held, so a missing one leaves no gap.
            self._drops, self._freezes = told.drops, told.freezes
        total[PACKETS, "read"] += self._drops
        total[PACKETS, DROPPED] = self._drops
        total |= {
            (CONVERSION, "ring_frozen"): self._freezes,
            (CONVERSION, "tags_put_back"): int(self._seen[block.K_TAGS]),
            (CONVERSION, "time_of_card"): int(self._seen[block.K_HARDWARE]),
            (CONVERSION, "packets_untold"): total[IN_FLOWS] - self._harvest.told,
        }
        return total | {(CONVERSION, name): count for name, count in more.items()}

    def _gather(self) -> None:
        batches, counts = self._harvest.take()
        self._batches.extend(batches)
        self.waiting += counts[EVENTS, "sensed"]
        for key, count in counts.items():
            self._counts[key] = self._counts.get(key, 0) + count
