"""Values of a column by type: what fits is converted, what does not is told apart."""

from typing import Any

import pytest

from sensors.event.fields import FieldType
from sensors.parsers.values import UNFIT, convert, fits


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("keyword", 5, "5"), ("keyword", True, "true"), ("keyword", [1, "a"], ["1", "a"]), ("keyword", {"a": 1}, UNFIT),
        ("keyword", ["a", "b"], ["a", "b"]), ("keyword", [], []), ("ip", [], []),
        ("ip", ["2001:0db8::0001", "10.8.1.20"], ["2001:db8::1", "10.8.1.20"]),
        ("keyword", [{}], UNFIT), ("long", "17", 17), ("long", "-17", -17), ("long", 2.0, 2), ("long", 2.5, UNFIT),
        ("long", True, UNFIT), ("long", 1 << 63, UNFIT), ("long", "１", UNFIT), ("long", "", UNFIT), ("double", 5, 5.0),
        ("double", "5", UNFIT), ("double", (1 << 53) + 1, UNFIT), ("boolean", 1, UNFIT), ("boolean", True, True),
        ("ip", "::ffff:10.8.1.20", "10.8.1.20"), ("ip", "fe80::1%eth0", "fe80::1"),
        ("ip", "2001:0db8::0001", "2001:db8::1"),
        ("ip", "10.8.1.256", UNFIT), ("ip", 5, UNFIT), ("ip", ["10.8.1.20", "x"], UNFIT),
        ("date", "2026-05-13T07:04:08+0800", "2026-05-12T23:04:08.000Z"), ("date", "yesterday", UNFIT),
    ],
)  # fmt: skip
def test_one_value_alone_and_among_others(kind: FieldType, value: Any, expected: Any) -> None:
    for column in ([value], [value, None], [value] * 3):
        values, fit = convert(column, kind)
        assert list(values) == [None if one is None else expected for one in column]
        assert fit == (expected is not UNFIT)
    if expected is not UNFIT:
        assert fits(expected, kind)
