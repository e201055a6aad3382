"""Packets of real exporters (logstash-codec-netflow's cases), read by us and by tshark: the same flows.

Asked of every exporter's packets: the addresses, ports, bytes and packets of each flow, as multisets. The cases are
the files that the corpus has, put together by exporter, templates first; differences are named below with their cause.
"""

import re
import shutil
import socket
import struct
import subprocess
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from sensors.delivery.memory import MemorySpool
from sensors.listening.model import Arrivals
from sensors.listening.netflow.maker import NetflowMaker
from tests.conformance.places import LOGS

pytestmark = pytest.mark.conformance

CASES = LOGS / "logstash-codec-netflow" / "spec" / "codecs"
TSHARK = shutil.which("tshark")
NOW = 1_800_000_000_000_000_000
FIELDS = {
    "source.ip": ("cflow.srcaddr", "cflow.srcaddrv6"),
    "destination.ip": ("cflow.dstaddr", "cflow.dstaddrv6"),
    "source.port": ("cflow.srcport",),
    "destination.port": ("cflow.dstport",),
    "source.packets": ("cflow.packets",),
}
ALL = frozenset(FIELDS)
DIFFERENCES: dict[str, tuple[frozenset[str], str]] = {
    "ipfix_test_procera": (
        frozenset({"source.ip", "destination.ip"}),
        "a template for both families leaves one address empty; tshark lists it, we take the one that is there",
    ),
    "netflow9_test_cisco_nbar": (
        frozenset({"source.port", "destination.port"}),
        "tshark lists tcpSourcePort (182) and udpDestinationPort (181) of the same record too",
    ),
    "ipfix_test_yaf": (
        frozenset({"source.packets"}),
        "packetTotalCount (86) is the flow's packets where there is no packetDeltaCount; tshark names it otherwise",
    ),
    "netflow9_test_h3c": (ALL, "sixteen sets of one record each, as the header says; tshark gives fewer"),
    "netflow9_test_invalid01": (ALL, "the header counts two records and the packet has more; tshark gives none"),
}
"""By exporter, in which fields the two do not agree, and why."""


def _exporters() -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = defaultdict(list)
    for file in sorted(CASES.glob("*.dat"), key=lambda file: ("tpl" not in file.name, file.name)):
        name = re.sub(r"_(tpl|data|opttpl|tplopt|tpls|tpldata|tpl_data).*$", "", file.stem)
        found[name].append(file)
    return dict(found)


def _ours(packets: list[bytes]) -> list[dict[str, Any]]:
    spool = MemorySpool()
    maker = NetflowMaker(spool, "conformance", "netflow")
    made = maker.deliveries([Arrivals("192.0.2.1", packets, 0)], NOW)
    return [row for each in made for batch in each.portion.batches for row in batch.rows()]


def _theirs(packets: list[bytes], folder: Path, names: tuple[str, ...]) -> Counter[str]:
    capture = folder / "netflow.pcap"
    frames = []
    for number, data in enumerate(packets):
        udp = struct.pack(">HHHH", 40_000, 2_055, 8 + len(data), 0) + data
        address = socket.inet_aton("192.0.2.1")
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), number, 0, 64, 17, 0, address, address)
        frames.append(struct.pack("<IIII", number, 0, 20 + len(udp), 20 + len(udp)) + ip + udp)
    capture.write_bytes(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 101) + b"".join(frames))
    assert TSHARK is not None
    command = [TSHARK, "-n", "-r", str(capture), "-d", "udp.port==2055,cflow", "-T", "fields", "-E", "aggregator=,"]
    for name in names:
        command += ["-e", name]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Counter(value for value in re.split(r"[,\t\n]", text) if value)


@pytest.mark.skipif(TSHARK is None, reason="needs tshark")
@pytest.mark.parametrize("exporter", _exporters())
def test_flows_are_those_that_tshark_reads(exporter: str, tmp_path: Path) -> None:
    packets = [file.read_bytes() for file in _exporters()[exporter]]
    rows = _ours(packets)
    differing = frozenset(
        field
        for field, names in FIELDS.items()
        if Counter(str(row[field]) for row in rows if field in row) != _theirs(packets, tmp_path, names)
    )
    expected, _ = DIFFERENCES.get(exporter, (frozenset(), ""))
    assert differing == expected
