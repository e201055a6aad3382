import pytest

from correlation.intelligence.keys import key_of, observed_domain, parents, url_key
from tests.correlation.intelligence.making import make


def test_keys_of_all_kinds_differ() -> None:
    texts = ("45.9.148.3", "45.9.148.0/24", "a.example", "http://a.example/", "ab" * 32)
    keys = {key_of(one.kind, one.value) for one in map(make, texts)}
    assert len(keys) == len(texts)


def test_parents_end_at_two_labels() -> None:
    assert list(parents("a.b.evil.example")) == ["a.b.evil.example", "b.evil.example", "evil.example"]
    assert list(parents("example")) == []


def test_names_are_spelled_as_the_book_does() -> None:
    shown = ("WWW.Evil.Example.", "恶意.example", "host", "a" * 300 + ".example")
    assert [observed_domain(text) for text in shown] == ["www.evil.example", "xn--5bu4m.example", None, None]


@pytest.mark.parametrize(
    ("shown", "key"),
    [
        ("HTTP://Evil.example/a#b", b"uevil.example/a"),
        (("evil.example", "/a?b=c"), b"uevil.example/a?b=c"),
        (("evil.example:80", "/"), b"uevil.example/"),
        (("proxy.example", "http://evil.example/a"), b"uevil.example/a"),
        (("evil.example", "*"), None),
        ((None, "/a"), None),
        (("evil.example", None), None),
        (("[::1", "/a"), None),
        ("nonsense", None),
        (7, None),
        ("http://evil.example/" + "a" * 5_000, None),
        ("http://evil.example/\ud800", None),
    ],
)
def test_urls_are_kept_without_their_scheme(shown: object, key: bytes | None) -> None:
    assert url_key(shown) == key
