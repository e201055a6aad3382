"""Most headers of BSD syslog, those of the usual form, as columns: hosts, tags and times are told apart by numbers.

A block has few of them. What follows from each is worked out once, and dealt out by its number.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from sensors.capture.compiled import Words
from sensors.event.block import Block
from sensors.parsers.compiling import secret
from sensors.parsers.syslog_kernels import (
    COLUMNS,
    HOST,
    KINDS,
    LEFT,
    MESSAGE,
    NONE,
    NUMBER,
    PRIORITY,
    TAG,
    TIME,
    find_heads,
)


class Dealt(NamedTuple):
    """A column of texts: the distinct ones, and which of them each row has."""

    texts: Sequence[str]
    which: Words

    def column(self, tell: Callable[[str], Any] = str) -> list[Any]:
        """What is told of each text, as a column."""
        return _dealt([tell(text) for text in self.texts], self.which)

    def columns(self, tell: Callable[[str], Sequence[Any]]) -> list[list[Any]]:
        """The same where several things are told."""
        return [_dealt(answers, self.which) for answers in zip(*map(tell, self.texts), strict=True)]


class Heads(NamedTuple):
    """Headers of the usual form.

    Attributes:
        rows: the lines that have one.
        left: the lines that do not.
        priorities: in digits; empty for none.
        times, hosts, tags: what they say.
        numbers: what stands in brackets behind the tag, None for nothing.
        messages: where in the line the message begins; what stands before it are characters of one octet.
    """

    rows: Sequence[int]
    left: Sequence[int]
    priorities: Dealt
    times: Dealt
    hosts: Dealt
    tags: Dealt
    numbers: Sequence[int | None]
    messages: Sequence[int]


def heads_of(block: Block) -> Heads:
    """The headers of a block's lines."""
    count = len(block.starts) - 1
    lines, texts = np.empty((count, COLUMNS), np.int64), np.empty((KINDS, count, 2), np.int64)
    tables, counts = np.full((KINDS, 2 * count + 1), -1, np.int64), np.zeros(KINDS, np.int64)
    find_heads(block.data, block.starts, lines, texts, tables, counts, secret())
    usual = lines[:, MESSAGE] != LEFT
    told = lines[usual]
    octets = block.data.tobytes()
    distinct = [
        [octets[begin:end].decode("ascii") for begin, end in texts[kind, : counts[kind]].tolist()]
        for kind in range(KINDS)
    ]
    hosts, tags, times = (
        Dealt(texts, told[:, which]) for texts, which in zip(distinct, (HOST, TAG, TIME), strict=True)
    )
    priorities, which = np.unique(told[:, PRIORITY], return_inverse=True)
    numbers: list[int | None] = told[:, NUMBER].tolist()
    if (told[:, NUMBER] == NONE).any():
        numbers = [None if number == NONE else number for number in numbers]
    return Heads(
        rows=np.flatnonzero(usual).tolist(),
        left=np.flatnonzero(~usual).tolist(),
        priorities=Dealt(["" if one == NONE else str(one) for one in priorities.tolist()], which),
        times=times,
        hosts=hosts,
        tags=tags,
        numbers=numbers,
        messages=told[:, MESSAGE].tolist(),
    )


def _dealt(answers: Sequence[Any], which: Words) -> list[Any]:
    """An answer for each of these numbers."""
    array = np.empty(len(answers), object)
    array[:] = answers
    dealt: list[Any] = array[which].tolist()
    return dealt
