"""Community ids against the baselines of their specification: all of them, exactly."""

import json
from pathlib import Path

import numpy as np
import pytest

from sensors.capture import text
from sensors.capture.reader import CaptureReader, recognises
from sensors.event.model import Source
from sensors.reading.model import Position

pytestmark = pytest.mark.conformance

SPECIFICATION = Path(__file__).parents[3].parent / "shared" / "data" / "packets" / "community-id-spec"


def expected(name: str) -> set[str]:
    return {row["communityid"] for row in json.loads((SPECIFICATION / "baseline" / name).read_text())}


def test_the_flows_of_its_captures_have_the_ids_of_the_specification() -> None:
    found: set[str] = set()
    for capture in sorted((SPECIFICATION / "pcaps").glob("*.pcap")):
        assert recognises(capture.read_bytes()[:12])
        source = Source("00" * 16, "capture", str(capture))
        for portion in CaptureReader().portions(capture, source, Position(), 0):
            for batch in portion.batches:
                if batch.dataset == "network.flow":
                    found.update(batch.columns["network.community_id"])
    assert found == expected("baseline_deflt.json")


def test_another_seed_gives_the_ids_of_the_specification() -> None:
    one = next(
        row
        for row in json.loads((SPECIFICATION / "baseline" / "baseline_seed1.json").read_text())
        if row["saddr"] == "192.168.1.52"
    )
    key = np.array([[0, 0x08080808, 0, 0xC0A80134, 53 << 32 | 54_585 << 16 | 17 << 8 | 4, 0]], dtype=np.uint64)
    assert text.community_ids(key, 1) == [one["communityid"]]
