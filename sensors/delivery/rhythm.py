"""How regularly a source is heard, and when its silence is longer than its own habit.

A beat is a portion with records that comes a second or more after the one before; what is read faster, such as a file
that is read through once, has no rhythm. The longest usual pause follows the longest one at once and shrinks towards
the mean by a part with each beat, so that one night of silence is not forgotten before the next.
"""

from dataclasses import dataclass
from typing import Final

from sensors.event.times import SECOND

LEAST_BEATS: Final = 10
"""Beats before which a source has no habit."""
LEAST_PAUSE: Final = 60 * SECOND
"""A silence shorter than this is told of no source."""
_PATIENCE: Final = 2
"""A silence is told when it lasts so many times the longest usual pause."""
_MEMORY: Final = 256
"""Beats over which a long pause is forgotten, by about two thirds."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The rhythm of one source.

    Attributes:
        beats: how many beats there were.
        last: receipt time of the last portion with records, ns since 1970.
        pause: the mean pause between beats, ns.
        longest: the longest usual pause, ns.
    """

    beats: int
    last: int
    pause: int
    longest: int


def heard(before: Rhythm | None, now: int) -> Rhythm:
    """The rhythm after a portion that came now."""
    if before is None:
        return Rhythm(0, now, 0, 0)
    pause = now - before.last
    if pause < SECOND:
        # A clock that was set back gives no pause either.
        return Rhythm(before.beats, max(now, before.last), before.pause, before.longest)
    beats = before.beats + 1
    mean = before.pause + (pause - before.pause) // min(beats, _MEMORY)
    longest = max(pause, before.longest - (before.longest - mean) // _MEMORY)
    return Rhythm(beats, now, mean, longest)


def expected(rhythm: Rhythm) -> int | None:
    """The time by which something is expected again, ns since 1970; None where there is no habit yet."""
    if rhythm.beats < LEAST_BEATS:
        return None
    return rhythm.last + max(_PATIENCE * rhythm.longest, LEAST_PAUSE)
