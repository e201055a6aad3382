from pathlib import Path

from sensors.capture.writing import Frame, pcap, pcapng, write


def test_headers_and_records() -> None:
    data = pcap([Frame(1_500_000_001_000, b"abc")], link=101)
    assert data[:4] == b"\xd4\xc3\xb2\xa1"
    assert data[20:24] == (101).to_bytes(4, "little")
    assert data[24:] == b"\xdc\x05\0\0\x01\0\0\0\x03\0\0\0\x03\0\0\0abc"


def test_blocks_are_padded_and_carry_the_comment() -> None:
    data = pcapng([Frame(5, b"abc")], comment="synthetic")
    assert b"synthetic" in data
    assert len(data) % 4 == 0
    assert data[-4:] == (36).to_bytes(4, "little")


def test_the_suffix_says_the_form(tmp_path: Path) -> None:
    write(tmp_path / "a.pcapng", [])
    write(tmp_path / "a.pcap", [])
    assert (tmp_path / "a.pcapng").read_bytes()[:4] == b"\x0a\x0d\x0d\x0a"
    assert (tmp_path / "a.pcap").read_bytes()[:4] == b"\xd4\xc3\xb2\xa1"
