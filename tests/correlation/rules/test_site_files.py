"""Mappings that a site writes: read whole, or refused with their line."""

from pathlib import Path

import pytest

from correlation.errors import PlaceholdersInvalid
from correlation.rules import site_files
from correlation.rules.site_files import mapping_of


def test_a_mapping_knows_its_lines(tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\nb: {c: [2]}\n")
    node, value = mapping_of(file, PlaceholdersInvalid)
    assert value == {"a": 1, "b": {"c": [2]}}
    assert [key.start_mark.line for key, _ in node.value] == [0, 1]


def test_nothing_is_an_empty_mapping(tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    file.write_text("# nothing yet\n")
    node, value = mapping_of(file, PlaceholdersInvalid)
    assert (node.value, value) == ([], {})


def test_a_mapping_may_be_merged_into_another(tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    file.write_text("x: &x {p: 1}\ny: {<<: *x, q: 2}\n")
    assert mapping_of(file, PlaceholdersInvalid)[1]["y"] == {"p": 1, "q": 2}


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"- a\n", 1, "not a mapping"),
        (b"a: 1\nb: [\n", 3, "expected"),
        (b"a: 1\nb: 2\na: 3\n", 3, "a stands twice"),
        (b"a: {c: 1,\n c: 2}\n", 2, "c stands twice"),
        (b"a: 1\nb: \xff\n", 2, "UTF-8"),
        (b"a: !!python/object:os.system x\n", 1, "constructor"),
        (b"{[a]: 1}\n", None, "unhashable"),
        (b"a: " + b"x" * 100, None, "longer than 50"),
    ],
)
def test_what_is_none_is_refused_with_its_line(
    content: bytes, line: int | None, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site_files, "MAX_BYTES", 50)
    file = tmp_path / "a.yml"
    file.write_bytes(content)
    with pytest.raises(PlaceholdersInvalid) as refused:
        mapping_of(file, PlaceholdersInvalid)
    assert refused.value.place is not None
    assert reason in str(refused.value.parameters["reason"])
    assert line is None or refused.value.place.line == line
