"""How sure an indicator still is at the time of an event: it decays in a straight line from when it was last seen.

`confidence x (1 - age / lifetime)`, by kind: an address is let to somebody else within weeks, a hash stays what it is.
An event that is older than the indicator's last sighting sees its full confidence: somebody has just confirmed it.
"""

from dataclasses import dataclass
from typing import Literal

from correlation.intelligence.model import KINDS, Indicator, Kind
from correlation.settings import LifetimeSettings
from sensors.event.times import SECOND

DAY = 86_400 * SECOND

WORDS = ((70, "High"), (30, "Medium"), (1, "Low"))
"""From how much on a confidence is called what: STIX 2.1, appendix A, the scale None, Low, Med, High."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an indicator is worth at a moment: its confidence then, and why it does not count (None where it does)."""

    confidence: int
    reason: Literal["early", "expired", "decayed"] | None = None


def judge(indicator: Indicator, at: int, lifetimes: LifetimeSettings, minimum: int) -> Judgement:
    """Whether an indicator counts at the time of an event, ns since 1970; `valid_until` itself is too late."""
    confidence = decayed(indicator, at, lifetimes)
    if indicator.valid_from is not None and at < indicator.valid_from:
        return Judgement(confidence, "early")
    if indicator.valid_until is not None and at >= indicator.valid_until:
        return Judgement(confidence, "expired")
    return Judgement(confidence, "decayed" if confidence < max(minimum, 1) else None)


def decayed(indicator: Indicator, at: int, lifetimes: LifetimeSettings) -> int:
    """The confidence at a moment, as the nearest whole number."""
    lifetime = lifetimes.of(indicator.kind) * DAY
    age = min(max(at - indicator.seen, 0), lifetime)
    return (2 * indicator.confidence * (lifetime - age) + lifetime) // (2 * lifetime)


def ends(at: int, lifetimes: LifetimeSettings) -> dict[Kind, int]:
    """By kind: what was last seen then, or earlier, has decayed to nothing at a moment; ns since 1970."""
    return {kind: at - lifetimes.of(kind) * DAY for kind in KINDS}


def word(confidence: int) -> str:
    """How ECS and STIX call a confidence."""
    return next((name for least, name in WORDS if confidence >= least), "None")
