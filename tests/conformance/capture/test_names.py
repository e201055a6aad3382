"""Names asked for in DNS against tshark's reading of the same captures.

Each capture's distinct names are compared. Left out: names that tshark finds inside tunnels and inside ICMP errors,
which are not taken off here, and protocols that it reads with its DNS dissector but are none (NetBIOS).
"""

import shutil
import subprocess
from pathlib import Path

import pytest

from sensors.capture.reader import CaptureReader, recognises
from sensors.event.model import Source
from sensors.reading.model import Position
from tests.conformance.places import PACKETS

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(shutil.which("tshark") is None, reason="the second opinion is tshark: make engines"),
]

FOLDERS = ("zeek/testing/btest/Traces", "ndpi/tests/cfgs/default/pcap")
FILTER = "(dns || mdns || llmnr) && !icmp && !icmpv6 && !gre && !vxlan && !geneve && !gtp && !_ws.malformed"
LEAST = 0.99
"""The share of names that must agree: the others come out of reassembled fragments and of ports other than DNS's."""


def theirs(capture: Path) -> set[str]:
    command = [
        "tshark",
        "-n",
        "-r",
        str(capture),
        "-Y",
        FILTER,
        "-T",
        "fields",
        "-e",
        "dns.qry.name",
        "-E",
        "occurrence=f",
    ]
    answer = subprocess.run(command, capture_output=True, timeout=60, check=False)
    names = answer.stdout.decode("utf-8", "replace").lower().splitlines()
    return {name for name in names if name and name != "<root>"}


def ours(capture: Path) -> set[str]:
    found: set[str] = set()
    for portion in CaptureReader().portions(capture, Source("00" * 16, "capture", ""), Position(), 0):
        for batch in portion.batches:
            if "dns.question.name" in batch.columns:
                found.update(str(name).lower() for name in batch.columns["dns.question.name"])
    return found


def comparable(name: str) -> bool:
    """Names of other than letters, digits, hyphens and dots have different texts by design: ECS writes \\DDD."""
    return all(letter.isascii() and (letter.isalnum() or letter in "-_.") for letter in name)


def test_tshark_and_we_read_the_same_names() -> None:
    expected, agreed, missed = 0, 0, []
    for folder in FOLDERS:
        for capture in sorted((PACKETS / folder).rglob("*dns*")):
            if not capture.is_file() or not recognises(capture.read_bytes()[:12]):
                continue
            found = ours(capture)
            for name in sorted(filter(comparable, theirs(capture))):
                expected += 1
                if name in found:
                    agreed += 1
                else:
                    missed.append((capture.name, name))
    assert expected > 300
    assert agreed >= LEAST * expected, (agreed, expected, missed)
