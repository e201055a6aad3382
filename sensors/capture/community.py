"""Community ids, version 1 (corelight/community-id-spec), of whole columns of flow keys at once.

An id is SHA-1 (FIPS 180-4) of a few octets that fit one block. Each step of the hash is taken for `_LANES` keys before
the next one, which lets the processor do several of them at a time.
"""

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from sensors.capture.compiled import Longs, Octets, compiled, inlined, octet
from sensors.capture.text import equally_long
from sensors.event.texts import Texts

_Shorts: TypeAlias = npt.NDArray[np.uint32]

_WIDTH: Final = 31
_BASE64: Final = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", np.uint8)
_NEWLINE: Final = 10
_LANES: Final = 32

# The rows of the array in which keys are hashed, one key a column: what the five variables of SHA-1 are before each
# step and after the last one, the newest in the row behind; then the eighty words of the message schedule.
_STEPS: Final = 80
_SCHEDULE: Final = _STEPS + 5
_ROWS: Final = _SCHEDULE + _STEPS
_START: Final = np.array([0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0], np.uint32)
_NEW: Final = np.array([*_START[:2], *(_START[2:] << 2 | _START[2:] >> 30)], np.uint32)
"""The same as they would have been when they were new: c, d and e have been turned by 30 since."""


@inlined
def _turn(word: np.uint32, by: int) -> np.uint32:
    return np.uint32((word << np.uint32(by)) | (word >> np.uint32(32 - by)))


@inlined
def _step(x: _Shorts, step: int, lane: int, mixed: np.uint32, constant: int) -> None:
    """One step of FIPS 180-4 section 6.1.2; `mixed` is f(b, c, d)."""
    x[step + 5, lane] = np.uint32(
        _turn(x[step + 4, lane], 5) + mixed + _turn(x[step, lane], 30) + np.uint32(constant)
        + x[step + _SCHEDULE, lane],
    )


@compiled
def _sha1(x: _Shorts) -> None:
    """Hash the block of each lane, which stands in the first sixteen words of its schedule."""
    for row in range(_SCHEDULE + 16, _ROWS):
        for lane in range(_LANES):
            x[row, lane] = _turn(x[row - 3, lane] ^ x[row - 8, lane] ^ x[row - 14, lane] ^ x[row - 16, lane], 1)
    for row in range(5):
        for lane in range(_LANES):
            x[row, lane] = _NEW[4 - row]
    for step in range(20):
        for lane in range(_LANES):
            b, c, d = x[step + 3, lane], _turn(x[step + 2, lane], 30), _turn(x[step + 1, lane], 30)
            _step(x, step, lane, (b & c) | (~b & d), 0x5A827999)
    for step in range(20, 40):
        for lane in range(_LANES):
            b, c, d = x[step + 3, lane], _turn(x[step + 2, lane], 30), _turn(x[step + 1, lane], 30)
            _step(x, step, lane, b ^ c ^ d, 0x6ED9EBA1)
    for step in range(40, 60):
        for lane in range(_LANES):
            b, c, d = x[step + 3, lane], _turn(x[step + 2, lane], 30), _turn(x[step + 1, lane], 30)
            _step(x, step, lane, (b & c) | (b & d) | (c & d), 0x8F1BBCDC)
    for step in range(60, 80):
        for lane in range(_LANES):
            b, c, d = x[step + 3, lane], _turn(x[step + 2, lane], 30), _turn(x[step + 1, lane], 30)
            _step(x, step, lane, b ^ c ^ d, 0xCA62C1D6)


@compiled
def _block(keys: Longs, place: int, seed: int, block: Octets) -> None:
    """Lay out what is hashed of a key: the seed, both addresses, the protocol, a zero and the ports; padded."""
    for at in range(64):
        block[at] = 0
    block[0] = seed >> 8
    block[1] = seed & 255
    tail = np.int64(keys[place, 4])
    at = 2
    size = 16 if tail & 15 == 6 else 4
    for side in range(2):
        for nth in range(size):
            part = keys[place, 2 * side + (0 if size == 16 and nth < 8 else 1)]
            shift = np.uint64(8 * ((size - 1 - nth) % 8))
            block[at] = np.uint8((part >> shift) & np.uint64(255))
            at += 1
    block[at] = (tail >> 8) & 255
    at += 2
    if (tail >> 4) & 15 != 1:
        for shift16 in (40, 32, 24, 16):
            block[at] = (tail >> shift16) & 255
            at += 1
    block[at] = 0x80
    block[62] = (at * 8) >> 8
    block[63] = (at * 8) & 255


@compiled
def _community(keys: Longs, seed: int, block: Octets, x: _Shorts, raw: Octets, out: Octets) -> None:
    """Write the ids; `block`, `x` and `raw` are room for one block, for the lanes, and for a digest and one octet."""
    target = 0
    for first in range(0, keys.shape[0], _LANES):
        lanes = min(_LANES, keys.shape[0] - first)
        for lane in range(lanes):
            _block(keys, first + lane, seed, block)
            for word in range(16):
                at = 4 * word
                x[_SCHEDULE + word, lane] = np.uint32(
                    (octet(block, at) << 24) | (octet(block, at + 1) << 16) | (octet(block, at + 2) << 8)
                    | octet(block, at + 3),
                )
        _sha1(x)
        for lane in range(lanes):
            for word in range(5):
                newest = x[_STEPS + 4 - word, lane]
                value = np.int64((newest if word < 2 else _turn(newest, 30)) + _START[word])
                for nth in range(4):
                    raw[4 * word + nth] = (value >> (24 - 8 * nth)) & 255
            raw[20] = 0
            out[target], out[target + 1] = 49, 58
            for group in range(7):
                bits = (octet(raw, 3 * group) << 16) | (octet(raw, 3 * group + 1) << 8) | octet(raw, 3 * group + 2)
                for letter in range(4):
                    out[target + 2 + 4 * group + letter] = _BASE64[(bits >> (18 - 6 * letter)) & 63]
            out[target + 29] = 61
            out[target + 30] = _NEWLINE
            target += _WIDTH


def community_ids(keys: Longs, seed: int = 0) -> Texts:
    """Community ids of flow keys as the table makes them (sensors.capture.table), one a row."""
    out = np.empty(len(keys) * _WIDTH, np.uint8)
    room = np.zeros(64, np.uint8), np.zeros((_ROWS, _LANES), np.uint32), np.zeros(21, np.uint8)
    _community(keys, seed, *room, out)
    return equally_long(out, _WIDTH)
