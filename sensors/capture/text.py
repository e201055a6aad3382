"""Text of addresses, times and community ids for whole columns at once, written by compiled code into fixed-width rows."""

from typing import Final

import numpy as np

from sensors.capture.compiled import Longs, Octets, Words, compiled, octet

IP_WIDTH: Final = 46
TIME_WIDTH: Final = 30
COMMUNITY_WIDTH: Final = 30
_DIGITS: Final = np.frombuffer(b"0123456789abcdef", np.uint8)
_BASE64: Final = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", np.uint8)


def _strings(rows: Octets) -> list[str]:
    """Rows of ASCII, filled up with zeros, as strings."""
    width = rows.shape[1]
    texts: list[str] = rows.view(f"S{width}").ravel().astype(f"U{width}").tolist()
    return texts


@compiled
def _decimal(row: Octets, at: int, value: int) -> int:
    size = 1
    rest = value // 10
    while rest > 0:
        rest //= 10
        size += 1
    for place in range(at + size - 1, at - 1, -1):
        row[place] = 48 + value % 10
        value //= 10
    return at + size


@compiled
def _dotted(row: Octets, at: int, address: int) -> int:
    for shift in (24, 16, 8, 0):
        at = _decimal(row, at, (address >> shift) & 255)
        if shift:
            row[at] = 46
            at += 1
    return at


@compiled
def _colons(row: Octets, high: np.uint64, low: np.uint64, group: Words) -> None:
    """IPv6 as RFC 5952 writes it: lower case, the first longest run of zero groups shortened, mapped IPv4 dotted."""
    for place in range(4):
        shift = np.uint64(48 - 16 * place)
        group[place] = np.int64((high >> shift) & np.uint64(0xFFFF))
        group[place + 4] = np.int64((low >> shift) & np.uint64(0xFFFF))
    best, best_size, run = -1, 1, 0
    for place in range(8):
        run = run + 1 if group[place] == 0 else 0
        if run > best_size:
            best_size = run
            best = place - run + 1
    if best == 0 and best_size == 5 and group[5] == 0xFFFF:
        for place, letter in enumerate((58, 58, 102, 102, 102, 102, 58)):
            row[place] = letter
        _dotted(row, 7, (group[6] << 16) | group[7])
        return
    at, place = 0, 0
    while place < 8:
        if place == best:
            row[at] = 58
            at += 1
            if place == 0:
                row[at] = 58
                at += 1
            place += best_size
            continue
        started = False
        for shift in (12, 8, 4, 0):
            digit = (group[place] >> shift) & 15
            if digit or started or shift == 0:
                row[at] = _DIGITS[digit]
                at += 1
                started = True
        place += 1
        if place < 8:
            row[at] = 58
            at += 1


@compiled
def _addresses(high: Longs, low: Longs, six: Words, rows: Octets) -> None:
    group = np.zeros(8, np.int64)
    for place in range(high.shape[0]):
        if six[place]:
            _colons(rows[place], high[place], low[place], group)
        else:
            _dotted(rows[place], 0, np.int64(low[place]))


def addresses(high: Longs, low: Longs, six: Words) -> list[str]:
    """IP addresses as text: `six` is 1 where the address is IPv6, else the low 32 bits of `low` are IPv4."""
    rows = np.zeros((len(high), IP_WIDTH), np.uint8)
    _addresses(high, low, six, rows)
    return _strings(rows)


@compiled
def _padded(row: Octets, at: int, value: int, size: int) -> None:
    for place in range(at + size - 1, at - 1, -1):
        row[place] = 48 + value % 10
        value //= 10


@compiled
def _times(moments: Words, rows: Octets) -> None:
    for place in range(moments.shape[0]):
        row = rows[place]
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
        _padded(row, 0, year, 4)
        row[4] = 45
        _padded(row, 5, month, 2)
        row[7] = 45
        _padded(row, 8, day, 2)
        row[10] = 84
        _padded(row, 11, clock // 3_600, 2)
        row[13] = 58
        _padded(row, 14, clock // 60 % 60, 2)
        row[16] = 58
        _padded(row, 17, clock % 60, 2)
        row[19] = 46
        size = 9
        if part % 1_000_000 == 0:
            part //= 1_000_000
            size = 3
        elif part % 1_000 == 0:
            part //= 1_000
            size = 6
        _padded(row, 20, part, size)
        row[20 + size] = 90


def times(moments: Words) -> list[str]:
    """Nanoseconds since 1970 as ISO 8601 text, as `sensors.event.times.iso` writes it; from 1970 to 2262."""
    rows = np.zeros((len(moments), TIME_WIDTH), np.uint8)
    _times(moments, rows)
    return _strings(rows)


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
def _community(keys: Longs, seed: int, rows: Octets) -> None:
    block = np.zeros(64, np.uint8)
    word = np.zeros(80, np.int64)
    digest = np.zeros(5, np.int64)
    raw = np.zeros(21, np.uint8)
    for place in range(keys.shape[0]):
        block[:] = 0
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
            for shift in (40, 32, 24, 16):
                block[at] = (tail >> shift) & 255
                at += 1
        block[at] = 0x80
        block[62] = (at * 8) >> 8
        block[63] = (at * 8) & 255
        _sha1(block, word, digest)
        for nth in range(20):
            raw[nth] = (digest[nth // 4] >> (24 - 8 * (nth % 4))) & 255
        row = rows[place]
        row[0], row[1] = 49, 58
        for group in range(7):
            bits = (octet(raw, 3 * group) << 16) | (octet(raw, 3 * group + 1) << 8) | octet(raw, 3 * group + 2)
            for letter in range(4):
                row[2 + 4 * group + letter] = _BASE64[(bits >> (18 - 6 * letter)) & 63]
        row[29] = 61


def community_ids(keys: Longs, seed: int = 0) -> list[str]:
    """Community ids, version 1 (corelight/community-id-spec), of flow keys as the table makes them."""
    rows = np.zeros((len(keys), COMMUNITY_WIDTH), np.uint8)
    _community(keys, seed, rows)
    return _strings(rows)
