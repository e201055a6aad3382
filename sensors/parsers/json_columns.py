"""Lines of JSON objects as columns, by compiled code: a line is taken apart once, its leaves go to `orjson` together.

What it leaves alone is for the way that loads one line after the other (sensors.parsers.jsonlines); the answers are the
same. Where all lines of a block have few shapes, as logs do, this takes half of the time (docs/benchmarks.md).
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
import orjson

from sensors.capture.compiled import Octets, Words
from sensors.event.block import Block
from sensors.parsers.compiling import secret
from sensors.parsers.json_kernels import gather, take_apart
from sensors.parsers.layouts import Layout, shape_names

MOST_SHAPES: Final = 512
SHAPE_OCTETS: Final = 16 << 10
"""Longer shapes are left alone."""
_SHAPES_OCTETS: Final = 512 << 10
_LONGER: Final = 8
"""Names that together are so many times as long as their shape are left alone, so that few octets cannot make many."""
_COLON: Final = 0x3A
_JSON: Final = 3
"""Octets that a column of JSON adds to those of its values and the commas behind them."""


class _Taken(NamedTuple):
    """What `take_apart` fills, see there, and the distinct shapes."""

    spans: Words
    firsts: Words
    numbers: Words
    shapes: list[bytes]


def layouts_of(
    block: Block, fits: Callable[[dict[str, Any]], bool] | None = None
) -> tuple[list[Layout], list[int]]:
    """The layouts of a block's lines, and the lines that are left alone, by their index.

    `fits` is asked whether objects with the keys of this one are wanted.
    """
    taken = _take_apart(block)
    order = np.argsort(taken.numbers, kind="stable")
    bounds = np.searchsorted(taken.numbers[order], np.arange(len(taken.shapes) + 1))
    left = order[: bounds[0]].tolist()
    room = np.empty(len(block.data) + _JSON * (len(taken.spans) + 1), np.uint8)
    found = []
    for number, shape in enumerate(taken.shapes):
        rows = order[bounds[number] : bounds[number + 1]]
        names = _names(shape)
        if names and fits is not None and not fits(orjson.loads(shape)):
            names = ()
        columns = _columns(block.data, taken, rows, len(names), room) if names else None
        if columns is None:
            left += rows.tolist()
        else:
            found.append(Layout(None, rows.tolist(), names, columns))
    return found, sorted(left)


def _take_apart(block: Block) -> _Taken:
    lines = len(block.starts) - 1
    # Before each leaf stands a colon, and some stand in texts.
    spans = np.empty((np.count_nonzero(block.data == _COLON), 2), np.int64)
    firsts, numbers = np.empty(lines, np.int64), np.empty(lines, np.int64)
    shapes, ends = np.empty(_SHAPES_OCTETS, np.uint8), np.empty(MOST_SHAPES + 1, np.int64)
    table = np.full(4 * MOST_SHAPES + 1, -1, np.int64)
    shape = np.empty(SHAPE_OCTETS, np.uint8)
    known = take_apart(block.data, block.starts, spans, firsts, numbers, shape, shapes, ends, table, secret())
    octets = shapes.tobytes()
    return _Taken(spans, firsts, numbers, [octets[ends[one] : ends[one + 1]] for one in range(known)])


def _columns(data: Octets, taken: _Taken, rows: Words, leaves: int, room: Octets) -> list[list[Any]] | None:
    """The leaves of lines of one shape as columns; None where one of them is no JSON."""
    end = gather(data, taken.spans, taken.firsts, rows, np.empty(leaves, np.int64), room)
    try:
        columns: list[list[Any]] = orjson.loads(room[:end].data)
    except orjson.JSONDecodeError:
        return None
    return columns


@lru_cache(maxsize=MOST_SHAPES)
def _names(shape: bytes) -> tuple[str, ...]:
    """The names of a shape's leaves; none where a name stands twice in an object, so that a leaf hides another.

    None either where there is too much of them.
    """
    try:
        names = shape_names(orjson.loads(shape))
    except orjson.JSONDecodeError:
        return ()
    whole = len(names) == shape.count(b":0") - _within_names(shape)
    return names if whole and sum(map(len, names)) <= _LONGER * len(shape) else ()


def _within_names(shape: bytes) -> int:
    """How often what stands for a leaf stands in a name instead."""
    return sum(text.count(b":0") for text in shape.split(b'"')[1::2])
