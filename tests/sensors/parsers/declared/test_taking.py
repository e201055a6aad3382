"""Texts taken apart by templates: rows keep their order, and the first template that fits takes a text."""

from hypothesis import given
from hypothesis import strategies as st

from sensors.errors import Place
from sensors.parsers.declared.model import Message, Messages
from sensors.parsers.declared.taking import _Templates
from sensors.parsers.declared.template import compiled

TEXTS = ["{what:word} a {n:int}", "b {n:int}[ x]", "{:word} {n:int}", "b {rest}"]
LINES = st.lists(st.sampled_from(["x a 1", "b 1", "b 1 x", "b a 2", "y 3", "b y", "z", "", "x  1", "b"]), max_size=20)


def one_by_one(texts: list[str]) -> dict[int, list[tuple[int, tuple[str | None, ...]]]]:
    found: dict[int, list[tuple[int, tuple[str | None, ...]]]] = {}
    templates = [compiled(text) for text in TEXTS]
    for row, text in enumerate(texts):
        for index, template in enumerate(templates):
            match = template.expression.fullmatch(text)
            if match is not None:
                found.setdefault(index, []).append((row, match.groups()[:-1]))
                break
    return found


@given(LINES)
def test_blocks_are_taken_apart_as_their_texts_are(texts: list[str]) -> None:
    take = _Templates(Messages(tuple(Message(text, {"form": text}, Place("x")) for text in TEXTS), strict=True))
    taken, left = take(texts, range(10, 10 + len(texts)))
    expected = one_by_one(texts)
    assert {
        TEXTS.index(one.constants["form"]): [
            (row - 10, tuple(column[at] for column in one.columns)) for at, row in enumerate(one.rows)
        ]
        for one in taken
    } == expected
    assert [TEXTS.index(one.constants["form"]) for one in taken] == sorted(expected)
    rows = {row for found in expected.values() for row, _ in found}
    assert left == [10 + row for row in range(len(texts)) if row not in rows]


def test_what_no_template_takes_is_of_the_format_unless_it_is_strict() -> None:
    messages = (Message("a {b}", {}, Place("x")),)
    taken, left = _Templates(Messages(messages))(["c", "a 1"], [5, 6])
    assert [list(one.rows) for one in taken] == [[6], [5]]
    assert not left
    assert _Templates(Messages(messages, strict=True))(["c"], [5]) == ([], [5])
