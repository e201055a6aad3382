from pathlib import Path

import orjson
import pytest

from correlation.intelligence.errors import FeedFormatUnknown, FeedUnreadable
from correlation.intelligence.formats.reading import read_feed
from tests.correlation.intelligence.formats.test_stix import SYNTHETIC
from tests.correlation.intelligence.making import ASSUMED


def values(path: Path) -> list[str]:
    return [one.value for portion in read_feed(path, ASSUMED) for one in portion.indicators]


def test_formats_are_told_apart_by_their_content(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("evil.example\n")
    (tmp_path / "b.txt").write_bytes(b"\xef\xbb\xbf  " + orjson.dumps({"type": "bundle", "objects": [SYNTHETIC]}))
    (tmp_path / "c.json").write_bytes(orjson.dumps([SYNTHETIC]))
    event = {"Event": {"Attribute": [{"type": "domain", "value": "misp.example", "to_ids": True}]}}
    (tmp_path / "d.json").write_bytes(orjson.dumps(event))
    (tmp_path / "e.json").write_bytes(b'{"hello": 1}')
    (tmp_path / ".hidden").write_text("hidden.example\n")
    assert values(tmp_path) == ["evil.example", "c2.synthetic.example", "c2.synthetic.example", "misp.example"]
    with pytest.raises(FeedFormatUnknown):
        values(tmp_path / "e.json")
    (tmp_path / "manifest.json").write_bytes(b"{}")
    assert values(tmp_path) == []
    with pytest.raises(FeedUnreadable):
        values(tmp_path / "none")
