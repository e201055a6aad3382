"""Text of any encoding: Chinese is read as Chinese, and no byte vanishes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.parsers.encoding import decode, decode_lines


@pytest.mark.parametrize("text", ["登录失败", "admin 登录失败 from 10.8.1.20", "武汉市江汉区，防火墙告警。"])
def test_gb18030_text_is_read_as_such(text: str) -> None:
    assert decode(text.encode("gb18030")) == (text, "gb18030")
    assert decode(text.encode()) == (text, None)


@pytest.mark.parametrize("data", [b"caf\xe9 au lait", b"\xff\xfe\x00", b"\x81\x40\x82\x50\x90\x60", b"abc\xd6"])
def test_other_bytes_are_spelled_out(data: bytes) -> None:
    text, encoding = decode(data)
    assert encoding == "escaped"
    assert "\\x" in text


@given(st.lists(st.binary(max_size=20).map(lambda line: line.replace(b"\n", b"")), min_size=1, max_size=6))
def test_lines_are_read_one_by_one_where_one_of_them_is_odd(lines: list[bytes]) -> None:
    texts, encodings = decode_lines(lines)
    assert [(text, encodings.get(index)) for index, text in enumerate(texts)] == [decode(line) for line in lines]
    "".join(texts).encode()


def test_utf_16_is_told_by_its_mark_or_its_zeros_line_by_line() -> None:
    for name in ("utf-16-le", "utf-16-be"):
        whole = "first line\nsecond line\n".encode(name)
        texts, encodings = decode_lines(whole.split(b"\n")[:2])
        assert texts == ["first line", "second line"]
        # Line by line the two orders can look alike; Latin text is the same either way.
        assert all(str(encoding).startswith("utf-16") for encoding in encodings.values())
    assert decode("\ufeffmarked".encode("utf-16-le")) == ("marked", "utf-16-le")


def test_an_encoding_that_was_said_holds_where_the_bytes_are_of_it() -> None:
    # Two bytes that are both a rare character and no plausible text: only saying so makes them GBK.
    odd = "镲镴".encode("gbk")
    assert decode_lines([odd], "gbk") == (["镲镴"], {0: "gb18030"})
    assert decode_lines([b"\xff\xff"], "gb18030")[1] == {0: "escaped"}
    assert decode_lines(["中文".encode("utf-16-be")], "utf-16-be") == (["中文"], {0: "utf-16-be"})
