"""What pages refer to, in whatever state they are."""

import time

import pytest

from inventory.probing.model import Exchange
from inventory.probing.pages import REFERENCES, references, text_of, within

URL = "https://www.example.gov.cn/a/"


def page(body: bytes | str, kind: str = "text/html") -> Exchange:
    data = body.encode() if isinstance(body, str) else body
    return Exchange(URL, 6, "240e::1", 0, status=200, headers=(("Content-Type", kind),), body=data)


def test_links_and_parts() -> None:
    found = references(
        page(
            '<a href="b">1</a><a href="b#c">2</a><area href="/d"><iframe src="//e.cn/"></iframe><a href="#t">t</a>'
            '<a href="javascript:x()">x</a><a href="mailto:x@y">m</a><link rel="stylesheet" href="s.css">'
            '<link rel="next" href="n"><script src="s.js"></script><img src="i.png"><img src="data:image/png;base64,A">'
        )
    )
    assert found.links == (f"{URL}b", "https://www.example.gov.cn/d", "https://e.cn/")
    assert found.parts == (f"{URL}s.css", f"{URL}s.js", f"{URL}i.png")


def test_what_is_no_markup_is_passed_over() -> None:
    body = '<!-- <a href="x"> --><script src="s.js">"<a href=y>"</script><style><a href=z></style><A HREF=\'b&amp;c\'>'
    found = references(page(body))
    assert (found.links, found.parts) == ((f"{URL}b&c",), (f"{URL}s.js",))


def test_a_base_counts() -> None:
    assert references(page('<base href="/z/"><a href="b">1</a>')).links == ("https://www.example.gov.cn/z/b",)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\xff\xfe\x00", b"<" * 2**20, b"<a href=>" * 1_000, b"<div>" * 200_000, b"<!--" * 250_000,
        b"<a " * 350_000, b"<script>" * 130_000, b"<a " + b"x=" * 2**19, b"<a " + b"y='" * 2**18 + b">",
        b"<a b=c>" * 150_000,
    ],
)  # fmt: skip
def test_no_page_is_too_broken_or_takes_long(body: bytes) -> None:
    begun = time.monotonic()
    assert references(page(body)).links == ()
    assert time.monotonic() - begun < 3


def test_what_is_no_html_refers_to_nothing() -> None:
    assert references(page('<a href="b">', "application/json")).links == ()


def test_links_are_bounded() -> None:
    assert len(references(page("".join(f'<a href="{n}">' for n in range(REFERENCES + 100)))).links) == REFERENCES


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("汉望".encode("gb18030"), "text/html; charset=GBK"),
        (b'<meta charset="gb2312">' + "汉望".encode("gb18030"), "text/html"),
        ("汉望".encode(), "text/html"),
        ("汉望".encode("gb18030"), "text/html"),
        ("汉望".encode(), "text/html; charset=nonsense"),
        ("汉望".encode(), "text/html; charset=hex"),
    ],
)
def test_encodings(body: bytes, kind: str) -> None:
    assert text_of(page(body, kind)).endswith("汉望")


def test_what_is_within_a_site() -> None:
    domains = frozenset({"example.gov.cn", "alias.cn"})
    assert within("https://deep.www.example.gov.cn/", domains)
    assert within("https://www.alias.cn/", domains)
    assert not within("https://other.gov.cn/", domains)
    assert not within("https://example.gov.cn.evil.com/", domains)
