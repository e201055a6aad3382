"""When a feed is read next: its interval after the last success, and after failures sooner, by growing pauses.

Each feed waits a little longer than the others, by its name: so that many do not ask at the same moment, and each does
always after the same time.
"""

from hashlib import blake2b
from typing import Final

from correlation.intelligence.standing import CUT_OFF, Standing
from sensors.event.times import SECOND

MINUTE: Final = 60 * SECOND
PAUSES: Final = (MINUTE, 5 * MINUTE, 15 * MINUTE)
"""After so many failures in a row; then the usual interval, which no pause is longer than.

Readings that were cut off count as failures beyond the number of those that may be.
"""
SPREAD: Final = 0.1
"""By how much of itself a wait is longer, at most."""
LATE: Final = 3
"""After so many intervals without success a person should look."""


def due(key: str, standing: Standing, interval: int, now: int) -> int:
    """The moment from which a feed may be read, ns since 1970; `interval` in ns.

    What never ended, because the process was ended, is due at once, unless that happened time after time: then reading
    it may be what ends the process. What was read in the future is due at once: the clock was put right since.
    """
    last, failures = standing.ended, standing.failures
    if standing.unfinished:
        last, failures = standing.begun, standing.cut + 1 - CUT_OFF
        if failures <= 0:
            return now
    if not last or last > now:
        return now
    wait = interval
    if 0 < failures <= len(PAUSES):
        wait = min(PAUSES[failures - 1], interval)
    return last + round(wait * (1 + SPREAD * _share(key)))


def late(standing: Standing, interval: int, now: int) -> bool:
    """Whether a feed has not been read for three intervals, or never was since it was first tried that long ago."""
    since = standing.success or standing.first or standing.begun
    return bool(standing.begun) and now - since > LATE * round(interval * (1 + SPREAD))


def _share(key: str) -> float:
    """A number from 0 to 1 that is this name's own."""
    return int.from_bytes(blake2b(key.encode(), digest_size=4).digest(), "big") / 0xFFFFFFFF
