"""Names and fingerprints of QUIC against nDPI; FoxIO's own files have no client's fingerprint over QUIC.

The captures are those in which nDPI's expected output has a client's fingerprint of QUIC; the list was frozen before
anything was compared. As for TLS over TCP, nDPI's JA4 is compared without the parts in which it departs from FoxIO's
definition (test_fingerprints.py).

Where we differ: a client hello whose second half was sent to the identifier that the server had chosen meanwhile
(quic_frags_different_dcid) is told without name and fingerprint, since a datagram is decrypted by itself.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sensors.capture.reader import CaptureReader
from sensors.event.model import Source
from sensors.reading.model import Position
from tests.conformance.capture.test_fingerprints import FIELDS, NDPI, comparable, key

pytestmark = pytest.mark.conformance

LISTED = Path(__file__).with_name("quic_captures.txt").read_text(encoding="utf-8").splitlines()
NAMES = ("JA3C", "Hostname/SNI")
LEAST = 0.98


def events(path: Path) -> Iterator[dict[str, object]]:
    for portion in CaptureReader().portions(path, Source("00" * 16, "capture", str(path)), Position(), 0):
        for batch in portion.batches:
            if batch.dataset == "network.quic":
                yield from batch.rows()


def expectations(text: str) -> Iterator[tuple[object, str, str]]:
    for line in text.splitlines():
        match = re.match(r"\t\d+\tUDP (\S+):(\d+) <?->? (\S+):(\d+) ", line)
        fingerprint = re.search(r"\[JA4: (q[^\] ]+)", line)
        between = key(*match.groups()) if match else None
        if between is None or not fingerprint:
            continue
        yield between, "JA4", fingerprint[1]
        for name in NAMES:
            value = re.search(rf"\[{re.escape(name)}: ([^\] ]+)", line)
            if value:
                yield between, name, value[1]


def values(capture: Path) -> dict[tuple[object, str], set[str]]:
    found: dict[tuple[object, str], set[str]] = defaultdict(set)
    for event in events(capture):
        ends = (event["source.ip"], event["source.port"], event["destination.ip"], event["destination.port"])
        between = key(*map(str, ends))
        for name in NAMES:
            if FIELDS[name] in event:
                found[between, name].add(str(event[FIELDS[name]]).lower())
        if "tls.client.ja4" in event:
            found[between, "JA4"].add(comparable(str(event["tls.client.ja4"])))
    return found


def test_the_captures_are_those_that_were_frozen() -> None:
    results = {path.name.removesuffix(".out"): path.read_text(errors="replace") for path in NDPI.glob("result/*.out")}
    assert sorted(name for name, text in results.items() if "[JA4: q" in text) == LISTED


def test_ndpi_and_we_agree_about_quic(record_property: Callable[[str, object], None]) -> None:
    expected: Counter[str] = Counter()
    agreed: Counter[str] = Counter()
    missed: list[object] = []
    for name in LISTED:
        capture = NDPI / "pcap" / name
        found = values(capture)
        for between, what, value in expectations((NDPI / "result" / f"{name}.out").read_text(errors="replace")):
            expected[what] += 1
            if (comparable(value) if what == "JA4" else value.lower()) in found[between, what]:
                agreed[what] += 1
            else:
                missed.append((name, what, value, sorted(found[between, what])))
    record_property("agreed", {what: f"{agreed[what]}/{expected[what]}" for what in expected})
    assert expected.total() > 400
    for what in expected:
        assert agreed[what] >= LEAST * expected[what], (agreed, expected, missed)
