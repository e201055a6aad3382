import pytest

from correlation.intelligence.errors import IndicatorUnusable
from correlation.intelligence.normalising import normalised, refanged
from tests.correlation.intelligence.making import JA4, SHA256


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("45.9.148[.]3", "ip", "45.9.148.3"),
        ("::ffff:45.9.148.3", "ip", "45.9.148.3"),
        ("2A0B:0::1", "ip", "2a0b::1"),
        ("45.9.148.77/24", "network", "45.9.148.0/24"),
        ("45.9.148.3/32", "ip", "45.9.148.3"),
        ("EVIL.Example.", "domain", "evil.example"),
        ("*.evil[dot]example", "domain", "evil.example"),
        ("恶意.example", "domain", "xn--5bu4m.example"),
        ("hxxps[:]//EVIL[.]example:443/A?b=C#d", "url", "https://evil.example/A?b=C"),
        ("http://user:pass@evil.example:8080", "url", "http://evil.example:8080/"),
        ("evil.example/gate.php", "url", "http://evil.example/gate.php"),
        ("http://[2a0b::1]/x", "url", "http://[2a0b::1]/x"),
        (SHA256.upper(), "hash", SHA256),
        (JA4, "ja4", JA4),
    ],
)
def test_one_spelling_for_each_value(text: str, kind: str, value: str) -> None:
    assert normalised(text) == (kind, value)
    assert normalised(value) == (kind, value)


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("", None, "indicator-odd-text"),
        ("evil.example\x00", None, "indicator-odd-text"),
        ("evil.example\ud800", None, "indicator-odd-text"),
        ("a" * 3_000, None, "indicator-odd-text"),
        ("two words", None, "indicator-odd-text"),
        ("localhost", None, "indicator-kind-unknown"),
        ("com.cn", None, "indicator-suffix"),
        ("0.0.0.0/0", None, "indicator-network-wide"),
        ("::/3", "network", "indicator-network-wide"),
        ("fe80::1%eth0", "ip", "indicator-no-ip"),
        ("http:///path", None, "indicator-no-url"),
        ("http://evil.example:99999/", None, "indicator-no-url"),
        ("http://[::1/", None, "indicator-no-url"),
        ("-evil-.example", "domain", "indicator-no-domain"),
        ("abc", "hash", "indicator-no-hash"),
        (SHA256, "ja3", "indicator-no-ja3"),
        ("t13", "ja4", "indicator-no-ja4"),
    ],
)
def test_what_is_no_value_says_why(text: str, kind: str, reason: str) -> None:
    with pytest.raises(IndicatorUnusable) as refused:
        normalised(text, kind)  # type: ignore[arg-type]
    assert refused.value.parameters["reason"] == reason


def test_a_text_without_fangs_stays() -> None:
    assert refanged(" https://a.example/[x] ") == "https://a.example/[x]"
