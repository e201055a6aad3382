"""Objects as columns: every leaf is in one column of one layout, and nothing else is."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sensors.parsers.layouts import MAX_LEAVES, MAX_NAME, Gathering, Layout, grouped, pick

LEAVES: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(0, 3), st.text(max_size=2), st.just([{"x": 1}]), st.just({})
)
OBJECTS: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3), max_leaves=6
)


def layouts(objects: list[dict[str, Any]], keys: str) -> list[Layout]:
    gathering = Gathering()
    for row, (key, entry) in enumerate(zip(keys, objects, strict=True)):
        gathering.add(row, key, entry)
    return list(gathering.layouts())


def flat(prefix: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or not value:
        return {prefix: value}
    return {name: leaf for key, inner in value.items() for name, leaf in flat(f"{prefix}.{key}", inner).items()}


@given(st.lists(st.dictionaries(st.sampled_from("abc"), OBJECTS, min_size=1, max_size=3), min_size=1, max_size=8))
def test_columns_hold_what_flattening_each_object_gives(objects: list[dict[str, Any]]) -> None:
    found: dict[int, dict[str, Any]] = {}
    for layout in layouts(objects, "x" * len(objects)):
        for place, row in enumerate(layout.rows):
            assert row not in found
            found[row] = {name: column[place] for name, column in zip(layout.names, layout.columns, strict=True)}
    expected = [
        {name: leaf for key, value in entry.items() for name, leaf in flat(key, value).items()} for entry in objects
    ]
    assert [found[index] for index in range(len(objects))] == expected


def test_rows_of_different_keys_never_share_a_layout() -> None:
    found = layouts([{"a": 1}, {"a": 1}, {"a": 1}], "xyx")
    assert [(layout.key, list(layout.rows)) for layout in found] == [("x", [0, 2]), ("y", [1])]


def test_layouts_that_cannot_be_events_say_why() -> None:
    assert Layout("x", [0], ("a.b", "a.b"), [[1], [2]]).fault == "ambiguous-keys"
    assert Layout("x", [0], ("a" * 2_000,), [[1]]).fault == "key-too-long"
    assert Layout("x", [0], tuple(map(str, range(5_000))), []).fault == "too-many-fields"
    assert Layout("x", [0], ("a",), [[1]]).fault is None


def test_a_long_name_above_many_leaves_makes_no_text_longer_than_shows_that_it_is_too_long() -> None:
    below = {str(number): 0 for number in range(1_000)}
    found = layouts([{"n" * 500_000: {"m" * 500_000: below}}, {"n" * 1_020: below}], "xx")
    assert [one.fault for one in found] == ["key-too-long", None]
    assert max(map(len, found[0].names)) == MAX_NAME + 1
    many = layouts([{str(number): 0 for number in range(10_000)}], "x")
    assert [(one.fault, len(one.names)) for one in many] == [("too-many-fields", MAX_LEAVES + 1)]


def test_rows_part_by_what_is_made_of_leaves() -> None:
    layout = Layout(None, [4, 5, 6, 7], ("a", "b"), [[1, True, 1, [0]], "wxyz"])
    parts = list(layout.by(("a", "none"), lambda value, none: (type(value).__name__, none)))
    assert [(one.key, list(one.rows), list(one.columns[1])) for one in parts] == [
        (("int", None), [4, 6], ["w", "y"]), (("bool", None), [5], ["x"]), (("list", None), [7], ["z"]),
    ]  # fmt: skip
    assert [(one.key, one.rows) for one in layout.by(("none",), str)] == [("None", [4, 5, 6, 7])]


@given(st.text(alphabet="abc"))
def test_rows_are_grouped_in_order(keys: str) -> None:
    groups = {key: list(rows) for key, rows in grouped(keys).items()}
    assert groups == {key: [row for row, other in enumerate(keys) if other == key] for key in dict.fromkeys(keys)}
    assert all(list(pick(keys, rows)) == [key] * len(rows) for key, rows in grouped(keys).items())
