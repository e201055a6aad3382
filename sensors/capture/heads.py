"""The head of an HTTP message without the headers that no field is made of: cookies, dates, tags and the like.

Such headers are new in nearly every message, so that without them a site's answers are alike and are read once.
"""

from typing import Final

import numpy as np

from sensors.capture.compiled import Octets, compiled, copy, octet

READ: Final = (b"host", b"user-agent", b"referer", b"content-length", b"content-type")
"""The names of the headers that fields are made of, in lower case; no two of them are equally long."""
_NAMES: Final = np.frombuffer(b"".join(READ), np.uint8)
_ENDS: Final = np.cumsum([len(name) for name in READ])


@compiled
def _is_read(data: Octets, at: int, end: int) -> bool:
    """Whether `data[at:end]` is one of the names, in any case (RFC 9110 section 5.1)."""
    first = 0
    for which in range(_ENDS.shape[0]):
        last = _ENDS[which]
        if last - first == end - at:
            for place in range(end - at):
                letter = octet(data, at + place)
                if 65 <= letter <= 90:
                    letter |= 32
                if letter != _NAMES[first + place]:
                    return False
            return True
        first = last
    return False


@compiled
def head(source: Octets, at: int, end: int, out: Octets, to: int) -> int:
    """Copy the first line of a head, and of its headers those that are read (RFC 9112 sections 2.2 and 5).

    Returns:
        Where in `out` the copy ends.
    """
    while at < end and (source[at] == 10 or source[at] == 13):
        at += 1
    kept = True
    while at < end:
        begin = at
        while at < end and source[at] != 10 and (kept or source[at] != 58):
            at += 1
        if not kept and at < end and source[at] == 58:
            name = at
            while name > begin and (source[name - 1] == 32 or source[name - 1] == 9):
                name -= 1
            kept = _is_read(source, begin, name)
            while at < end and source[at] != 10:
                at += 1
        at = min(at + 1, end)
        if kept:
            to = copy(source, begin, at, out, to)
        kept = False
    return to
