"""Records of one template as columns: whole sets at once, field by field.

Records of equal length are cut by numpy; where a template has fields of variable length (RFC 7011 section 7) each
record is walked through first. Either way a field's octets become a matrix, and that a column.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from sensors.capture import text
from sensors.listening.netflow.elements import NUMBERS, Element, element
from sensors.listening.netflow.templates import VARIABLE, Template

Matrix: TypeAlias = npt.NDArray[np.uint8]
Values: TypeAlias = npt.NDArray[np.uint64] | Sequence[str]


@dataclass(frozen=True, slots=True)
class Column:
    """A field of all records: the numbers of its element and enterprise, what it means, its values."""

    number: int
    enterprise: int
    element: Element
    values: Values


def decode(template: Template, contents: Sequence[bytes]) -> tuple[list[Column], list[int], int]:
    """The columns of the records in these sets, how many records each set has, and how many sets were cut short.

    What is left of a set and shorter than a record is padding (RFC 3954 section 5.3, RFC 7011 section 3.3.1).
    """
    if template.fixed:
        matrices, counts = _equal(template, contents)
        pieces: list[list[bytes] | Matrix] = list(matrices)
        faults = 0
    else:
        pieces, counts, faults = _walked(template, contents)
    columns = []
    for (number, enterprise, length), octets in zip(template.fields, pieces, strict=True):
        if length == 0:
            continue
        meaning = element(number, enterprise, length if length != VARIABLE else -1)
        values = _column(meaning, octets) if isinstance(octets, np.ndarray) else _texts(meaning, octets)
        columns.append(Column(number, enterprise, meaning, values))
    return columns, counts, faults


def record_count(template: Template, content: bytes) -> int | None:
    """How many records a set has, where that can be said without walking through it."""
    return len(content) // template.least if template.fixed and template.least else None


def _equal(template: Template, contents: Sequence[bytes]) -> tuple[list[Matrix], list[int]]:
    width = template.least
    if not width:
        # Fields without a length, all of them: no record can be told from the next.
        return [np.zeros((0, 0), np.uint8)] * len(template.fields), [0] * len(contents)
    counts = [len(content) // width for content in contents]
    whole = b"".join(
        content if len(content) == count * width else content[: count * width]
        for content, count in zip(contents, counts, strict=True)
    )
    records = np.frombuffer(whole, np.uint8).reshape(-1, width)
    found = []
    at = 0
    for _, _, length in template.fields:
        found.append(records[:, at : at + length])
        at += length
    return found, counts


def _walked(template: Template, contents: Sequence[bytes]) -> tuple[list[list[bytes] | Matrix], list[int], int]:
    fields: list[list[bytes]] = [[] for _ in template.fields]
    lengths = [length for _, _, length in template.fields]
    least = max(1, template.least)
    counts = []
    faults = 0
    for content in contents:
        at = count = 0
        while at + least <= len(content):
            pieces = _record(content, at, lengths)
            if pieces is None:
                faults += any(content[at:])
                break
            for field, piece in zip(fields, pieces[0], strict=True):
                field.append(piece)
            at = pieces[1]
            count += 1
        counts.append(count)
    found: list[list[bytes] | Matrix] = [
        field if length == VARIABLE else np.frombuffer(b"".join(field), np.uint8).reshape(len(field), length)
        for field, length in zip(fields, lengths, strict=True)
    ]
    return found, counts, faults


def _record(content: bytes, at: int, lengths: Sequence[int]) -> tuple[list[bytes], int] | None:
    """The pieces of the record at `at` and where the next begins; None where it does not fit."""
    pieces = []
    for length in lengths:
        size = length
        if length == VARIABLE:
            size = content[at] if at < len(content) else 0
            at += 1
            if size == 255:
                size = int.from_bytes(content[at : at + 2], "big")
                at += 2
        if at + size > len(content):
            return None
        pieces.append(content[at : at + size])
        at += size
    return pieces, at


def _column(meaning: Element, octets: Matrix) -> Values:
    kind = meaning.kind
    if kind in NUMBERS or kind in {"micros", "nanos"}:
        return _numbers(octets)
    if kind == "ip4":
        low = _numbers(octets)
        none = np.zeros(len(low), np.uint64)
        return text.addresses(none, low, np.zeros(len(low), np.int64))
    if kind == "ip6":
        return text.addresses(_numbers(octets[:, :8]), _numbers(octets[:, 8:]), np.ones(len(octets), np.int64))
    length = octets.shape[1]
    whole = octets.tobytes()
    return _texts(meaning, [whole[at : at + length] for at in range(0, len(whole), length)])


def _numbers(octets: Matrix) -> npt.NDArray[np.uint64]:
    count, length = octets.shape
    if length in {1, 2, 4, 8}:
        return np.ascontiguousarray(octets).view(f">u{length}")[:, 0].astype(np.uint64)
    padded = np.zeros((count, 8), np.uint8)
    padded[:, 8 - length :] = octets
    return padded.view(">u8")[:, 0].astype(np.uint64)


def _texts(meaning: Element, pieces: Sequence[bytes]) -> list[str]:
    """Octets as text, each value that comes again only once."""
    known: dict[bytes, str] = {}
    return [known[piece] if piece in known else known.setdefault(piece, _text(meaning, piece)) for piece in pieces]


def _text(meaning: Element, piece: bytes) -> str:
    if meaning.kind == "mac":
        return piece.hex("-").upper()
    if meaning.kind == "text":
        return piece.rstrip(b"\0 ").decode("utf-8", "backslashreplace")
    return piece.hex()
