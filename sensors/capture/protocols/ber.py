"""Elements of ASN.1 in the encodings that Kerberos, RDP, SNMP and security tokens use, however they were cut or forged.

X.690 section 8.1 (tag, length, contents); only lengths of definite form and tags below 31, or of two octets, are known.
"""

from collections.abc import Iterator
from typing import Final

from sensors.capture.protocols.model import NotThis

SEQUENCE: Final = 0x30
INTEGER: Final = 0x02
_MOST_ELEMENTS: Final = 128
"""How many elements of one frame are looked at."""


def element(octets: bytes, at: int, end: int) -> tuple[int, int, int]:
    """Tag, and beginning and end of the contents, of the element at `at`; a tag of two octets is one number.

    Raises:
        NotThis: none ends by `end`.
    """
    if at + 2 > end:
        raise NotThis("no element")
    tag = octets[at]
    if tag & 0x1F == 0x1F:
        at += 1
        tag = tag << 8 | octets[at]
    if at + 2 > end:
        raise NotThis("no length")
    length = octets[at + 1]
    at += 2
    if length & 0x80:
        size = length & 0x7F
        if not 0 < size <= 4 or at + size > end:
            raise NotThis("a length of an unknown form")
        length = int.from_bytes(octets[at : at + size], "big")
        at += size
    if at + length > end:
        raise NotThis("an element is cut off")
    return tag, at, at + length


def inside(octets: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """Beginning and end of the contents of the element at `at`, which has this tag.

    Raises:
        NotThis: it has another.
    """
    found, first, last = element(octets, at, end)
    if found != tag:
        raise NotThis("another element")
    return first, last


def elements(octets: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Tag, beginning and end of each element between two places.

    Raises:
        NotThis: something else stands there.
    """
    for _ in range(_MOST_ELEMENTS):
        if at >= end:
            return
        tag, first, at = element(octets, at, end)
        yield tag, first, at


def tagged(octets: bytes, at: int, end: int) -> dict[int, tuple[int, int]]:
    """Where the contents of the elements of a SEQUENCE's contents stand, by their tag; the first of each counts.

    Raises:
        NotThis: something else stands there.
    """
    found: dict[int, tuple[int, int]] = {}
    for tag, first, last in elements(octets, at, end):
        found.setdefault(tag, (first, last))
    return found


def number(octets: bytes, at: int, end: int) -> int:
    """An INTEGER of at most eight octets.

    Raises:
        NotThis: it is none.
    """
    first, last = inside(octets, at, end, INTEGER)
    if not 0 < last - first <= 8:
        raise NotThis("no number")
    return int.from_bytes(octets[first:last], "big", signed=True)
