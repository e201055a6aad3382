"""Lines of JSON objects taken apart by compiled code: where each leaf stands, and which lines have the same keys.

Nothing is understood here but strings, brackets and what stands between them. A line whose structure is in doubt is
left to whoever reads lines one by one, and whether a value is one `orjson` finds out, so that the answers are the same.
"""

from typing import Final

import numpy as np

from sensors.capture.compiled import Octets, Words, compiled, copy, inlined, octet

MAX_OBJECTS: Final = 12
"""Objects nested deeper stay whole values, which only the other way can say."""
MAX_BRACKETS: Final = 64
"""Together with the objects around them fewer than what cannot be written again by every store."""

_BLANKS: Final = (1 << 0x20) | (1 << 0x09) | (1 << 0x0A) | (1 << 0x0D)
_QUOTE: Final = 0x22
_COMMA: Final = 0x2C
_COLON: Final = 0x3A
_OPEN_LIST: Final = 0x5B
_BACKSLASH: Final = 0x5C
_CLOSE_LIST: Final = 0x5D
_OPEN: Final = 0x7B
_CLOSE: Final = 0x7D
_ZERO: Final = 0x30
_PRIME: Final = 0x100000001B3
_BROKEN: Final = -1
_OBJECT: Final = -2


@inlined
def _blank(character: int) -> bool:
    return character <= 0x20 and (_BLANKS >> character) & 1 == 1


@inlined
def _solid(data: Octets, at: int, end: int) -> int:
    """The first place from `at` on that is not blank, `end` where there is none."""
    while at < end and _blank(octet(data, at)):
        at += 1
    return at


@inlined
def _behind_text(data: Octets, at: int, end: int) -> int:
    """The place behind a string whose first quote stands at `at`; negative where it does not end."""
    at += 1
    while at < end:
        character = octet(data, at)
        if character == _QUOTE:
            return at + 1
        at += 2 if character == _BACKSLASH else 1
    return _BROKEN


@inlined
def _behind_name(data: Octets, at: int, end: int) -> int:
    """The same of a name, which has neither escapes nor control characters."""
    at += 1
    while at < end:
        character = octet(data, at)
        if character == _QUOTE:
            return at + 1
        if character == _BACKSLASH or character < 0x20:
            return _BROKEN
        at += 1
    return _BROKEN


@inlined
def _behind_list(data: Octets, at: int, end: int) -> int:
    """The place behind a list that begins at `at`; negative where it does not end or is nested too deep."""
    depth = 0
    while at < end:
        character = octet(data, at)
        if character == _QUOTE:
            at = _behind_text(data, at, end)
            if at < 0:
                return _BROKEN
            continue
        at += 1
        if character in (_OPEN_LIST, _OPEN):
            depth += 1
            if depth > MAX_BRACKETS:
                return _BROKEN
        elif character in (_CLOSE_LIST, _CLOSE):
            depth -= 1
            if depth == 0:
                return at
    return _BROKEN


@inlined
def _behind_word(data: Octets, at: int, end: int) -> int:
    """The place behind a number, `true`, `false` or `null`; negative where nothing of the kind can stand there."""
    begin = at
    while at < end:
        character = octet(data, at)
        if character in (_COMMA, _CLOSE) or _blank(character):
            break
        if character in (_QUOTE, _COLON, _OPEN, _OPEN_LIST, _CLOSE_LIST):
            return _BROKEN
        at += 1
    return at if at > begin else _BROKEN


@inlined
def _behind_leaf(data: Octets, at: int, end: int) -> int:
    """The place behind the leaf at `at`; `_OBJECT` for an object that is not empty, `_BROKEN` where there is none."""
    character = octet(data, at)
    if character == _QUOTE:
        return _behind_text(data, at, end)
    if character == _OPEN_LIST:
        return _behind_list(data, at, end)
    if character != _OPEN:
        return _behind_word(data, at, end)
    at = _solid(data, at + 1, end)
    if at >= end:
        return _BROKEN
    return at + 1 if octet(data, at) == _CLOSE else _OBJECT


@compiled
def _line(data: Octets, at: int, end: int, spans: Words, count: int, shape: Octets) -> tuple[int, int]:
    """Take one line apart: its leaves go behind the first `count` of `spans`, its keys into `shape`.

    Returns:
        How many spans there are then, and how long the shape is; the second is negative where the line is left alone.
        A shape is the object with 0 for every leaf and nothing blank.
    """
    named = False  # whether a name must follow: behind a comma
    at = _solid(data, at, end)
    if at >= end or octet(data, at) != _OPEN:
        return count, _BROKEN
    at += 1
    depth = 1
    shape[0] = _OPEN
    size = 1
    while depth:
        at = _solid(data, at, end)
        if at >= end:
            return count, _BROKEN
        if octet(data, at) == _CLOSE and not named:
            # The end of an object; an empty one is a leaf, but for the line's own.
            if octet(shape, size - 1) == _OPEN:
                return count, _BROKEN
            at += 1
            depth -= 1
            if size + 1 >= len(shape):
                return count, _BROKEN
            shape[size] = _CLOSE
            size += 1
        else:
            if octet(data, at) != _QUOTE:
                return count, _BROKEN
            behind = _behind_name(data, at, end)
            if behind < 0 or size + behind - at + 4 >= len(shape) or count >= len(spans):
                return count, _BROKEN
            size = copy(data, at, behind, shape, size)
            at = _solid(data, behind, end)
            if at >= end or octet(data, at) != _COLON:
                return count, _BROKEN
            shape[size] = _COLON
            size += 1
            at = _solid(data, at + 1, end)
            if at >= end:
                return count, _BROKEN
            behind = _behind_leaf(data, at, end)
            if behind == _OBJECT and depth < MAX_OBJECTS:
                depth += 1
                shape[size] = _OPEN
                size += 1
                at += 1
                named = False
                continue
            if behind < 0:
                return count, _BROKEN
            spans[count, 0] = at
            spans[count, 1] = behind
            count += 1
            shape[size] = _ZERO
            size += 1
            at = behind
        if depth:
            at = _solid(data, at, end)
            if at >= end:
                return count, _BROKEN
            named = octet(data, at) == _COMMA
            if named:
                shape[size] = _COMMA
                size += 1
                at += 1
            elif octet(data, at) != _CLOSE:
                return count, _BROKEN
    if _solid(data, at, end) < end:
        return count, _BROKEN
    return count, size


@compiled
def _known(
    shape: Octets, size: int, shapes: Octets, ends: Words, table: Words, known: int, secret: np.uint64
) -> int:
    """The number of a shape that is new or was seen before; negative where there is no room for a new one."""
    digest = secret
    for place in range(size):
        digest = (digest ^ np.uint64(octet(shape, place))) * np.uint64(_PRIME)
    digest ^= digest >> np.uint64(29)
    slot: int = np.int64(digest % np.uint64(len(table)))  # type: ignore[assignment]
    while table[slot] >= 0:
        begin = ends[table[slot]]
        if ends[table[slot] + 1] - begin == size:
            same = 0
            while same < size and octet(shapes, begin + same) == octet(shape, same):
                same += 1
            if same == size:
                return np.int64(table[slot])  # type: ignore[return-value]
        slot = slot + 1 if slot + 1 < len(table) else 0
    if known + 1 >= len(ends) or ends[known] + size > len(shapes):
        return _BROKEN
    copy(shape, 0, size, shapes, ends[known])
    ends[known + 1] = ends[known] + size
    table[slot] = known
    return known


@compiled
def take_apart(
    data: Octets, starts: Words, spans: Words, firsts: Words, numbers: Words,
    shape: Octets, shapes: Octets, ends: Words, table: Words, secret: np.uint64,
) -> int:  # fmt: skip
    """Take lines apart.

    Args:
        data: the lines, one octet between them.
        starts: where each line begins, and where one behind the last would.
        spans: takes where each leaf begins and ends, of all lines one behind the other.
        firsts: takes which span is each line's first.
        numbers: takes the number of each line's shape, negative where it is left alone.
        shape: room for one shape.
        shapes: takes the distinct shapes, one behind the other.
        ends: takes where each of them ends, behind a 0; its length bounds their number.
        table: room to find them by their digests, filled with -1; longer than `ends`.
        secret: what digests begin with, so that nobody can make shapes that are hard to tell apart.

    Returns:
        How many shapes there are.
    """
    known = 0
    count = 0
    ends[0] = 0
    for line in range(len(numbers)):
        firsts[line] = count
        after, size = _line(data, starts[line], starts[line + 1] - 1, spans, count, shape)
        number = _BROKEN
        if size > 0:
            number = _known(shape, size, shapes, ends, table, known, secret)
        numbers[line] = number
        if number >= 0:
            count = after
            known = max(known, number + 1)
    return known


@compiled
def gather(data: Octets, spans: Words, firsts: Words, rows: Words, places: Words, out: Octets) -> int:
    """Write the leaves of lines of one shape as a list of columns in JSON; returns where it ends.

    `places` is room for a number for each leaf. Lines are gone through once, since a block need not fit the cache.
    """
    leaves = len(places)
    places[:] = 1  # of each column: the bracket that opens it, then commas and the one that closes it
    for row in range(len(rows)):
        first = firsts[rows[row]]
        for leaf in range(leaves):
            places[leaf] += spans[first + leaf, 1] - spans[first + leaf, 0] + 1
    to = 1
    for leaf in range(leaves):
        out[to - 1] = _COMMA
        out[to] = _OPEN_LIST
        size = places[leaf]
        places[leaf] = to + 1
        to += size + 1
    out[0] = _OPEN_LIST
    for row in range(len(rows)):
        first = firsts[rows[row]]
        for leaf in range(leaves):
            behind = copy(data, spans[first + leaf, 0], spans[first + leaf, 1], out, places[leaf])
            out[behind] = _COMMA if row + 1 < len(rows) else _CLOSE_LIST
            places[leaf] = behind + 1
    out[to - 1] = _CLOSE_LIST
    return to
