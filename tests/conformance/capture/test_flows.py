"""Packets and bytes of flows against nDPI's: what its own tests expect of each capture, line by line.

nDPI gives one line to a flow: endpoints, packets and bytes of both directions, counted on the link layer as here. It
never ends a flow before the capture does, where time-outs end ours, so flows of equal endpoints are added up on both
sides before they are compared. Addresses of IPv6 come compressed in a way of nDPI's own, so they are read, not compared
as text.
"""

import ipaddress
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from sensors.capture.reader import CaptureReader
from sensors.event.model import Source
from sensors.reading.model import Position
from tests.conformance.places import PACKETS

pytestmark = pytest.mark.conformance

NDPI = PACKETS / "ndpi" / "tests" / "cfgs" / "default"
FROZEN = Path(__file__).with_name("ndpi_captures.txt")
"""The captures that are compared: all for which nDPI lists flows of TCP or UDP, but those that a fuzzer has mangled."""
LEAST = 0.98
_LINE = re.compile(
    r"^\t\d+\t(?P<transport>TCP|UDP) (?P<one>\S+) <?-> (?P<other>\S+) .*?"
    r"\[(?P<packets>\d+) pkts/(?P<bytes>\d+) bytes <?-> (?P<answers>\d+) pkts/(?P<answered>\d+) bytes\]"
)
Ends = tuple[str, frozenset[str]]
Sums = tuple[int, int]


def _end(text: str) -> str | None:
    """An endpoint as both sides can write it; None where nDPI has left zeros out of an address twice."""
    address, _, port = text.rpartition(":")
    try:
        return f"{ipaddress.ip_address(address.strip('[]'))} {port}"
    except ValueError:
        return None


def theirs(file: Path) -> dict[Ends, Sums]:
    """Packets and bytes by endpoints, as nDPI's file says."""
    sums: defaultdict[Ends, list[int]] = defaultdict(lambda: [0, 0])
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        if found := _LINE.match(line):
            one, other = _end(found["one"]), _end(found["other"])
            if one is None or other is None:
                continue
            ends = (found["transport"].lower(), frozenset((one, other)))
            sums[ends][0] += int(found["packets"]) + int(found["answers"])
            sums[ends][1] += int(found["bytes"]) + int(found["answered"])
    return {ends: (packets, octets) for ends, (packets, octets) in sums.items()}


def ours(capture: Path) -> dict[Ends, Sums]:
    """The same, as our flows say."""
    packets: Counter[Ends] = Counter()
    octets: Counter[Ends] = Counter()
    for portion in CaptureReader().portions(capture, Source("00" * 16, "capture", ""), Position(), 0):
        for batch in portion.batches:
            if batch.dataset != "network.flow" or "source.port" not in batch.columns:
                continue
            for row in batch.rows():
                ends = (
                    str(row["network.transport"]),
                    frozenset((f"{row['source.ip']} {row['source.port']}",
                               f"{row['destination.ip']} {row['destination.port']}")),
                )
                packets[ends] += row["network.packets"]
                octets[ends] += row["network.bytes"]
    return {ends: (packets[ends], octets[ends]) for ends in packets}


def compared(name: str) -> tuple[int, list[tuple[Ends, Sums, Sums | None]]]:
    """How many flows nDPI lists in a capture, and those that differ here."""
    expected = theirs(NDPI / "result" / f"{name}.out")
    found = ours(NDPI / "pcap" / name)
    return len(expected), [
        (ends, sums, found.get(ends)) for ends, sums in expected.items() if found.get(ends) != sums
    ]


def test_flows_have_the_packets_and_bytes_that_ndpi_counts() -> None:
    flows, differing = 0, []
    for name in FROZEN.read_text(encoding="utf-8").splitlines():
        listed, different = compared(name)
        flows += listed
        differing += [(name, *one) for one in different]
    assert flows > 3_000
    assert len(differing) <= (1 - LEAST) * flows, (len(differing), flows, differing[:50])
