"""Sightings of many batches made few: each thing once a day at most, and only of addresses that are ours."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final

from inventory.days import ZONE
from inventory.observing.model import Proof, Seen, Sighting
from inventory.observing.prefixes import Prefixes
from inventory.observing.reading import sightings
from sensors.event.model import Batch
from sensors.event.times import SECOND

PRIVATE: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
"""RFC 1918 and RFC 4193."""
MOST: Final = 2_000_000
"""Things that are remembered; beyond, all are forgotten and written again when they come."""
_EPOCH: Final = date(1970, 1, 1)
_DAY: Final = 86_400 * SECOND
_OFFSET: Final = ZONE.utcoffset(None) // timedelta(seconds=1) * SECOND


class Ours:
    """Which addresses are ours: those of private use, and those of the prefixes that are registered."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._prefixes = Prefixes((network, True) for network in (*PRIVATE, *networks))
        self._known: dict[str, bool] = {}

    def __contains__(self, address: str) -> bool:
        known = self._known.get(address)
        if known is None:
            if len(self._known) >= MOST:
                self._known.clear()
            known = self._known[address] = self._prefixes.find(address) is not None
        return known


class Folding:
    """What is new in batches, day by day."""

    def __init__(self, ours: Ours) -> None:
        self.ours = ours
        self._days: dict[Sighting, tuple[int, int]] = {}
        self._fresh: dict[Sighting, tuple[int, int, Proof]] = {}

    def look(self, batch: Batch) -> None:
        """Take in a batch."""
        days: list[int] = ((batch.times + _OFFSET) // _DAY).tolist()
        ours, known = self.ours, self._days
        for row, sighting in sightings(batch):
            if sighting.address not in ours:
                continue
            day = days[row]
            range_ = known.get(sighting)
            if range_ is not None and range_[0] <= day <= range_[1]:
                continue
            first, last = (day, day) if range_ is None else (min(range_[0], day), max(range_[1], day))
            if len(known) >= MOST:
                known.clear()
            known[sighting] = first, last
            before = self._fresh.get(sighting)
            proof = before[2] if before else Proof(batch.dataset, batch.ids[row], batch.source.name)
            self._fresh[sighting] = first, last, proof

    def take(self) -> Sequence[Seen]:
        """What is new since it was taken last."""
        fresh = [
            Seen(sighting, _text(first), _text(last), proof)
            for sighting, (first, last, proof) in self._fresh.items()
        ]
        self._fresh.clear()
        return fresh

    def __len__(self) -> int:
        return len(self._fresh)


def _text(day: int) -> str:
    return (_EPOCH + timedelta(days=day)).isoformat()
