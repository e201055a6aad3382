"""Event ids of whole columns at once: what `sensors.event.identity.event_ids` gives, by compiled code.

A capture's events are told apart by numbers, so the hashed bytes fit one block of BLAKE2b (RFC 7693), while lines take
as many as they are long. Hashing one by one in the interpreter would take a tenth of the whole time.
"""

from typing import Final

import numpy as np

from sensors.capture.compiled import Longs, Octets, Words, compiled, inlined, octet
from sensors.capture.text import equally_long
from sensors.event.block import Block
from sensors.event.texts import Texts

CONTENT_WORDS: Final = 9
"""Eight-byte words of an event's content: what it is, the flow's key, its time, and its number."""
_HEX: Final = np.frombuffer(b"0123456789abcdef", np.uint8)
_START: Final = np.array([
    0x6A09E667F3BCC908, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B, 0xA54FF53A5F1D36F1,
    0x510E527FADE682D1, 0x9B05688C2B3E6C1F, 0x1F83D9ABFB41BD6B, 0x5BE0CD19137E2179,
], dtype=np.uint64)
_ORDER: Final = np.array([
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4], [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13], [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11], [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5], [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
], dtype=np.uint64)
"""Which words of the block each of the twelve rounds takes."""
_DIGEST_BYTES: Final = 16
_BLOCK: Final = 128
_PREFIX: Final = 24
"""Octets of source and place, before those of the line."""
_LANES: Final = 32
"""Events that are hashed side by side: each step is taken for all of them, several at a time in the processor."""
_MESSAGE: Final = 16
"""In the array of the lanes, one event a column: behind the sixteen variables stand the words of the block."""
_WIDTH: Final = 33
_NEWLINE: Final = 10
_PERSON: Final = np.frombuffer(b"hanwatch.event".ljust(16, b"\0"), dtype="<u8")


@inlined
def _turn(word: np.uint64, by: int) -> np.uint64:
    return (word >> np.uint64(by)) | (word << np.uint64(64 - by))


@inlined
def _blend(x: Longs, a: int, b: int, c: int, d: int, first: int, second: int) -> None:
    """The mixing function G (RFC 7693 section 3.1) for every lane; rows of `x` are named by their numbers."""
    for lane in range(_LANES):
        va, vb, vc, vd = x[a, lane], x[b, lane], x[c, lane], x[d, lane]
        va = va + vb + x[_MESSAGE + first, lane]
        vd = _turn(vd ^ va, 32)
        vc = vc + vd
        vb = _turn(vb ^ vc, 24)
        va = va + vb + x[_MESSAGE + second, lane]
        vd = _turn(vd ^ va, 16)
        vc = vc + vd
        x[a, lane], x[b, lane], x[c, lane], x[d, lane] = va, _turn(vb ^ vc, 63), vc, vd


@compiled
def _swapped(word: np.uint64) -> np.uint64:
    """The word with its bytes in the other order."""
    answer = np.uint64(0)
    for _ in range(8):
        answer = (answer << np.uint64(8)) | (word & np.uint64(255))
        word >>= np.uint64(8)
    return answer


@compiled
def _digits(word: np.uint64, out: Octets, at: int) -> None:
    """Write the word's octets, the lowest first, as two digits each."""
    for place in range(8):
        out[at + 2 * place] = _HEX[(word >> np.uint64(4)) & np.uint64(15)]
        out[at + 2 * place + 1] = _HEX[word & np.uint64(15)]
        word >>= np.uint64(8)


@compiled
def _stir(x: Longs) -> None:
    """The twelve rounds (RFC 7693 section 3.2) for every lane."""
    for turn in range(12):
        s = _ORDER[turn]
        _blend(x, 0, 4, 8, 12, s[0], s[1])
        _blend(x, 1, 5, 9, 13, s[2], s[3])
        _blend(x, 2, 6, 10, 14, s[4], s[5])
        _blend(x, 3, 7, 11, 15, s[6], s[7])
        _blend(x, 0, 5, 10, 15, s[8], s[9])
        _blend(x, 1, 6, 11, 12, s[10], s[11])
        _blend(x, 2, 7, 8, 13, s[12], s[13])
        _blend(x, 3, 4, 9, 14, s[14], s[15])


@compiled
def _compress(x: Longs, start: Longs, size: int) -> None:
    """Hash the block of each lane (RFC 7693 section 3.2), `size` octets long; digests stand in the first two rows."""
    for row in range(8):
        for lane in range(_LANES):
            x[row, lane] = start[row]
            x[row + 8, lane] = _START[row]
    for lane in range(_LANES):
        x[12, lane] ^= np.uint64(size)
        x[14, lane] = ~x[14, lane]
    _stir(x)
    for row in range(2):
        for lane in range(_LANES):
            x[row, lane] = start[row] ^ x[row, lane] ^ x[row + 8, lane]


@compiled
def _hash(source: Longs, start: Longs, positions: Words, contents: Longs, x: Longs, out: Octets) -> None:
    """Write the ids, each with a newline behind it; `x` is room for the lanes, filled with zeros."""
    words = contents.shape[1]
    for first in range(0, positions.shape[0], _LANES):
        lanes = min(_LANES, positions.shape[0] - first)
        for lane in range(lanes):
            x[_MESSAGE, lane], x[_MESSAGE + 1, lane] = source[0], source[1]
            x[_MESSAGE + 2, lane] = _swapped(np.uint64(positions[first + lane]))
            for word in range(words):
                x[_MESSAGE + 3 + word, lane] = contents[first + lane, word]
        _compress(x, start, 8 * (3 + words))
        for lane in range(lanes):
            at = (first + lane) * _WIDTH
            _digits(x[0, lane], out, at)
            _digits(x[1, lane], out, at + 16)
            out[at + 32] = _NEWLINE


@inlined
def _word(data: Octets, at: int, end: int) -> np.uint64:
    """Eight octets from `at` on, the lowest first, as if zeros stood behind `end`."""
    answer = np.uint64(0)
    if end - at >= 8:
        for place in range(8):
            answer |= np.uint64(octet(data, at + place)) << np.uint64(8 * place)
    else:
        for place in range(end - at):
            answer |= np.uint64(octet(data, at + place)) << np.uint64(8 * place)
    return answer


@compiled
def _hash_lines(
    source: Longs, start: Longs, positions: Words, data: Octets, starts: Words, order: Words, state: Longs, x: Longs,
    out: Octets,
) -> None:  # fmt: skip
    """Write the ids of lines, those of like length side by side, each in its own place with a newline behind it.

    `order` has the lines by length, since lanes wait for the longest of them; `state` is room for their digests so far.
    """
    for first in range(0, len(order), _LANES):
        lanes = min(_LANES, len(order) - first)
        longest = order[first + lanes - 1]
        blocks = max(1, (starts[longest + 1] - 1 - starts[longest] + _PREFIX + _BLOCK - 1) // _BLOCK)
        for row in range(8):
            for lane in range(_LANES):
                state[row, lane] = start[row]
        for block in range(blocks):
            for row in range(8):
                for lane in range(_LANES):
                    x[row, lane] = state[row, lane]
                    x[row + 8, lane] = _START[row]
            for lane in range(lanes):
                line = order[first + lane]
                end = starts[line + 1] - 1
                size = end - starts[line] + _PREFIX
                begin = starts[line] + block * _BLOCK - _PREFIX
                for word in range(16):
                    at = begin + 8 * word
                    x[_MESSAGE + word, lane] = _word(data, at, end) if at >= starts[line] else np.uint64(0)
                if block == 0:
                    x[_MESSAGE, lane], x[_MESSAGE + 1, lane] = source[0], source[1]
                    x[_MESSAGE + 2, lane] = _swapped(np.uint64(positions[line]))
                x[12, lane] ^= np.uint64(min(size, (block + 1) * _BLOCK))
                if size <= (block + 1) * _BLOCK:
                    x[14, lane] = ~x[14, lane]
            _stir(x)
            for lane in range(lanes):
                line = order[first + lane]
                if block == 0 or starts[line + 1] - 1 - starts[line] + _PREFIX > block * _BLOCK:
                    for row in range(8):
                        state[row, lane] ^= x[row, lane] ^ x[row + 8, lane]
        for lane in range(lanes):
            at = order[first + lane] * _WIDTH
            _digits(state[0, lane], out, at)
            _digits(state[1, lane], out, at + 16)
            out[at + 32] = _NEWLINE


def _start() -> Longs:
    """What every hash begins with."""
    start = _START.copy()
    # The parameter block (RFC 7693 section 2.5): length of the digest, fan-out and depth 1, and the personal bytes.
    start[0] ^= np.uint64(0x01010000 | _DIGEST_BYTES)
    start[6:] ^= _PERSON
    return start


def event_ids(source: str, positions: Words, contents: Longs) -> Texts:
    """Ids of events as `sensors.event.identity.event_ids` gives them.

    Args:
        source: the source's id, 32 hexadecimal digits.
        positions: the ordinal of each event.
        contents: each event's content as eight-byte words, at most 13, lowest byte first.
    """
    out = np.empty(_WIDTH * len(positions), np.uint8)
    room = np.zeros((_MESSAGE + 16, _LANES), np.uint64)
    _hash(np.frombuffer(bytes.fromhex(source), dtype="<u8"), _start(), positions, contents, room, out)
    return equally_long(out, _WIDTH)


def line_ids(source: str, positions: Words, block: Block) -> list[str]:
    """Ids of events as `sensors.event.identity.event_ids` gives them.

    Args:
        source: the source's id, 32 hexadecimal digits.
        positions: the place of each line in the source.
        block: the lines.
    """
    out = np.empty(_WIDTH * len(positions), np.uint8)
    room = np.zeros((_MESSAGE + 16, _LANES), np.uint64)
    order = np.argsort(np.diff(block.starts), kind="stable")
    state = np.empty((8, _LANES), np.uint64)
    words = np.frombuffer(bytes.fromhex(source), dtype="<u8")
    _hash_lines(words, _start(), positions, block.data, block.starts, order, state, room, out)
    return out[:-1].tobytes().decode("ascii").split("\n")
