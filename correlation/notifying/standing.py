"""How notification stands: how much waits, how much was given up, and how many channels deliver nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from sqlalchemy.exc import DBAPIError

from correlation.notifying.outbox import Outbox, Tally
from sensors.event.times import SECOND

Status: TypeAlias = Literal["off", "ok", "degraded", "unknown"]
LATE: Final = 600 * SECOND
"""A message that waits longer is late, ns: its channel was tried five times or so by then."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the channels of the settings stand.

    Attributes:
        status: off: there are none; degraded: one of them delivers nothing; unknown: the database does not answer.
        waiting: messages that wait.
        failed: messages that were given up, as long as they are kept.
        dead: channels that deliver nothing.
    """

    status: Status
    waiting: int = 0
    failed: int = 0
    dead: int = 0


def standing(outbox: Outbox, channels: Collection[str], now: int) -> Standing:
    """How these channels stand at a moment, ns since 1970; others may have been there before, and count no longer."""
    if not channels:
        return Standing("off")
    try:
        tallies = [tally for name, tally in outbox.tally().items() if name in channels]
    except DBAPIError:
        return Standing("unknown")
    dead = sum(delivers_nothing(tally, now) for tally in tallies)
    waiting, failed = sum(tally.waiting for tally in tallies), sum(tally.failed for tally in tallies)
    return Standing("degraded" if dead else "ok", waiting, failed, dead)


def delivers_nothing(tally: Tally, now: int) -> bool:
    """Whether a message of a channel is late, or the last that came to an end was given up."""
    return is_late(tally, now) or tally.given_up > tally.delivered


def is_late(tally: Tally, now: int) -> bool:
    """Whether a message of a channel waits for longer than it should."""
    return bool(tally.oldest) and now - tally.oldest > LATE
