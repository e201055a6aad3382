"""Lines of JSON taken apart by compiled code: what `orjson` says of them one by one, whatever the lines are."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.event.block import Block
from sensors.event.model import Source
from sensors.parser import Lines
from sensors.parsers import compiling
from sensors.parsers.json_columns import MOST_SHAPES, layouts_of
from sensors.parsers.jsonlines import load
from sensors.parsers.layouts import Layout

SOURCE = Source("00" * 16, "text", "made")
NAMES = st.sampled_from(["a", "b", "a.b", "", "名", "t:0", "x" * 40])
LEAVES: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(-(1 << 53), 1 << 53), st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=6), st.sampled_from(["\\", '"', "},{", ":0", "\x00", "\u2028", "😀"]),
    st.lists(st.one_of(st.integers(0, 9), st.text(max_size=3), st.dictionaries(NAMES, st.integers(0, 9), max_size=2)),
             max_size=3),
    st.just({}),
)  # fmt: skip
ENTRIES = st.dictionaries(
    NAMES, st.recursive(LEAVES, lambda inner: st.dictionaries(NAMES, inner, max_size=3), max_leaves=5), max_size=4
)
ODD = [
    b"", b" ", b"\t", b"{", b"}", b"[", b"]", b'"', b"\\", b",", b":", b"\xff", b"\xd6\xd0", b"\0", b"0", b"1e9",
    b"nul", b'"a":', b'"a":1,', b"{}", b"[]", b"\\ud800", b"\x1f", b"9" * 30, b"-", b"\xef\xbb\xbf", b"[" * 70,
    b'{"a":' * 14,
]  # fmt: skip
WRITTEN = st.builds(
    lambda entry, indent: orjson.dumps(entry, option=orjson.OPT_INDENT_2 if indent else 0).replace(b"\n", b" "),
    ENTRIES, st.booleans(),
)  # fmt: skip


def _broken(line: bytes, at: int, odd: bytes, kept: bool) -> bytes:
    at %= len(line) + 1
    return line[:at] + odd + line[at if kept else at + 1 :]


LINES = st.one_of(
    WRITTEN, WRITTEN, st.builds(_broken, WRITTEN, st.integers(0, 200), st.sampled_from(ODD), st.booleans())
)


def rows(found: list[Layout]) -> dict[int, dict[str, Any]]:
    """Every row's leaves; `repr` tells 1 from 1.0 and True."""
    return {
        row: {name: repr(column[place]) for name, column in zip(one.names, one.columns, strict=True)}
        for one in found
        for place, row in enumerate(one.rows)
    }


def loaded(lines: list[bytes]) -> tuple[Any, ...]:
    given_lines = Lines(SOURCE, 0, lines, range(len(lines)), 1)
    found = load(given_lines)
    layouts = list(found.layouts(given_lines))
    return rows(layouts), found.encodings, sorted(map(repr, found.rejects)), found.skipped


def both(lines: list[bytes], patch: pytest.MonkeyPatch) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    with patch.context() as one:
        one.setattr(compiling, "WORTHWHILE", 1 << 60)
        plain = loaded(lines)
    with patch.context() as one:
        one.setattr(compiling, "WORTHWHILE", 0)
        one.setattr(compiling, "FEWEST", 0)
        return plain, loaded(lines)


@given(st.lists(LINES, min_size=1, max_size=12))
@settings(max_examples=400 if not os.environ.get("PROVE") else 20_000)
def test_lines_are_what_they_are_one_by_one(lines: list[bytes]) -> None:
    plain, compiled = both(lines, pytest.MonkeyPatch())
    assert compiled == plain


def test_usual_lines_are_all_taken() -> None:
    """Else everything would be right and nothing fast."""
    lines = [orjson.dumps({"a": number, "b": {"c": "名", "d": [1, {"e": "}"}]}}) for number in range(50)]
    lines += [b' { "a" : 1 , "b" : { "c" : "\\u00e9\\"" , "d" : null } } ']
    found, left = layouts_of(Block.of(lines))
    assert left == []
    assert [(one.names, len(one.rows)) for one in found] == [(("a", "b.c", "b.d"), 51)]
    assert found[0].columns[1][-1] == 'é"'


@pytest.mark.parametrize("line", [b'{"a":1,"a":2}', b'{"a":{"b":1},"a":{"c":2}}', b'{"a":1,"b":{"c":1,"c":2}}'])
def test_a_name_that_stands_twice_is_left_alone(line: bytes) -> None:
    assert layouts_of(Block.of([line, line])) == ([], [0, 1])


def test_names_that_are_no_text_are_left_alone_before_anybody_is_asked() -> None:
    def fits(_: dict[str, Any]) -> bool:
        raise AssertionError("asked about what is no JSON")

    assert layouts_of(Block.of([b'{"\xff":1}', b'{"\xff":2}']), fits) == ([], [0, 1])


def test_more_shapes_than_there_is_room_for_are_left_alone() -> None:
    lines = [orjson.dumps({f"a{number}": 1}) for number in range(MOST_SHAPES + 100)] * 2
    found, left = layouts_of(Block.of(lines))
    assert len(found) == MOST_SHAPES
    assert all(len(one.rows) == 2 for one in found)
    assert len(left) == 200


def test_names_that_would_be_many_times_their_line_are_left_alone() -> None:
    """Remembered, or made all at once, those of a few lines would fill the memory."""
    lines = [
        orjson.dumps({f"{number}{'n' * 2_000}": {str(leaf): 0 for leaf in range(500)}}) for number in range(20)
    ]
    assert layouts_of(Block.of(lines)) == ([], list(range(20)))
    plain, compiled = both(lines, pytest.MonkeyPatch())
    assert compiled == plain
    assert len(compiled[2]) == 20


def test_a_value_that_is_none_leaves_the_others_of_its_shape_to_the_other_way() -> None:
    good, bad = [b'{"a":%d}' % number for number in range(40)], b'{"a":01}'
    plain, compiled = both([*good, bad, b'{"b":1}'], pytest.MonkeyPatch())
    assert compiled == plain
    assert len(compiled[0]) == 41


CHECKED = """
import random, sys
import orjson
from sensors.event.block import Block
from sensors.parsers.json_columns import layouts_of
from tests.sensors.parsers.test_json_columns import ODD
chance = random.Random(7)
made = [{"a": 1, "b": {"c": "x", "d": [1, 2]}}, {"e": {"f": {"g": None}}}, {"a": "\\\\", "名": {}}]
for turn in range(300):
    lines = []
    for _ in range(chance.randrange(1, 60)):
        line = orjson.dumps(chance.choice(made))
        for _ in range(chance.choice((0, 0, 1, 3))):
            at = chance.randrange(len(line) + 1)
            line = line[:at] + chance.choice(ODD) + line[at + chance.choice((0, 1, 9)):]
        lines.append(line)
    found, left = layouts_of(Block.of(lines))
    assert sorted([*left, *(row for one in found for row in one.rows)]) == list(range(len(lines)))
print("checked")
"""


def test_compiled_code_stays_within_its_arrays(tmp_path: Path) -> None:
    # Code with checks must not be mixed up with what is kept without them.
    environment = os.environ | {"NUMBA_BOUNDSCHECK": "1", "PYTHONPATH": ".", "XDG_CACHE_HOME": str(tmp_path)}
    command = [sys.executable, "-c", CHECKED]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert done.stdout == "checked\n", done.stderr
