"""The format of an input: found by its first bytes and lines, or said."""

from pathlib import Path

import pytest

from sensors.errors import FormatNotNamed, UnknownFormat, UnreadableInput
from sensors.parsers.evtx_writing import WindowsEvent, evtx_file
from sensors.parsers.registry import line_parsers
from sensors.reading.detection import detect, first_lines, formats, reader_for

DATA = Path(__file__).parents[2] / "data" / "sensors" / "parsers"


# Declared formats carry their samples in their own files: tests/sensors/parsers/test_formats.py.
@pytest.mark.parametrize("name", [parser.name for parser in line_parsers() if (DATA / parser.name).is_dir()])
def test_every_line_format_is_found_among_some_broken_lines(tmp_path: Path, name: str) -> None:
    path = tmp_path / "input"
    sample = (DATA / name / "sample.log").read_bytes()
    path.write_bytes(b"\n\n" + sample + b"\x00\x01 broken\n")
    assert detect(path).format == name


def test_files_with_a_magic_number_are_found(tmp_path: Path) -> None:
    log, capture = tmp_path / "a", tmp_path / "b"
    log.write_bytes(evtx_file([WindowsEvent("System", "test", 1, 0, "ws", {})]))
    capture.write_bytes(bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000"))
    assert detect(log).format == "windows.evtx"
    assert detect(capture).format == "pcap"


def test_every_format_can_be_said_and_has_a_line_in_both_languages() -> None:
    for entry in formats():
        assert reader_for(entry.name).format == entry.name
        assert entry.en
        assert entry.zh


def test_a_format_that_does_not_exist_is_told_with_those_that_do() -> None:
    with pytest.raises(FormatNotNamed) as caught:
        reader_for("suricata")
    assert "suricata.eve" in str(caught.value.parameters["known"])


@pytest.mark.parametrize("data", [b"root:x:0:0\n", b"\xff\xfea\0b\0", b"{}\n", b'{"a":1}\n', b"", b"\n\n", b"\0" * 100])
def test_what_nobody_knows_is_told_with_what_is_known(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "input"
    path.write_bytes(data)
    with pytest.raises(UnknownFormat) as caught:
        detect(path)
    assert "zeek.tsv" in str(caught.value.parameters["known"])


def test_a_file_that_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput):
        detect(tmp_path / "missing")


def test_first_lines_are_whole_and_not_blank() -> None:
    assert first_lines(b"\xef\xbb\xbf a\r\n\n \nb") == [b" a", b"b"]
    assert len(first_lines(b"x\n" * 100)) == 50
    assert first_lines(b"y" * (256 << 10)) == [b"y" * (256 << 10)]
