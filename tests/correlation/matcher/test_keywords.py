"""Keywords in any value of any column."""

from typing import Any

import pytest

from correlation.matcher import keywords as module
from correlation.matcher.keywords import Keywords, triggers
from correlation.matcher.program import Formula
from correlation.matcher.table import BatchTable
from correlation.rules.condition import Contains, Equals, FieldRef, Glob, Leaf, Regex, Wild
from tests.correlation.matcher.making import make_batch

ATOMS: dict[int, Leaf] = {
    2: Contains(None, "evil"),
    3: Glob(None, (Wild.MANY, "a", Wild.ONE, "c", Wild.MANY)),
    4: Contains(None, "É", cased=True),
}
ROWS: list[dict[str, Any]] = [
    {"x": "an EVIL thing", "y": 1, "z": None},
    {"x": "nothing", "y": 2, "z": {"deep": ["xabcx", 5]}},
    {"x": "é", "y": 3, "z": ["É"]},
    {"x": "", "y": 4, "z": []},
]


def sets(atoms: dict[int, Leaf], rows: list[dict[str, Any]], constants: dict[str, Any]) -> Any:
    table = BatchTable(make_batch(rows, constants=constants), timed=False)
    return Keywords(atoms).sets(table, table.names)


def test_by_row() -> None:
    assert sets(ATOMS, ROWS, {}) == [{2}, {3}, {4}, set()]


def test_without_literals_every_value_is_matched() -> None:
    assert sets({**ATOMS, 5: Regex(None, "^4$")}, ROWS, {}) == [{2}, {3}, {4}, {5}]


def test_constants_count_but_not_what_we_say_of_the_event() -> None:
    keywords = Keywords(ATOMS)
    assert keywords.constants({"event.category": ["evil"], "event.module": "evil", "process.name": "evil.exe"}) == {2}
    assert keywords.constants({"event.category": ["evil"]}) == set()


def test_only_the_columns_that_are_asked_for() -> None:
    table = BatchTable(make_batch(ROWS, constants={}), timed=False)
    assert Keywords(ATOMS).sets(table, ("y", "z")) == [set(), {3}, {4}, set()]
    assert Keywords(ATOMS).sets(table, ()) is None


@pytest.mark.parametrize(
    ("formula", "found"),
    [
        (2, {2}),
        (("and", 2, 3), {2}),  # the longest literal is the rarest
        (("and", 2, 5), {2}),  # a scan does not find what has no literal
        (("and", 5, 9), {9}),  # what is looked up anyway does as well
        (("and", 5, 10), {5}),  # but not what is looked up later
        (("or", 2, 9), {2, 9}),
        (("or", 2, 5), {2, 5}),
        (("and", 9, ("not", 2)), {9}),
        (("or", ("not", 2), 9), {2}),
        (("and", 9, 10), set()),
    ],
)
def test_without_triggers_keywords_make_no_difference(formula: Formula, found: set[int]) -> None:
    atoms = {**ATOMS, 5: Regex(None, "^4$"), 9: Equals("x", "y"), 10: FieldRef("x", "y")}
    assert triggers(formula, atoms.__getitem__) == found


def test_without_a_trigger_nothing_is_said_unless_one_stands_elsewhere() -> None:
    table = BatchTable(make_batch(ROWS, constants={}), timed=False)
    keywords = Keywords({**ATOMS, 5: Contains(None, "trigger")}, [5])
    assert keywords.sets(table, table.names) is None
    assert keywords.sets(table, table.names, triggered=True) == [{2}, {3}, {4}, set()]


def test_nothing_is_said_in_one_word() -> None:
    assert sets(ATOMS, ROWS[3:], {}) is None


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ('a"b\\c', 'xA"B\\Cx'), ("a\nb\x01", "xA\nB\x01"), ("kiwi", "x\u212aiwi"), ("i\u0307x", "a\u0130X"),
        ("登录失败", "用户登录失败。"), ("äb失c", "ÄB失C"), ("12", 4126), ("4126", ["x", {"y": 4126.0}]),
        ("e-07", 1e-07), ("ab", "\ud800ab"), ("true", True), ("xyz", {1: "xyz"}), ("ß", "ß"),
    ],
)
def test_what_json_writes_otherwise(keyword: str, value: object) -> None:
    # Beside other keywords, so that the literals are scanned for; and alone.
    atoms: dict[int, Leaf] = {2: Contains(None, "evil"), 3: Contains(None, keyword)}
    for chosen in (atoms, {3: atoms[3]}):
        assert sets(chosen, [{"x": value, "y": "clean"}, {"x": "clean", "y": None}], {}) == [{3}, set()]
    assert sets({2: atoms[2]}, [{"x": value}], {}) is None


def test_only_odd_characters_become_plain_in_lower_case() -> None:
    odd = {
        chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000
        for lower in chr(code).lower() if lower != chr(code) and module._is_plain(lower) and code >= 128
    }
    assert odd == set(module._ODD)
