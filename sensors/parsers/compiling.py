"""When compiled code is worth its start: loading it takes a second, and compiling it for the first time some more."""

import os
from functools import cache
from typing import Final

import numpy as np

from sensors.event.block import Block
from sensors.parser import Lines

WORTHWHILE: Final = 20_000
"""Lines after which a process uses compiled code for those that follow; most commands never meet as many.

A line that is read in several steps may be counted for each.
"""
FEWEST: Final = 32
"""Fewer lines at once are read as fast without it."""


class Meter:
    """How many lines this process has met; a little more or less, where threads count at once, does not matter."""

    met = 0


@cache
def secret() -> np.uint64:
    """What this process's tables of compiled code begin their digests with."""
    return np.uint64(int.from_bytes(os.urandom(8), "big"))


def worthwhile(count: int) -> bool:
    """Whether so many records, which this counts, are to be read by compiled code."""
    if Meter.met < WORTHWHILE:
        Meter.met += count
        return False
    return count >= FEWEST


def prepare() -> None:
    """Load compiled code now, and compile it if need be, so that nothing waits for it later; from now on it is used."""
    from sensors.capture.compiled import announce  # noqa: PLC0415 - loads for a second, as all of these
    from sensors.capture.identifying import line_ids  # noqa: PLC0415
    from sensors.parsers.json_columns import layouts_of  # noqa: PLC0415
    from sensors.parsers.syslog_heads import heads_of  # noqa: PLC0415

    announce()
    block = Block.of([b"{}"])
    line_ids("00" * 16, np.zeros(1, np.int64), block)
    layouts_of(Block.of([b'{"a":1}']))
    heads_of(block)
    Meter.met = WORTHWHILE


def block_of(lines: Lines) -> Block | None:
    """The lines as compiled code takes them; None where it is not worthwhile."""
    return Block.of(lines.texts) if worthwhile(len(lines.texts)) else None
