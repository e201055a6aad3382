import base64
import hashlib
import random
import struct
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

import numpy as np
import pytest

from sensors.capture import community


def key(source: str, destination: str, protocol: int, ports: tuple[int, int] | None) -> tuple[list[int], bytes]:
    """A key as the table makes it, and what its id is the digest of, without the seed."""
    ends: list[IPv4Address | IPv6Address] = [ip_address(source), ip_address(destination)]
    words = [int(end) >> shift & 0xFFFFFFFFFFFFFFFF for end in ends for shift in (64, 0)]
    low, high = ports or (0, 0)
    tail = low << 32 | high << 16 | protocol << 8 | (ports is None) << 4 | ends[0].version
    octets = b"".join(end.packed for end in ends) + bytes([protocol, 0])
    return [*words, tail, 0], octets + (struct.pack(">HH", *ports) if ports else b"")


def expected(octets: bytes, seed: int = 0) -> str:
    return "1:" + base64.b64encode(hashlib.sha1(struct.pack(">H", seed) + octets).digest()).decode()


@pytest.mark.parametrize("seed", [0, 1, 65_535])
def test_community_ids(seed: int) -> None:
    words, octets = key("10.0.0.1", "192.0.2.9", 17, (53, 4_000))
    assert community.community_ids(np.array([words], np.uint64), seed) == [expected(octets, seed)]


def test_community_ids_without_ports() -> None:
    words, octets = key("2001:db8::1", "2001:db8::2", 47, None)
    assert community.community_ids(np.array([words], np.uint64)) == [expected(octets)]


@pytest.mark.parametrize("count", [0, 1, 31, 32, 33, 200])
def test_any_number_of_keys(count: int) -> None:
    chance = random.Random(count)
    made: list[tuple[list[int], bytes]] = []
    for _ in range(count):
        kind: Any = chance.choice([IPv4Address, IPv6Address])
        ends = [str(kind(chance.getrandbits(kind(0).max_prefixlen))) for _ in range(2)]
        ports = chance.choice([None, (chance.getrandbits(16), chance.getrandbits(16))])
        made.append(key(ends[0], ends[1], chance.randrange(256), ports))
    keys = np.array([words for words, _ in made], np.uint64).reshape(-1, 6)
    assert community.community_ids(keys) == [expected(octets) for _, octets in made]
