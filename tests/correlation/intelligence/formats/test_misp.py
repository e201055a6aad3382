from pathlib import Path
from typing import Any

import orjson
import pytest

from correlation.intelligence.errors import FeedUnreadable
from correlation.intelligence.formats.misp import events_of, read_misp
from correlation.intelligence.formats.reading import read_feed
from correlation.intelligence.model import Portion
from tests.correlation.intelligence.making import ASSUMED, SHA256

UUID = "5d0c2f7e-6f0b-4b86-9a37-1c7a0f6f3a51"


def attribute(kind: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"type": kind, "value": value, "to_ids": True, "uuid": f"{kind}-uuid", "timestamp": "1764000000", **more}


def read(folder: Path, *attributes: Any, **event: Any) -> Portion:
    said = {
        "info": "synthetic event",
        "Orgc": {"name": "合成"},
        "Tag": [{"name": "tlp:green"}],
        "Attribute": attributes,
    }
    (folder / f"{UUID}.json").write_bytes(orjson.dumps({"Event": said | event}))
    (portion,) = read_misp(folder / f"{UUID}.json", ASSUMED)
    return portion


def test_attributes_for_detection_are_indicators(tmp_path: Path) -> None:
    portion = read(
        tmp_path, attribute("ip-dst|port", "45.9.148.3|443"), attribute("domain|ip", "evil.example|45.9.148.4"),
        attribute("filename|sha256", f"a.exe|{SHA256}"), attribute("url", "http://evil.example/x"),
        attribute("domain", "seen.example", to_ids=False),
        Object=[{"Attribute": [attribute("ja3-fingerprint-md5", "ab" * 16)]}, {"deleted": True, "Attribute": [{}]}],
    )  # fmt: skip
    assert [(one.kind, one.value) for one in portion.indicators] == [
        ("ip", "45.9.148.3"), ("domain", "evil.example"), ("ip", "45.9.148.4"), ("hash", SHA256),
        ("url", "http://evil.example/x"), ("ja3", "ab" * 16),
    ]  # fmt: skip
    first = portion.indicators[0]
    assert (first.provider, first.marking, first.name, first.seen) == (
        "合成", "GREEN", "synthetic event", 1_764_000_000_000_000_000,
    )  # fmt: skip


def test_what_is_deleted_is_taken_back_and_what_is_not_usable_told(tmp_path: Path) -> None:
    portion = read(
        tmp_path, attribute("domain", "a.example", deleted=True), attribute("yara", "rule x {}"),
        attribute("ip-src", "nonsense"), attribute("ip-src", 7), attribute("ip-src|port", ""), None, "x", [],
    )  # fmt: skip
    assert portion.indicators == ()
    assert portion.withdrawn == (("合成", "domain-uuid"),)
    assert [problem.parameters["reason"] for problem in portion.problems] == [
        "misp-type-not-looked-at", "indicator-no-ip", "indicator-odd-text", "indicator-odd-text",
    ]  # fmt: skip


def test_a_feed_is_read_by_its_manifest_and_cannot_lead_elsewhere(tmp_path: Path) -> None:
    read(tmp_path, attribute("domain", "evil.example"))
    missing = "00000000-0000-0000-0000-000000000000"
    manifest = {UUID: {}, missing: {}, "../../etc/passwd": {}, "hashes": {}}
    (tmp_path / "manifest.json").write_bytes(orjson.dumps(manifest))
    assert [file.stem for file in events_of(tmp_path)] == [missing, UUID]
    portions = list(read_feed(tmp_path, ASSUMED))
    assert [len(portion.indicators) for portion in portions] == [0, 1, 0]
    (problem,) = portions[0].problems
    assert problem.place is not None
    assert problem.place.file.endswith(f"{missing}.json")


def test_what_is_no_event_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(b'{"Event": []}')
    with pytest.raises(FeedUnreadable):
        list(read_misp(tmp_path / "x.json", ASSUMED))
