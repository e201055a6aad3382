import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlation.intelligence.formats.stix_pattern import PatternNotSimpleError, values_of


@pytest.mark.parametrize(
    ("pattern", "values"),
    [
        ("[ipv4-addr:value = '45.9.148.3']", [("ip", "45.9.148.3")]),
        ("[ipv4-addr:value ISSUBSET '45.9.0.0/16']", [("ip", "45.9.0.0/16")]),
        ("[domain-name:value='a.example' OR (url:value = 'http://b.example/\\'\\\\')]",
         [("domain", "a.example"), ("url", "http://b.example/'\\")]),
        ("[file:hashes.'SHA-256' = 'AA' OR file:hashes.MD5 = 'bb']", [("hash", "AA"), ("hash", "bb")]),
        ("([ipv6-addr:value IN ('2a0b::1', '2a0b::2')]) OR [domain-name:value = 'c.example']",
         [("ip", "2a0b::1"), ("ip", "2a0b::2"), ("domain", "c.example")]),
        ("[network-traffic:extensions.'tls-ext'.ja3_hash = 'ee']", [("ja3", "ee")]),
    ],
)  # fmt: skip
def test_values_that_are_enough_by_themselves(pattern: str, values: list[tuple[str, str]]) -> None:
    assert values_of(pattern) == values


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("", "odd"), ("[", "odd"), ("[]", "odd"), ("[ipv4-addr:value = '1", "odd"), ("[ipv4-addr:value = 1]", "odd"),
        ("[ipv4-addr:value = 'a' OR]", "odd"), ("[(ipv4-addr:value = 'a']", "odd"), ("ipv4-addr:value = 'a'", "odd"),
        ("[ipv4-addr:value IN ()]", "odd"), ("[ipv4-addr:value IN ('a' 'b')]", "odd"), ("(" * 60_000, "odd"),
        ("[domain-name:value = 'a'] " + " " * 70_000, "odd"),
        ("[ipv4-addr:value = 'a' AND domain-name:value = 'b']", "complex"),
        ("[ipv4-addr:value = 'a'] FOLLOWEDBY [domain-name:value = 'b']", "complex"),
        ("[domain-name:value LIKE '%.a.example']", "complex"), ("[NOT ipv4-addr:value = 'a']", "complex"),
        ("[ipv4-addr:value = 'a'] WITHIN 5 SECONDS", "complex"), ("[domain-name:value MATCHES 'a+']", "complex"),
    ],
)  # fmt: skip
def test_everything_else_is_told(pattern: str, reason: str) -> None:
    with pytest.raises(PatternNotSimpleError) as refused:
        values_of(pattern)
    assert refused.value.reason == f"stix-pattern-{reason}"


def test_what_is_not_looked_at_is_told() -> None:
    with pytest.raises(PatternNotSimpleError, match="not-looked-at"):
        values_of("[mutex:name = 'x']")


@given(st.text(alphabet="[]()='\\ORIN:,.abv4-", max_size=60))
def test_nothing_else_than_a_refusal_comes_of_noise(text: str) -> None:
    try:
        values_of(text)
    except PatternNotSimpleError:
        return
