"""What an exporter sent and we never got, by the numbers in its headers.

Version 5 counts flows, version 9 packets, IPFIX data records, each modulo 2^32 (RFC 3954 section 5.1, RFC 7011 section
3.1). What came before the first packet is unknown and not counted; so is what an exporter lost by beginning anew.
"""

from dataclasses import dataclass

from sensors.listening.netflow.templates import Exporter

FARTHEST = 1_000_000
"""A greater step is an exporter that began anew, not a loss."""
MAX_EXPORTERS = 65_536
UNITS = {5: "netflow.flows", 9: "netflow.packets", 10: "netflow.records"}
"""The ledger's bucket of what is lost, by version."""


@dataclass(slots=True)
class _Count:
    expected: int | None
    lost: int = 0


class Sequences:
    """Follows the numbers of all exporters."""

    def __init__(self) -> None:
        self._counts: dict[Exporter, _Count] = {}

    def seen(self, exporter: Exporter, sequence: int, step: int | None) -> int:
        """Note a packet; returns how many were lost just before it, negative where it was counted as lost and is late.

        `step` is what the packet adds to the number, None where that is not known.
        """
        count = self._counts.get(exporter)
        if count is None:
            if len(self._counts) >= MAX_EXPORTERS:
                del self._counts[next(iter(self._counts))]
            count = self._counts[exporter] = _Count(None)
        gap = 0
        ahead = 0 if count.expected is None else _distance(sequence, count.expected)
        if count.expected is not None and abs(ahead) < FARTHEST:
            if ahead > 0:
                gap = ahead
            elif ahead < 0:
                late = min(count.lost, 1 if step is None else step, -ahead)
                count.lost -= late
                return -late
        count.lost += gap
        count.expected = None if step is None else (sequence + step) & 0xFFFF_FFFF
        return gap

    def seen_all(self, exporter: Exporter, sequence: int, packets: int) -> int:
        """Note so many packets of version 9 whose numbers follow each other; what `seen` gave for each, added up."""
        gap = self.seen(exporter, sequence, 1)
        after = (sequence + 1) & 0xFFFF_FFFF
        if packets > 1 and self._counts[exporter].expected == after:
            # Each other one is the packet that is expected next.
            return gap + self.seen(exporter, after, packets - 1)
        return gap + sum(self.seen(exporter, (sequence + later) & 0xFFFF_FFFF, 1) for later in range(1, packets))


def _distance(one: int, other: int) -> int:
    """How far `one` is ahead of `other`, modulo 2^32, negative where it is behind."""
    ahead = (one - other) & 0xFFFF_FFFF
    return ahead - (1 << 32) if ahead >= 1 << 31 else ahead
