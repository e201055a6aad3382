"""Server names of TLS and QUIC, and requests of HTTP, against tshark: how many we find, and how many of ours it has.

The captures are those of nDPI, Zeek and FoxIO whose file's name says http, tls, ssl, quic, sni or web; the list was
frozen before anything was compared. Compared are, for each capture, the distinct (ports, name) and (ports, method,
target), with the ports in one order, since a flow of which the first packet is missing may seem to have begun at its
other end. Left out is what tshark finds in ICMP errors and behind GTP, which are not taken off here, and SSDP, which it
reads with its dissector for HTTP.
"""

import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sensors.capture.reader import CaptureReader
from sensors.event.model import Source
from sensors.reading.model import Position
from tests.conformance.places import PACKETS

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(shutil.which("tshark") is None, reason="the second opinion is tshark: make engines"),
]

LISTED = Path(__file__).with_name("web_captures.txt").read_text(encoding="utf-8").splitlines()
FOLDERS = ("ja4/pcap", "ndpi/tests/cfgs/default/pcap", "zeek/testing/btest/Traces")
WORDS = ("http", "tls", "ssl", "quic", "sni", "web")
LEAST = 0.98

SHOWN = "(tls.handshake.extensions_server_name || (http.request && tcp)) && !icmp && !icmpv6 && !gtp"
FIELDS = (
    "tcp.srcport", "tcp.dstport", "udp.srcport", "udp.dstport", "tls.handshake.extensions_server_name",
    "http.request.method", "http.request.uri",
)
SEPARATOR = "\x01"
Found = set[tuple[str, ...]]


def theirs(capture: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    command = ["tshark", "-n", "-r", str(capture), "-Y", SHOWN, "-T", "fields", "-E", f"aggregator={SEPARATOR}"]
    for field in FIELDS:
        command += ["-e", field]
    answer = subprocess.run(command, capture_output=True, timeout=120, check=False)
    for line in answer.stdout.decode("utf-8", "replace").splitlines():
        columns = [column.split(SEPARATOR) for column in line.split("\t")]
        if len(columns) != len(FIELDS):
            continue
        # Of several headers the innermost counts.
        ports = sorted((columns[0][-1] or columns[2][-1], columns[1][-1] or columns[3][-1]))
        for name in filter(None, columns[4]):
            yield "name", (*ports, name.lower())
        for method, target in zip(columns[5], columns[6], strict=False):
            if method:
                yield "request", (*ports, method, target)


def ours(capture: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    for portion in CaptureReader().portions(capture, Source("00" * 16, "capture", ""), Position(), 0):
        for batch in portion.batches:
            for event in batch.rows():
                ports = sorted((str(event.get("source.port")), str(event.get("destination.port"))))
                if "tls.client.server_name" in event:
                    yield "name", (*ports, event["tls.client.server_name"].lower())
                if "http.request.method" in event:
                    yield "request", (*ports, event["http.request.method"], event["url.original"])


def comparable(value: tuple[str, ...]) -> bool:
    """tshark cuts long texts, and each of us writes octets that are no text in a way of its own."""
    plain = all(letter.isascii() and letter.isprintable() and letter != "\\" for letter in value[-1])
    return plain and len(value[-1]) < 200


def test_the_captures_are_those_that_were_frozen() -> None:
    found = [
        path
        for folder in FOLDERS
        for path in (PACKETS / folder).rglob("*")
        if path.suffix in {".pcap", ".pcapng", ".trace", ".cap"} and any(word in path.name.lower() for word in WORDS)
    ]
    assert sorted(str(path.relative_to(PACKETS)) for path in found if path.is_file()) == sorted(LISTED)


def test_tshark_and_we_read_the_same_server_names_and_requests(
    record_property: Callable[[str, object], None],
) -> None:
    expected: Counter[str] = Counter()
    told: Counter[str] = Counter()
    agreed: Counter[str] = Counter()
    differing: list[object] = []
    for name in LISTED:
        wanted, found = (
            {(kind, value) for kind, value in source(PACKETS / name) if comparable(value)} for source in (theirs, ours)
        )
        expected.update(kind for kind, _ in wanted)
        told.update(kind for kind, _ in found)
        agreed.update(kind for kind, _ in wanted & found)
        if wanted != found:
            differing.append((name, "missed", sorted(wanted - found)[:5], "ours", sorted(found - wanted)[:5]))
    figures = {
        kind: {"recall": f"{agreed[kind]}/{expected[kind]}", "precision": f"{agreed[kind]}/{told[kind]}"}
        for kind in expected
    }
    record_property("agreed", figures)
    assert min(expected["name"], expected["request"]) > 300, figures
    for kind in expected:
        assert agreed[kind] >= LEAST * expected[kind], (figures, differing)
        assert agreed[kind] >= LEAST * told[kind], (figures, differing)
