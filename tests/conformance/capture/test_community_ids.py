"""Community ids against the baselines of their specification: all of them, exactly."""

import base64
import json

import pytest

from sensors.capture import community
from sensors.capture.reader import CaptureReader, recognises
from sensors.event.model import Source
from sensors.reading.model import Position
from tests.conformance.places import PACKETS

pytestmark = pytest.mark.conformance

SPECIFICATION = PACKETS / "community-id-spec"


def expected(name: str) -> set[str]:
    return {row["communityid"] for row in json.loads((SPECIFICATION / "baseline" / name).read_text())}


def found() -> set[str]:
    ids: set[str] = set()
    for capture in sorted((SPECIFICATION / "pcaps").glob("*.pcap")):
        assert recognises(capture.read_bytes()[:12])
        source = Source("00" * 16, "capture", str(capture))
        for portion in CaptureReader().portions(capture, source, Position(), 0):
            for batch in portion.batches:
                if batch.dataset == "network.flow":
                    ids.update(batch.columns["network.community_id"])
    return ids


def test_the_flows_of_its_captures_have_the_ids_of_the_specification() -> None:
    assert found() == expected("baseline_deflt.json")


def test_another_seed_gives_the_ids_of_the_specification(monkeypatch: pytest.MonkeyPatch) -> None:
    with_seed = community.community_ids
    monkeypatch.setattr(community, "community_ids", lambda keys: with_seed(keys, 1))
    assert found() == expected("baseline_seed1.json")


def test_without_base64_they_are_the_digests_of_the_specification() -> None:
    # We write base64 only; both forms are of the same digest (the specification's version 1, "optionally base64").
    digests = {"1:" + base64.b64decode(one.removeprefix("1:")).hex() for one in found()}
    assert digests == expected("baseline_nob64.json")
