"""Event ids of whole columns at once: what `sensors.event.identity.event_ids` gives, by compiled code.

A capture's events are told apart by numbers, so the hashed bytes fit one block of BLAKE2b (RFC 7693), and hashing them
one by one in the interpreter would take a tenth of the whole time.
"""

from typing import Final

import numpy as np

from sensors.capture.compiled import Longs, Octets, Words, compiled, inlined

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
_PERSON: Final = np.frombuffer(b"hanwatch.event".ljust(16, b"\0"), dtype="<u8")


@inlined
def _turn(word: np.uint64, by: int) -> np.uint64:
    return (word >> np.uint64(by)) | (word << np.uint64(64 - by))


@inlined
def _blend(
    a: np.uint64, b: np.uint64, c: np.uint64, d: np.uint64, x: np.uint64, y: np.uint64,
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """The mixing function G (RFC 7693 section 3.1)."""
    a = a + b + x
    d = _turn(d ^ a, 32)
    c = c + d
    b = _turn(b ^ c, 24)
    a = a + b + y
    d = _turn(d ^ a, 16)
    c = c + d
    return a, _turn(b ^ c, 63), c, d


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
def _hash(source: Longs, start: Longs, positions: Words, contents: Longs, m: Longs, out: Octets) -> None:
    """Hash one block for each event; its variables are names, not an array, so that they stay in registers."""
    size = np.uint64(8 * (3 + contents.shape[1]))
    m[0], m[1] = source[0], source[1]
    for place in range(positions.shape[0]):
        m[2] = _swapped(np.uint64(positions[place]))
        for word in range(contents.shape[1]):
            m[3 + word] = contents[place, word]
        v0, v1, v2, v3 = start[0], start[1], start[2], start[3]
        v4, v5, v6, v7 = start[4], start[5], start[6], start[7]
        v8, v9, v10, v11 = _START[0], _START[1], _START[2], _START[3]
        v12, v13, v14, v15 = _START[4] ^ size, _START[5], ~_START[6], _START[7]
        for turn in range(12):
            s = _ORDER[turn]
            v0, v4, v8, v12 = _blend(v0, v4, v8, v12, m[s[0]], m[s[1]])
            v1, v5, v9, v13 = _blend(v1, v5, v9, v13, m[s[2]], m[s[3]])
            v2, v6, v10, v14 = _blend(v2, v6, v10, v14, m[s[4]], m[s[5]])
            v3, v7, v11, v15 = _blend(v3, v7, v11, v15, m[s[6]], m[s[7]])
            v0, v5, v10, v15 = _blend(v0, v5, v10, v15, m[s[8]], m[s[9]])
            v1, v6, v11, v12 = _blend(v1, v6, v11, v12, m[s[10]], m[s[11]])
            v2, v7, v8, v13 = _blend(v2, v7, v8, v13, m[s[12]], m[s[13]])
            v3, v4, v9, v14 = _blend(v3, v4, v9, v14, m[s[14]], m[s[15]])
        at = place * 33
        _digits(start[0] ^ v0 ^ v8, out, at)
        _digits(start[1] ^ v1 ^ v9, out, at + 16)
        out[at + 32] = 10


def event_ids(source: str, positions: Words, contents: Longs) -> list[str]:
    """Ids of events as `sensors.event.identity.event_ids` gives them.

    Args:
        source: the source's id, 32 hexadecimal digits.
        positions: the ordinal of each event.
        contents: each event's content as eight-byte words, at most 13, lowest byte first.
    """
    if not len(positions):
        return []
    start = _START.copy()
    # The parameter block (RFC 7693 section 2.5): length of the digest, fan-out and depth 1, and the personal bytes.
    start[0] ^= np.uint64(0x01010000 | _DIGEST_BYTES)
    start[6:] ^= _PERSON
    out = np.empty(33 * len(positions), np.uint8)
    block = np.zeros(16, np.uint64)
    _hash(np.frombuffer(bytes.fromhex(source), dtype="<u8"), start, positions, contents, block, out)
    return out[:-1].tobytes().decode("ascii").split("\n")
