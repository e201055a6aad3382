"""What a flow table has to hand out, taken away as batches and counted: the same for files, streams and interfaces."""

import gc
from collections.abc import Mapping
from typing import Final

from sensors.capture import flows
from sensors.capture.choosing import Choice
from sensors.capture.compiled import Octets
from sensors.capture.conversations import Conversations
from sensors.capture.slots import free_spent
from sensors.capture.table import (
    R_PACKETS,
    T_BEHIND,
    T_BUCKET,
    T_CUT_MESSAGES,
    T_DARK,
    T_EVICTED,
    T_FLOWS,
    T_GAPS,
    T_HALF_OPEN,
    T_LATE_DATAGRAMS,
    T_LOST_SEGMENTS,
    T_MESSAGES,
    T_MISSING,
    T_OPENED,
    T_ORPHANS,
    T_OVERLAPS,
    T_PRESSED,
    T_PUT_TOGETHER,
    T_TOO_DEEP,
    T_UNOPENED,
    T_UNTOGETHER,
    Table,
)
from sensors.delivery.ledger import CONVERSION, EVENTS, PACKET_BUCKETS, PACKETS
from sensors.event.model import Batch, Source

IN_FLOWS: Final = (PACKETS, PACKET_BUCKETS[0])
_COUNTED: Final = {
    "fragments_orphaned": T_ORPHANS,
    "fragments_overlapping": T_OVERLAPS,
    "datagrams_reassembled": T_PUT_TOGETHER,
    "datagrams_given_up": T_UNTOGETHER,
    "datagrams_incomplete": T_LATE_DATAGRAMS,
    "datagrams_evicted": T_PRESSED,
    "stream_gaps": T_GAPS,
    "stream_octets_missing": T_MISSING,
    "messages_behind_gaps": T_BEHIND,
    "streams_unrecognised": T_DARK,
    "tunnels_opened": T_OPENED,
    "tunnels_unreadable": T_UNOPENED,
    "tunnels_too_deep": T_TOO_DEEP,
    "flows_evicted": T_EVICTED,
    "flows_evicted_half_open": T_HALF_OPEN,
}
"""What explains how packets became flows, by the name that the ledger gives it."""


class Harvest:
    """The events of one flow table.

    Attributes:
        table: the flow table.
        told: packets of the flows that were handed out so far.
    """

    def __init__(
        self, data: Octets, table: Table, source: Source, received: int, choice: Choice | None = None
    ) -> None:
        """Take from this table, whose messages stand in `data`.

        Args:
            data: the octets of the capture.
            table: the flow table.
            source: what the capture is told as.
            received: the receipt time of its events, ns.
            choice: of which protocols messages are read; None: of all.
        """
        self.table = table
        self._source = source
        self._received = received
        self._conversations = Conversations(data, table, source, received, choice)
        self.told = 0

    def take_messages(self) -> None:
        """Read the messages that wait, after which the octets they stand in are no longer needed.

        The table's slots are given back by `take` alone, together with what the flows had that ended.
        """
        count = int(self.table.numbers[T_MESSAGES])
        if count:
            self._conversations.take(self.table.messages[:count])
            self.table.numbers[T_MESSAGES] = 0

    def take(self) -> tuple[tuple[Batch, ...], dict[tuple[str, str], int]]:
        """Take away flows that ended and messages that are complete.

        The batches are tens of thousands of new values without a cycle among them; looking for cycles while they are
        made took a fifth of the whole time, so the collector waits until they are.

        Returns:
            Batches, and what they are for the ledger (stages conversion and events).
        """
        collecting = gc.isenabled()
        gc.disable()
        try:
            return self._taken()
        finally:
            if collecting:
                gc.enable()

    def _taken(self) -> tuple[tuple[Batch, ...], dict[tuple[str, str], int]]:
        table, numbers = self.table, self.table.numbers
        self.take_messages()
        ended = int(numbers[T_FLOWS])
        keys, rows = table.out_keys[:ended], table.out_flows[:ended]
        names = self._conversations.end(rows)
        batches = (
            *flows.batches(keys, rows, names, table.carrier_keys, self._source, self._received),
            *self._conversations.batches(),
        )
        self.told += int(rows[:, R_PACKETS : R_PACKETS + 2].sum())
        free_spent(table)
        numbers[T_FLOWS] = 0
        counts: dict[tuple[str, str], int] = {}
        for batch in batches:
            key = (CONVERSION, batch.dataset)
            counts[key] = counts.get(key, 0) + len(batch)
        if ended:
            counts[CONVERSION, "flows"] = ended
        counts[EVENTS, "sensed"] = sum(map(len, batches))
        return batches, counts

    def totals(self) -> dict[tuple[str, str], int]:
        """What the table has counted since it was made: packets by bucket, and what could not be put together."""
        numbers = self.table.numbers
        total = {(PACKETS, bucket): int(numbers[T_BUCKET + place]) for place, bucket in enumerate(PACKET_BUCKETS)}
        total |= {
            (CONVERSION, "segments_lost"): int(numbers[T_LOST_SEGMENTS]),
            (CONVERSION, "messages_cut"): int(numbers[T_CUT_MESSAGES]),
            **{(CONVERSION, name): int(numbers[column]) for name, column in _COUNTED.items()},
            (CONVERSION, "messages_unread"): self._conversations.unread,
            (CONVERSION, "messages_incomplete"): self._conversations.incomplete,
        }
        return total


class Growth:
    """By how much counts have grown since they were last asked for."""

    def __init__(self) -> None:
        """Nothing was counted yet."""
        self._before: Mapping[tuple[str, str], int] = {}

    def since(self, total: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
        """The increments that lead to these totals; packets read are always among them, if only 0."""
        before, self._before = self._before, total
        return {
            key: count - before.get(key, 0)
            for key, count in total.items()
            if count != before.get(key, 0) or key == (PACKETS, "read")
        }
