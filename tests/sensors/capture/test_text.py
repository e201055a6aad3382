import random
from ipaddress import IPv6Address, ip_address

import numpy as np
import pytest

from sensors.capture import text
from sensors.event.times import LATEST, iso


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "255.255.255.255",
        "10.1.2.3",
        "::",
        "::1",
        "1::",
        "2001:db8::1",
        "2001:db8:0:1:1:1:1:1",
        "2001:0:0:1::1",
        "2001:db8::1:0:0:1",
        "1:2:3:4:5:6:7:8",
        "::102:304",
        "fe80::bad",
        "1:2:3:4:5:6:0:0".replace(":0:0", "::"),
    ],
)
def test_addresses(address: str) -> None:
    parsed = ip_address(address)
    number = int(parsed)
    words = np.array([number >> 64], np.uint64), np.array([number & 0xFFFFFFFFFFFFFFFF], np.uint64)
    assert text.addresses(*words, np.array([parsed.version == 6], np.int64)) == [address]


def test_mapped_addresses_are_dotted() -> None:
    number = int(IPv6Address("::ffff:192.0.2.1"))
    words = np.array([0], np.uint64), np.array([number], np.uint64)
    assert text.addresses(*words, np.array([1], np.int64)) == ["::ffff:192.0.2.1"]


def test_addresses_are_those_of_the_standard_library() -> None:
    chance = random.Random(1)
    numbers = [
        chance.getrandbits(128) & chance.choice([-1, 0xFFFF0000FFFF, ~(0xFFFFFFFF << 32), 1 << 70])
        for _ in range(2_000)
    ]
    numbers = [number for number in numbers if number >> 32 != 0xFFFF]
    high = np.array([number >> 64 for number in numbers], np.uint64)
    low = np.array([number & 0xFFFFFFFFFFFFFFFF for number in numbers], np.uint64)
    assert text.addresses(high, low, np.ones(len(numbers), np.int64)) == [
        str(IPv6Address(number)) for number in numbers
    ]


def test_times_are_those_of_the_event() -> None:
    chance = random.Random(2)
    moments = [0, 1, 1_000, 999_999_999, LATEST - 1, 951_782_400 * 10**9, 4_107_542_399 * 10**9]
    moments += [chance.randrange(LATEST) // step * step for step in (1, 1_000, 1_000_000) for _ in range(500)]
    assert text.times(np.array(moments, np.int64)) == [iso(moment) for moment in moments]


def test_nothing_gives_nothing() -> None:
    none = np.zeros(0, np.uint64)
    assert text.addresses(none, none, np.zeros(0, np.int64)) == []
    assert text.times(np.zeros(0, np.int64)) == []
