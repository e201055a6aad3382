"""Fields are found wherever they stand in a layout."""

from typing import Any

import pytest

from correlation.matcher.fields import Layout
from correlation.matcher.table import BatchTable
from correlation.matcher.values import MISSING, OBJECT
from tests.correlation.matcher.making import make_batch

ROWS: list[dict[str, Any]] = [
    {"a.b": "1", "list": [{"x": 1}, {"x": 2}], "obj": {"k": {"l": "deep"}, "m.n": 5}, "both": "text", "both.low": 1},
    {"a.b": None, "list": [], "obj": None, "both": None, "both.low": 2},
]
TABLE = BatchTable(make_batch(ROWS, constants={"c": "const", "d.e": {"f": 7}}), timed=False)


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("a.b", ["1", None]),
        ("list.x", [("1", "2"), MISSING]),
        ("obj.k.l", ["deep", MISSING]),
        ("obj.m.n", ["5", MISSING]),
        ("obj", [OBJECT, None]),
        ("both", [(OBJECT, "text"), (OBJECT, None)]),
    ],
)
def test_varying(name: str, keys: list[Any]) -> None:
    place = Layout(TABLE).place(name)
    assert place.varies
    assert list(place.keys(TABLE)) == keys


@pytest.mark.parametrize(
    ("name", "key"), [("c", "const"), ("d.e.f", "7"), ("d", OBJECT), ("a", OBJECT), ("d.e.g", MISSING)]
)
def test_constant(name: str, key: Any) -> None:
    place = Layout(TABLE).place(name)
    assert not place.varies
    assert place.key(TABLE) == key


@pytest.mark.parametrize("name", ["b", "a.b.", "a.bc", "A.B", "", "lis"])
def test_absent(name: str) -> None:
    place = Layout(TABLE).place(name)
    assert place.absent or place.key(TABLE) is MISSING
