"""Rows as flat events."""

from correlation.matcher.rows import flat, flat_row
from tests.correlation.matcher.making import make_batch


def test_columns_constants_and_what_is_nested_are_there_by_name() -> None:
    batch = make_batch([{"a": 1, "b": [{"c": 1}, {"c": 2}]}, {"a": None, "b": []}], constants={"d": {"e": "x"}})
    event = flat_row(batch, 0)
    assert (event["a"], event["b.c"], event["d.e"], event["event.dataset"]) == (1, [1, 2], "x", "test.events")
    assert str(event["@timestamp"]).endswith("Z")
    assert flat_row(batch, 1)["a"] is None


def test_an_object_is_there_under_its_own_name() -> None:
    event = flat({"a": {"b": 1}, "c": [2, {"d": 3}], "e": {}})
    assert (event.get("a"), event.get("c"), event.get("e"), event.get("f", "none")) == ({}, [2, {}], {}, "none")
