from pathlib import Path
from typing import Any

import orjson
import pytest

from correlation.intelligence.errors import FeedUnreadable
from correlation.intelligence.formats.documents import load_document
from correlation.intelligence.formats.stix import bundle_portions
from correlation.intelligence.model import Portion
from sensors.event.times import from_iso
from tests.correlation.intelligence.making import ASSUMED

MAKER = {"type": "identity", "id": "identity--1", "name": "合成情报中心"}
SYNTHETIC = {
    "type": "indicator", "spec_version": "2.1", "id": "indicator--1", "created_by_ref": "identity--1",
    "created": "2025-11-01T00:00:00.000Z", "modified": "2025-11-20T00:00:00.000Z", "name": "synthetic C2",
    "pattern": "[domain-name:value = 'c2.synthetic.example']", "pattern_type": "stix", "confidence": 60,
    "valid_from": "2025-11-02T00:00:00Z", "valid_until": "2026-11-02T00:00:00Z", "labels": ["c2"],
    "object_marking_refs": ["marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
                            "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"],
}  # fmt: skip


def read(folder: Path, *objects: Any) -> Portion:
    (folder / "bundle.json").write_bytes(orjson.dumps({"type": "bundle", "id": "bundle--1", "objects": objects}))
    (portion,) = bundle_portions(load_document(folder / "bundle.json"), str(folder / "bundle.json"), ASSUMED)
    return portion


def test_an_indicator_with_all_that_it_says(tmp_path: Path) -> None:
    (one,) = read(tmp_path, MAKER, SYNTHETIC).indicators
    assert (one.kind, one.value, one.provider) == ("domain", "c2.synthetic.example", "合成情报中心")
    assert (one.confidence, one.marking, one.tags, one.id) == (60, "RED", ("c2",), "indicator--1")
    assert one.seen == from_iso("2025-11-20")
    assert (one.valid_from, one.valid_until) == (from_iso("2025-11-02"), from_iso("2026-11-02"))


def test_revoked_ones_are_taken_back(tmp_path: Path) -> None:
    portion = read(tmp_path, MAKER, SYNTHETIC | {"revoked": True})
    assert (portion.indicators, portion.withdrawn) == ((), (("合成情报中心", "indicator--1"),))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"pattern_type": "sigma"}, "stix-pattern-language"),
        ({"pattern": None}, "stix-pattern-language"),
        ({"pattern": "[mutex:name = 'x']"}, "stix-observable-not-looked-at"),
        ({"pattern": "[domain-name:value = 'localhost']"}, "indicator-no-domain"),
    ],
)
def test_what_is_not_usable_is_told_with_its_place(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    (problem,) = read(tmp_path, SYNTHETIC | change).problems
    assert problem.parameters["reason"] == reason
    assert str(problem.place) == f"{tmp_path / 'bundle.json'} (indicator--1)"


def test_odd_types_do_no_harm(tmp_path: Path) -> None:
    odd = {name: [{"x": 1}] for name in SYNTHETIC} | {"type": "indicator", "pattern": SYNTHETIC["pattern"]}
    portion = read(tmp_path, None, 7, "x", [], {"type": []}, {"type": "identity", "id": 7}, odd)
    assert len(portion.indicators) + len(portion.problems) == 1


@pytest.mark.parametrize("data", [b"", b"{", b"[" * 100_000, b'{"objects": "\xff"}'])
def test_what_is_no_json_is_told(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.json").write_bytes(data)
    with pytest.raises(FeedUnreadable):
        load_document(tmp_path / "x.json")
