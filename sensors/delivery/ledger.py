"""The loss ledger: what every stage counted, by source, and whether it adds up.

Two balances, each exact. Packets: what a capture held is in exactly one bucket. Events: what a reader found is an
event, a reject or skipped; what was spooled is stored, already there, quarantined by the store, expired or pending.
Between them stand conversion rows, which explain how packets became flows and events but are no balance.

Counts of one stage are taken by the code of that stage, never derived from the next one's: a balance can fail.
"""

from collections.abc import Mapping
from dataclasses import dataclass

PACKETS = "packets"          # buckets: read, and one of PACKET_BUCKETS or PACKET_LOSSES for each packet
RECORDS = "records"          # buckets: read (by the reader), event, rejected, skipped (by the parser)
CONVERSION = "conversion"    # buckets: flows, and events by dataset
EVENTS = "events"            # buckets: sensed, spooled, stored, duplicate, quarantined, expired
ALERTS = "alerts"            # buckets: matched, unmatched (the matcher failed), excepted (a site does not want it told)
EXCEPTIONS = "exceptions"    # buckets: how often each exception applied, by its id
LOST = "lost"                # buckets: what was sent and never read, by where it was noticed (sensors.listening)

PACKET_BUCKETS = (
    "flow",          # counted in a flow
    "non_ip",        # ARP, LLDP, spanning tree: no flow by design
    "malformed",     # a header contradicts itself
    "truncated",     # the capture cut it before the headers end
    "unsupported",   # a link type or encapsulation that we do not take off
)
DROPPED = "dropped"          # by the kernel: a live capture's ring was full
KILLED = "killed"            # taken from the ring by a process that died before it had delivered
PACKET_LOSSES = (DROPPED, KILLED)
"""What a live capture saw and could not keep; a file has none of it."""


@dataclass(frozen=True, slots=True)
class Balance:
    """One sum that must hold for one source: `total` = the sum of `parts`, else `missing` says by how much it fails."""

    source: str
    name: str
    total: int
    parts: Mapping[str, int]

    @property
    def missing(self) -> int:
        """How many are unaccounted for; 0 when the balance holds, negative when there are too many."""
        return self.total - sum(self.parts.values())


def balances(source: str, counts: Mapping[tuple[str, str], int], pending: int) -> list[Balance]:
    """The balances of one source from its counts by (stage, bucket); `pending` events are spooled, not yet stored."""
    def of(stage: str, *buckets: str) -> dict[str, int]:
        return {bucket: counts.get((stage, bucket), 0) for bucket in buckets}

    found = []
    if (PACKETS, "read") in counts:
        found.append(Balance(source, "packets", counts[PACKETS, "read"], of(PACKETS, *PACKET_BUCKETS, *PACKET_LOSSES)))
    if (RECORDS, "read") in counts:
        found.append(Balance(source, "records", counts[RECORDS, "read"], of(RECORDS, "event", "rejected", "skipped")))
    sensed, spooled = counts.get((EVENTS, "sensed"), 0), counts.get((EVENTS, "spooled"), 0)
    found.append(Balance(source, "sensed", sensed, {"spooled": spooled}))
    parts = of(EVENTS, "stored", "duplicate", "quarantined", "expired") | {"pending": pending}
    found.append(Balance(source, "delivered", spooled, parts))
    return found
