"""Hostile captures: truncated at every place and changed at random, also with every access of compiled code checked."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sensors.capture.handshakes import client_hello
from sensors.capture.writing import pcap, pcapng
from sensors.delivery.ledger import balances
from sensors.errors import UnreadableInput
from sensors.event.codec import encode
from tests.sensors.capture import frames as made
from tests.sensors.capture.protocols.every import DIALOGUES
from tests.sensors.capture.test_fragments import pieces4, pieces6
from tests.sensors.capture.test_tunnels import CASES as TUNNELS

LONG = pytest.mark.skipif(
    not os.environ.get("CI") and not os.environ.get("PROVE"),
    reason="compiles all kernels anew, with checks: five minutes (make prove)",
)


def originals() -> list[bytes]:
    hello, get = client_hello("a.example"), b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
    packets = [
        *made.conversation(*[(True, at, part) for at, part in made.pieces(hello, 50)]),
        *made.conversation((True, 0, get), sport=41_000),
        made.udp4(9, 53, made.dns(1, "a.example", reply=True, answers=((1, b"\1\2\3\4"),))),
        made.ethernet(made.ipv4(made.A, made.B, 17, made.udp(7, 8, bytes(16)), fragment=0x2000), vlans=(5, 6)),
        made.ethernet(
            made.ipv6(made.SIX_A, made.SIX_B, 0, b"\x2c\0" + bytes(6) + b"\x11\0\0\1\0\0\0\7" + made.udp(1, 2)), 0x86DD
        ),
        made.ethernet(made.ipv4(made.A, made.B, 1, made.icmp(8, 0))),
        *(packet for packet, _, _ in TUNNELS.values()),
        *pieces4(made.udp(53, 9, made.dns(1, "b.example", reply=True)), 16)[::-1],
        *pieces6(made.udp(53, 9, made.dns(1, "b.example", reply=True)), 16),
    ]
    frames = made.frames(*packets)
    return [pcap(frames), pcap(frames, big=True, nanoseconds=True), pcapng(frames), pcapng(frames, big=True)]


def dialogues() -> bytes:
    """A capture of every protocol in the registry; their parsers' own tests break them in more ways."""
    return pcap(made.frames(*(packet for one in DIALOGUES.values() for packet in one.packets(300))))


def changed(data: bytes, chance: random.Random) -> bytes:
    octets = bytearray(data)
    for _ in range(chance.choice((1, 3, 20))):
        place = chance.randrange(len(octets) + 1)
        match chance.randrange(5):
            case 0:
                octets[place : place + 1] = bytes([chance.choice((0, 1, 127, 128, 255))])
            case 1:
                octets[place : place + 1] = chance.randbytes(1)
            case 2:
                del octets[place : place + chance.randrange(1, 20)]
            case 3:
                octets[place:place] = chance.randbytes(chance.randrange(1, 20))
            case _:
                octets = octets[: max(place, 30)]
    return bytes(octets)


def mutants(count: int, step: int) -> Iterator[bytes]:
    chance = random.Random(20_260_101)
    for data in originals():
        yield from (data[:size] for size in range(0, len(data), step))
        yield from (changed(data, chance) for _ in range(count))
    data = dialogues()
    yield from (data[:size] for size in range(0, len(data), len(data) // 40))
    yield from (changed(data, chance) for _ in range(count))


def check(folder: Path, count: int, step: int = 7) -> int:
    read = 0
    for data in mutants(count, step):
        try:
            portions = made.read(folder / "mutant", data, flow_limit=8, slot_limit=16, datagram_limit=12, heap_limit=12)
        except UnreadableInput:
            continue
        read += 1
        assert portions[-1].done
        for portion in portions:
            encode(portion.batches)
        packets = next(one for one in balances("", made.counts(portions), 0) if one.name == "packets")
        assert not packets.missing, data
    return read


def test_mutated_captures_are_read_and_balance(tmp_path: Path) -> None:
    assert check(tmp_path, 300) > 1_000


PROGRAM = """
import sys, tempfile, warnings
from pathlib import Path
import numpy as np
warnings.simplefilter("ignore")
from sensors.capture.compiled import be16
from tests.sensors.capture.test_fuzz import check
octets = np.zeros(8, np.uint8)
for place in (7, -1):
    try:
        be16(octets, place)
    except (IndexError, OverflowError):
        continue
    sys.exit(f"octet {place} and the one behind it were read from an array of eight")
with tempfile.TemporaryDirectory() as folder:
    print(check(Path(folder), int(sys.argv[1]), int(sys.argv[2])))
"""


@pytest.mark.parametrize(
    ("checks", "count", "step", "least"),
    [
        # The machine code itself, with the parts that are inlined into it; an index that is negative and counts from
        # the end is no error of this check where it is signed.
        pytest.param({"NUMBA_BOUNDSCHECK": "1"}, 100, 7, 600, marks=LONG),
        # Without compilation every index is numpy's and checked; only the first mutants are tried, since this is slow.
        ({"NUMBA_DISABLE_JIT": "1"}, 1, 120, 100),
    ],
)
def test_no_access_of_the_kernels_leaves_its_array(
    tmp_path: Path, checks: dict[str, str], count: int, step: int, least: int
) -> None:
    # Code with checks must not be mixed up with what is kept without them.
    environment = os.environ | checks | {"PYTHONPATH": ".", "XDG_CACHE_HOME": str(tmp_path)}
    command = [sys.executable, "-c", PROGRAM, str(count), str(step)]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False, env=environment)
    assert answer.returncode == 0, answer.stderr[-3_000:]
    assert int(answer.stdout.splitlines()[-1]) > least
