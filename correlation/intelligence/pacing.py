"""When a feed is read next: its interval after the last success, and after failures sooner, by growing pauses.

Each feed waits a little longer than the others, by its name: so that many do not ask at the same moment, and each does
always after the same time.
"""

from hashlib import blake2b
from typing import Final

from correlation.intelligence.standing import Standing
from sensors.event.times import SECOND

MINUTE: Final = 60 * SECOND
PAUSES: Final = (MINUTE, 5 * MINUTE, 15 * MINUTE)
"""After so many failures in a row; then the usual interval, which no pause is longer than."""
SPREAD: Final = 0.1
"""By how much of itself a wait is longer, at most."""
LATE: Final = 3
"""After so many intervals without success a person should look."""


def due(key: str, standing: Standing, interval: int, now: int) -> int:
    """The moment from which a feed may be read, ns since 1970; `interval` in ns.

    What never ended, because the process was ended, is due at once. So is what was read in the future: the clock was
    put right since.
    """
    if not standing.ended or standing.unfinished or standing.ended > now:
        return now
    wait = interval
    if 0 < standing.failures <= len(PAUSES):
        wait = min(PAUSES[standing.failures - 1], interval)
    return standing.ended + round(wait * (1 + SPREAD * _share(key)))


def late(standing: Standing, interval: int, now: int) -> bool:
    """Whether a feed has not been read for three intervals, or never was although that was tried."""
    return bool(standing.begun) and now - standing.success > LATE * round(interval * (1 + SPREAD))


def _share(key: str) -> float:
    """A number from 0 to 1 that is this name's own."""
    return int.from_bytes(blake2b(key.encode(), digest_size=4).digest(), "big") / 0xFFFFFFFF
