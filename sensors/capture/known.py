"""Messages that were read before, found again by their octets in compiled code.

A text is written behind those that are known; where it is one of them it is forgotten again, so that only what is new
ever becomes an object of the interpreter.
"""

from typing import Final, NamedTuple

import numpy as np

from sensors.capture.compiled import Octets, Words, be64, compiled, mix, octet

# A text's row.
X_AT: Final = 0        # where its octets begin
X_END: Final = 1
X_DIGEST: Final = 2
X_MESSAGE: Final = 3   # the message it came with first, as the caller counts
X_CONTENT: Final = 4   # what it says, the caller's number
X_COLUMNS: Final = 5

N_TEXTS: Final = 0
N_OCTETS: Final = 1
N_SEED: Final = 2

_TEXTS: Final = 1_024
_OCTETS: Final = 1 << 20


class Known(NamedTuple):
    """The arrays of the texts that are known."""

    octets: Octets
    texts: Words
    table: Words     # a hash table: text + 1; at least twice as long as there is room for texts
    numbers: Words   # how many texts and octets there are; the seed


def begin(seed: int) -> Known:
    """Nothing is known; `seed` keeps a sender from choosing texts that collide, and changes nothing in the answers."""
    return Known(
        octets=np.empty(_OCTETS, np.uint8),
        texts=np.zeros((_TEXTS, X_COLUMNS), np.int64),
        table=np.zeros(2 * _TEXTS, np.int64),
        numbers=np.array([0, 0, seed], np.int64),
    )


def with_room(known: Known, texts: int, octets: int) -> Known:
    """The same with room for so many texts and octets more, twice as much as before where there was too little."""
    count, size = int(known.numbers[N_TEXTS]), int(known.numbers[N_OCTETS])
    if size + octets > len(known.octets):
        room = np.empty(max(2 * len(known.octets), size + octets), np.uint8)
        room[:size] = known.octets[:size]
        known = known._replace(octets=room)
    if count + texts > len(known.texts):
        rows = np.zeros((1 << (count + texts - 1).bit_length(), X_COLUMNS), np.int64)
        rows[:count] = known.texts[:count]
        known = known._replace(texts=rows, table=np.zeros(2 * len(rows), np.int64))
        _link(known)
    return known


@compiled
def _link(k: Known) -> None:
    """Enter all texts into an empty hash table."""
    mask = k.table.shape[0] - 1
    for text in range(k.numbers[N_TEXTS]):
        probe = k.texts[text, X_DIGEST] & mask
        while k.table[probe] != 0:
            probe = (probe + 1) & mask
        k.table[probe] = text + 1


@compiled
def _digest(data: Octets, at: int, end: int, seed: int) -> int:
    digest = mix(np.uint64(seed), np.uint64(end - at))
    while at + 8 <= end:
        digest = mix(digest, be64(data, at))
        at += 8
    rest = 0
    while at < end:
        rest = rest << 8 | octet(data, at)
        at += 1
    return np.int64(mix(digest, np.uint64(rest)) >> np.uint64(1))  # type: ignore[return-value]


@compiled
def _equal(data: Octets, one: int, other: int, size: int) -> bool:
    at = 0
    while at + 8 <= size:
        if be64(data, one + at) != be64(data, other + at):
            return False
        at += 8
    while at < size:
        if data[one + at] != data[other + at]:
            return False
        at += 1
    return True


@compiled
def enter(k: Known, end: int, message: int) -> int:
    """The place of the text that was written behind the others, up to `end`; the caller has seen to it that it fits."""
    at = k.numbers[N_OCTETS]
    size = end - at
    digest = _digest(k.octets, at, end, k.numbers[N_SEED])
    mask = k.table.shape[0] - 1
    probe = digest & mask
    while k.table[probe] != 0:
        text = k.table[probe] - 1
        line = k.texts[text]
        if line[X_DIGEST] == digest and line[X_END] - line[X_AT] == size and _equal(k.octets, line[X_AT], at, size):
            return int(text)
        probe = (probe + 1) & mask
    text = k.numbers[N_TEXTS]
    k.numbers[N_TEXTS] += 1
    k.numbers[N_OCTETS] = end
    k.table[probe] = text + 1
    line = k.texts[text]
    line[X_AT] = at
    line[X_END] = end
    line[X_DIGEST] = digest
    line[X_MESSAGE] = message
    line[X_CONTENT] = -1
    return int(text)
