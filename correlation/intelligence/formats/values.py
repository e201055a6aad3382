"""What feeds say beside the value, taken as far as it can be understood: times, confidence, words."""

import re
from typing import Any, Final

from correlation.intelligence.model import Assumed
from sensors.event.times import EARLIEST, LATEST, SECOND, from_iso

_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_WORDS: Final = {
    "none": 0, "low": 15, "medium": 50, "med": 50, "high": 85, "低": 15, "中": 50, "高": 85, "极高": 100,
}  # fmt: skip
"""Words for a confidence, at the middle of their range: STIX 2.1, appendix A, None, Low, Med, High."""


def text_of(value: Any, longest: int = 1_000) -> str:
    """A text without control characters and marks that turn the direction of reading, cut; empty for anything else."""
    return _CONTROLS.sub(" ", value)[:longest].strip() if isinstance(value, str) else ""


def moment_of(value: Any) -> int | None:
    """A time: ISO 8601, with blanks or slashes, or seconds since 1970; None for anything else."""
    try:
        if isinstance(value, str) and not value.strip().isdigit():
            found = from_iso(value.strip().removesuffix(" UTC").replace("/", "-"))
        elif isinstance(value, str | int) and not isinstance(value, bool):
            found = int(value) * SECOND
        else:
            return None
    except (ValueError, OverflowError):
        return None
    return found if EARLIEST <= found < LATEST and found else None


def confidence_of(value: Any, assumed: Assumed) -> int:
    """A confidence of 0 to 100: a number, a per cent, or a word; what the feed is taken for where it says none."""
    if assumed.forced is not None:
        return assumed.forced
    text = str(value).strip().lower().removesuffix("%") if isinstance(value, str | int) else ""
    if text in _WORDS:
        return _WORDS[text]
    return min(int(text), 100) if text.isascii() and text.isdigit() and len(text) < 10 else assumed.confidence
