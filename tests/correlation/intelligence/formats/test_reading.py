import os
from pathlib import Path

import orjson
import pytest

from correlation.intelligence.errors import FeedFormatUnknown, FeedUnreadable
from correlation.intelligence.formats.reading import read_feed, read_octets
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


def again(path: Path, position: str) -> tuple[list[str], str]:
    """The values that are read after a position, and the next one."""
    portions = list(read_feed(path, ASSUMED, position))
    positions = [portion.position for portion in portions if portion.position is not None]
    assert portions[-1].position == positions[-1], "the last word is a position"
    return [one.value for portion in portions for one in portion.indicators], positions[-1]


def test_files_are_read_again_only_when_they_changed(tmp_path: Path) -> None:
    folder = tmp_path / "feeds"
    folder.mkdir()
    (folder / "a.csv").write_text("a.example\n")
    (folder / "b.csv").write_text("b.example\n")
    found, position = again(folder, "")
    assert found == ["a.example", "b.example"]
    assert again(folder, position) == ([], position)
    (folder / "b.csv").write_text("b2.example\n")
    found, position = again(folder, position)
    assert found == ["b2.example"]
    was = (folder / "b.csv").stat()
    (folder / "b.csv").write_text("b3.example\n")
    os.utime(folder / "b.csv", ns=(was.st_atime_ns, was.st_mtime_ns + 1))
    assert again(folder, position)[0] == ["b3.example"]
    (folder / "a.csv").unlink()
    assert "a.csv" not in again(folder, position)[1]
    one, position = again(folder / "b.csv", "")
    assert (one, again(folder / "b.csv", position)[0]) == (["b3.example"], [])
    assert again(folder / "b.csv", "2026-01-01T00:00:00Z")[0] == one, "a position of another kind is none"


def test_a_broken_file_is_asked_for_again(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"{")
    (tmp_path / "b.csv").write_text("b.example\n")
    _, position = again(tmp_path, "")
    first, *_ = read_feed(tmp_path, ASSUMED, position)
    (problem,) = first.problems
    assert str(problem.place).endswith("a.json")
    os.utime(tmp_path / "b.csv", ns=(0, 0))
    assert again(tmp_path, position)[0] == ["b.example"], "and holds up nobody"


def fetched(data: bytes) -> list[str]:
    return [one.value for portion in read_octets(data, "https://a.example/x", ASSUMED) for one in portion.indicators]


def test_what_was_fetched_is_told_apart_by_its_content(tmp_path: Path) -> None:
    event = {"Event": {"Attribute": [{"type": "domain", "value": "misp.example", "to_ids": True}]}}
    assert fetched(orjson.dumps(event)) == ["misp.example"]
    assert fetched(b"\xef\xbb\xbf" + orjson.dumps([SYNTHETIC])) == ["c2.synthetic.example"]
    assert fetched("指标,类型\nevil.example,域名\n".encode("gb18030")) == ["evil.example"]
    assert fetched(b"") == []
    for wrong in (b"\n<!DOCTYPE html><html>", b'{"hello": 1}'):
        with pytest.raises(FeedFormatUnknown):
            fetched(wrong)
    for wrong in (b"{", b"[ 1", "\ufeff值,类型\n".encode("utf-16") + b"\x00"):
        with pytest.raises(FeedUnreadable, match=r"https://a\.example/x"):
            fetched(wrong)
