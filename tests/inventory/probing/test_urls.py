"""What is an address of the web, and what is one site."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.probing.urls import host_of, joined, parsed, registrable


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("HTTP://WWW.Example.GOV.cn", "http://www.example.gov.cn/"),
        ("https://example.gov.cn:443/a b?c=d#e", "https://example.gov.cn/ab?c=d"),
        ("https://武汉.cn/首页", "https://xn--5lwws.cn/%E9%A6%96%E9%A1%B5"),
        ("http://[240E::1]:8080/", "http://[240e::1]:8080/"),
        ("https://example.gov.cn./", "https://example.gov.cn/"),
        ("//example.gov.cn/", None),
        ("ftp://example.gov.cn/", None),
        ("javascript:alert(1)", None),
        ("https://user@example.gov.cn/", None),
        ("https://exa mple/\r\nHost: x", "https://example/Host:x"),
        ("https://a..b/", None),
        ("https://-/", None),
        ("https://x:99999/", None),
        ("https://[::1/", None),
        ("https://" + "a" * 64 + ".cn/", None),
        ("https://x/" + "a" * 3_000, None),
    ],
)
def test_addresses_are_normalised_or_none(text: str, normal: str | None) -> None:
    found = parsed(text)
    assert (None if found is None else str(found)) == normal


@given(st.text(max_size=100), st.text(max_size=100))
def test_nothing_raises_and_what_is_normal_stays(base: str, reference: str) -> None:
    parsed(base)
    found = joined("https://example.gov.cn/a/b", reference)
    if found is not None:
        assert str(parsed(found)) == found
        assert found.isascii()
        assert not set(found) & set("\r\n\t ")


def test_references_are_meant_where_they_stand() -> None:
    assert joined("https://example.gov.cn/a/b", "../c?d") == "https://example.gov.cn/c?d"
    assert joined("https://example.gov.cn/a/b", "//other.cn/") == "https://other.cn/"
    assert joined("https://example.gov.cn/a/b", "mailto:x@y") is None


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.zwgk.wuhan.gov.cn", "wuhan.gov.cn"),
        ("gov.cn", "gov.cn"),
        ("a.b.example.com", "example.com"),
        ("240e::1", "240e::1"),
        ("202.103.24.80", "202.103.24.80"),
    ],
)
def test_what_somebody_registered(host: str, domain: str) -> None:
    assert registrable(host) == domain


def test_no_host_takes_long() -> None:
    begun = time.monotonic()
    assert host_of("a" * 253 + "!") is None
    assert host_of("a." * 120 + "!") is None
    assert time.monotonic() - begun < 0.5
