"""What a search sees of values, by the type of their field."""

from typing import Any

import pytest

from correlation.query.values import (
    DEEPEST,
    LONGEST_NAME,
    LONGEST_VALUE,
    MISFIT,
    Seen,
    canonical,
    ip_bytes,
    ip_text,
    leaves,
    text_of,
)
from sensors.event.fields import FieldType


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("keyword", "a", "a"), ("keyword", True, "true"), ("keyword", 5, "5"), ("keyword", 1e16, "1e+16"),
        ("keyword", "x" * 9_000, "x" * LONGEST_VALUE), ("text", "x" * 9_000, "x" * 9_000),
        ("long", 5, 5), ("long", 5.0, 5), ("long", "5", 5), ("long", "-0", 0), ("long", "05", MISFIT),
        ("long", True, MISFIT), ("long", 1.5, MISFIT), ("long", 2**63, MISFIT), ("long", -(2**63), -(2**63)),
        ("long", "9223372036854775808", MISFIT), ("long", "５", MISFIT), ("long", 1e300, MISFIT),
        ("double", 5, 5.0), ("double", "1.50", 1.5), ("double", "1e3", 1000.0), ("double", "nan", MISFIT),
        ("double", "1e999", MISFIT), ("double", " 1", MISFIT), ("double", False, MISFIT), ("double", "1_0", MISFIT),
        ("boolean", True, True), ("boolean", "false", False), ("boolean", "True", MISFIT), ("boolean", 1, MISFIT),
        ("ip", "10.0.0.1", "10.0.0.1"), ("ip", "2001:DB8:0:0::1", "2001:db8::1"), ("ip", "::ffff:1.2.3.4", "1.2.3.4"),
        ("ip", "010.0.0.1", MISFIT), ("ip", "1.2.3", MISFIT), ("ip", "fe80::1%eth0", MISFIT), ("ip", 5, MISFIT),
        ("ip", "1.2.3.4\0", MISFIT), ("ip", "", MISFIT),
        ("date", "2026-01-01", "2026-01-01T00:00:00.000Z"),
        ("date", "2026-01-01T08:00:00.1234567891+08:00", "2026-01-01T00:00:00.123456789Z"),
        ("date", "1969-12-31", MISFIT), ("date", "2262-01-01", MISFIT), ("date", "2026-02-30", MISFIT),
        ("date", 5, MISFIT), ("date", "x" * 100, MISFIT), ("date", "２０２６-01-01", MISFIT),
        ("object", "a", MISFIT),
    ],
)  # fmt: skip
def test_canonical_values(kind: FieldType, value: Any, expected: Any) -> None:
    found = canonical(kind, value)
    assert found == expected
    assert type(found) is type(expected)


def test_leaves_of_nested_values() -> None:
    value = {"a": {"b": [1, None, {"c": "x"}]}, "d": [[2], []], "e": None, "f": {}}
    assert list(leaves("n", value)) == [("n.a.b", 1), ("n.a.b.c", "x"), ("n.d", 2)]
    assert list(leaves("n", None)) == []
    assert list(leaves("n", "x")) == [("n", "x")]


def test_hostile_names_and_depths_are_not_searched() -> None:
    deep: Any = "x"
    for _ in range(DEEPEST + 1):
        deep = [deep]
    assert list(leaves("n", deep)) == []
    assert list(leaves("n", deep[0])) == [("n", "x")]
    assert list(leaves("n" * (LONGEST_NAME + 1), "x")) == []
    assert list(leaves("n", {"\0": "x"})) == []


def test_addresses_are_compared_as_sixteen_bytes() -> None:
    assert ip_bytes("1.2.3.4") == bytes(10) + b"\xff\xff\x01\x02\x03\x04"
    assert ip_text(ip_bytes("::1") or b"") == "::1"
    assert ip_bytes("nonsense") is None


def test_what_is_seen_of_an_event() -> None:
    seen = Seen({"process.pid": ["5", "x"], "made": {"up": [True]}, "user.name": None})
    assert seen.typed == {"process.pid": [5], "made.up": ["true"]}
    assert seen.misfits == {"process.pid": ["x"]}


def test_texts_of_scalars() -> None:
    assert [text_of(value) for value in ("a", 1, 1.0, 1e16, True, 2**64 - 1)] == [
        "a", "1", "1.0", "1e+16", "true", "18446744073709551615",
    ]  # fmt: skip
