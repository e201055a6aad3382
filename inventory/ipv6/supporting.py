"""Whether a site is supported: its addresses and its home page were there in the last rounds, each time."""

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from inventory.ipv6.model import Round

Supported: TypeAlias = Literal["yes", "no", "unknown"]
NEEDED: Final = 3
"""Rounds in a row."""
DECIDING: Final = ("A1", "A2", "B1")


def supported(rounds: Sequence[Round]) -> Supported:
    """Yes where the deciding checks passed in the last three rounds; rounds of which nothing is known do not count.

    No where one of them did not pass in one of these rounds; not known while there are fewer than three.
    """
    known = [one for one in rounds if one.probe.well and one.measurement is not None and _decided(one)][-NEEDED:]
    if any(one.status(check) != "pass" for one in known for check in DECIDING):
        return "no"
    return "yes" if len(known) == NEEDED else "unknown"


def _decided(one: Round) -> bool:
    """Whether a round says yes or no: all deciding checks passed, or one of them did not."""
    states = [one.status(check) for check in DECIDING]
    return all(state == "pass" for state in states) or any(state in {"partial", "fail"} for state in states)
