"""Text of addresses, times, community ids and event ids for whole columns at once, written by compiled code.

The kernels write texts one after another with a newline behind each; one split makes them strings.
"""

from typing import Final

import numpy as np

from sensors.capture.compiled import Longs, Octets, Words, compiled, octet

_IP_WIDTH: Final = 47
_TIME_WIDTH: Final = 31
_COMMUNITY_WIDTH: Final = 31
_DIGITS: Final = np.frombuffer(b"0123456789abcdef", np.uint8)
_BASE64: Final = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", np.uint8)
_NEWLINE: Final = 10


def _split(texts: Octets, size: int) -> list[str]:
    """The strings of a buffer that was filled up to `size`, each with a newline behind it."""
    return texts[: size - 1].tobytes().decode("ascii").split("\n") if size else []


@compiled
def _decimal(out: Octets, at: int, value: int) -> int:
    size = 1
    rest = value // 10
    while rest > 0:
        rest //= 10
        size += 1
    for place in range(at + size - 1, at - 1, -1):
        out[place] = 48 + value % 10
        value //= 10
    return at + size


@compiled
def _dotted(out: Octets, at: int, address: int) -> int:
    for shift in (24, 16, 8, 0):
        at = _decimal(out, at, (address >> shift) & 255)
        if shift:
            out[at] = 46
            at += 1
    return at


@compiled
def _group(high: np.uint64, low: np.uint64, place: int) -> int:
    """The group of 16 bits at a place from 0 to 7."""
    word = high if place < 4 else low
    return np.int64((word >> np.uint64(48 - 16 * (place & 3))) & np.uint64(0xFFFF))  # type: ignore[return-value]


@compiled
def _colons(out: Octets, at: int, high: np.uint64, low: np.uint64) -> int:
    """IPv6 as RFC 5952 writes it: lower case, the first longest run of zero groups shortened, mapped IPv4 dotted."""
    best, best_size, run = -1, 1, 0
    for place in range(8):
        run = run + 1 if _group(high, low, place) == 0 else 0
        if run > best_size:
            best_size = run
            best = place - run + 1
    if best == 0 and best_size == 5 and _group(high, low, 5) == 0xFFFF:
        for letter in (58, 58, 102, 102, 102, 102, 58):
            out[at] = letter
            at += 1
        return _dotted(out, at, (_group(high, low, 6) << 16) | _group(high, low, 7))
    place = 0
    while place < 8:
        if place == best:
            out[at] = 58
            at += 1
            if place == 0:
                out[at] = 58
                at += 1
            place += best_size
            continue
        started = False
        number = _group(high, low, place)
        for shift in (12, 8, 4, 0):
            digit = (number >> shift) & 15
            if digit or started or shift == 0:
                out[at] = _DIGITS[digit]
                at += 1
                started = True
        place += 1
        if place < 8:
            out[at] = 58
            at += 1
    return at


@compiled
def _addresses(high: Longs, low: Longs, six: Words, out: Octets) -> int:
    at = 0
    for place in range(high.shape[0]):
        if six[place]:
            at = _colons(out, at, high[place], low[place])
        else:
            at = _dotted(out, at, np.int64(low[place]))  # type: ignore[arg-type]
        out[at] = _NEWLINE
        at += 1
    return at


def addresses(high: Longs, low: Longs, six: Words) -> list[str]:
    """IP addresses as text: `six` is 1 where the address is IPv6, else the low 32 bits of `low` are IPv4."""
    out = np.empty(len(high) * _IP_WIDTH, np.uint8)
    return _split(out, _addresses(high, low, six, out))


@compiled
def _padded(out: Octets, at: int, value: int, size: int) -> None:
    for place in range(at + size - 1, at - 1, -1):
        out[place] = 48 + value % 10
        value //= 10


@compiled
def _times(moments: Words, out: Octets) -> int:
    at = 0
    for place in range(moments.shape[0]):
        seconds = moments[place] // 1_000_000_000
        part = moments[place] % 1_000_000_000
        days = seconds // 86_400
        clock = seconds % 86_400
        # Civil date from a count of days, by eras of 400 years that begin in March.
        shifted = days + 719_468
        era = shifted // 146_097
        day_of_era = shifted - era * 146_097
        year_of_era = (day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
        day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
        month = (5 * day_of_year + 2) // 153
        day = day_of_year - (153 * month + 2) // 5 + 1
        month = month + 3 if month < 10 else month - 9
        year = year_of_era + era * 400 + (1 if month <= 2 else 0)
        _padded(out, at, year, 4)
        out[at + 4] = 45
        _padded(out, at + 5, month, 2)
        out[at + 7] = 45
        _padded(out, at + 8, day, 2)
        out[at + 10] = 84
        _padded(out, at + 11, clock // 3_600, 2)
        out[at + 13] = 58
        _padded(out, at + 14, clock // 60 % 60, 2)
        out[at + 16] = 58
        _padded(out, at + 17, clock % 60, 2)
        out[at + 19] = 46
        size = 9
        if part % 1_000_000 == 0:
            part //= 1_000_000
            size = 3
        elif part % 1_000 == 0:
            part //= 1_000
            size = 6
        _padded(out, at + 20, part, size)
        out[at + 20 + size] = 90
        out[at + 21 + size] = _NEWLINE
        at += 22 + size
    return at


def times(moments: Words) -> list[str]:
    """Nanoseconds since 1970 as ISO 8601 text, as `sensors.event.times.iso` writes it; from 1970 to 2262."""
    out = np.empty(len(moments) * _TIME_WIDTH, np.uint8)
    return _split(out, _times(moments, out))


@compiled
def _rotate(word: int, by: int) -> int:
    return ((word << by) | (word >> (32 - by))) & 0xFFFFFFFF


@compiled
def _sha1(block: Octets, word: Words, digest: Words) -> None:
    """SHA-1 (FIPS 180-4, section 6.1.2) of one block that is already padded."""
    for place in range(16):
        at = place * 4
        word[place] = (
            (octet(block, at) << 24) | (octet(block, at + 1) << 16) | (octet(block, at + 2) << 8) | octet(block, at + 3)
        )
    for place in range(16, 80):
        word[place] = _rotate(word[place - 3] ^ word[place - 8] ^ word[place - 14] ^ word[place - 16], 1)
    a, b, c, d, e = 0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0
    for place in range(80):
        if place < 20:
            mixed, constant = (b & c) | (~b & d & 0xFFFFFFFF), 0x5A827999
        elif place < 40:
            mixed, constant = b ^ c ^ d, 0x6ED9EBA1
        elif place < 60:
            mixed, constant = (b & c) | (b & d) | (c & d), 0x8F1BBCDC
        else:
            mixed, constant = b ^ c ^ d, 0xCA62C1D6
        new = (_rotate(a, 5) + mixed + e + constant + word[place]) & 0xFFFFFFFF
        a, b, c, d, e = new, a, _rotate(b, 30), c, d
    digest[0] = (a + 0x67452301) & 0xFFFFFFFF
    digest[1] = (b + 0xEFCDAB89) & 0xFFFFFFFF
    digest[2] = (c + 0x98BADCFE) & 0xFFFFFFFF
    digest[3] = (d + 0x10325476) & 0xFFFFFFFF
    digest[4] = (e + 0xC3D2E1F0) & 0xFFFFFFFF


@compiled
def _community(keys: Longs, seed: int, block: Octets, word: Words, digest: Words, raw: Octets, out: Octets) -> int:
    target = 0
    for place in range(keys.shape[0]):
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
        _sha1(block, word, digest)
        for nth in range(20):
            raw[nth] = (digest[nth // 4] >> (24 - 8 * (nth % 4))) & 255
        raw[20] = 0
        out[target], out[target + 1] = 49, 58
        for group in range(7):
            bits = (octet(raw, 3 * group) << 16) | (octet(raw, 3 * group + 1) << 8) | octet(raw, 3 * group + 2)
            for letter in range(4):
                out[target + 2 + 4 * group + letter] = _BASE64[(bits >> (18 - 6 * letter)) & 63]
        out[target + 29] = 61
        out[target + 30] = _NEWLINE
        target += 31
    return target


def community_ids(keys: Longs, seed: int = 0) -> list[str]:
    """Community ids, version 1 (corelight/community-id-spec), of flow keys as the table makes them."""
    out = np.empty(len(keys) * _COMMUNITY_WIDTH, np.uint8)
    block, raw = np.zeros(64, np.uint8), np.zeros(21, np.uint8)
    return _split(out, _community(keys, seed, block, np.zeros(80, np.int64), np.zeros(5, np.int64), raw, out))
