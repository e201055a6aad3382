"""Pairs: what the scanner says of a line, and that what it has learned of a layout says exactly the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.parsers.declared.pairs import LEARNED_AFTER, MAX_LAYOUTS, MAX_PAIRS, WORDS, Dialect, Pairs, bare, scan

STRICT = Dialect()
DIALECTS = {
    "blanks": STRICT,
    "commas": Dialect(separator=", ", end="."),
    "brackets": Dialect(separator=", ", end=".", tag=";", brackets="()"),
    "tabs": Dialect(separator="\t", quotes="", escapes=False),
    "semicolons": Dialect(separator=";", assign=":"),
    "head": Dialect(quotes="", escapes=False, head="head"),
    "loose": Dialect(loose=True),
}


def found(text: str, dialect: Dialect = STRICT) -> dict[str, str]:
    scanned = scan(text, dialect)
    return {} if scanned is None else dict(zip(scanned.keys, scanned.values, strict=True))


def test_values_stand_in_quotes_or_end_at_the_separator() -> None:
    assert found('a=1 b="two words" c= d="x\\"y" e=p=q') == {
        "a": "1", "b": "two words", "c": "", "d": 'x"y', "e": "p=q",
    }  # fmt: skip


def test_words_without_a_value_are_kept_and_no_value_is_hidden_by_a_second_one() -> None:
    scanned = scan("DF a=1 SYN a=2 ACK", STRICT)
    assert scanned is not None
    assert scanned.words == ("DF", "SYN", "ACK")
    assert dict(zip(scanned.keys, scanned.values, strict=True)) == {"a": "1", "a_": "2"}


def test_a_quote_that_nobody_closed_ends_with_the_line() -> None:
    assert found('a="never closed b=2') == {"a": "never closed b=2"}


def test_a_loose_value_goes_on_until_the_next_key() -> None:
    assert found("msg=a b \\= c src=10.0.0.1 x\\=y last=a\\nb", DIALECTS["loose"]) == {
        "msg": "a b = c", "src": "10.0.0.1 x=y", "last": "a\nb",
    }  # fmt: skip


def test_what_stands_before_the_first_key_is_the_head() -> None:
    assert found("[1.5] drop: IN=eth0 OUT=", DIALECTS["head"]) == {"head": "[1.5] drop: ", "IN": "eth0", "OUT": ""}


@pytest.mark.parametrize(
    ("text", "pairs", "words"),
    [
        ("Seen. (a=1, b=Block)", {"a": "1", "b": "Block"}, ("Seen.",)),
        ("T=1-U=2;Seen. (a=1, b=x (y)).", {"T": "1-U=2", "a": "1", "b": "x (y)"}, ("Seen.",)),
        ("T=1;a=1, b=x (y)", {"T": "1", "a": "1", "b": "x (y)"}, ()),
        ("a=1, b=x;y", {"a": "1", "b": "x;y"}, ()),
        ("a=x (y, b=z)", {"a": "x (y", "b": "z)"}, ()),
        ("Seen. (a=1, b=2", {"b": "2"}, ("Seen. (a=1",)),
        ("Seen; (a=1)", {"a": "1"}, ("Seen;",)),
    ],
)
def test_pairs_stand_in_brackets_behind_a_sentence_and_a_tag(text: str, pairs: dict[str, str], words: object) -> None:
    dialect = DIALECTS["brackets"]
    scanned = scan(bare(text, dialect), dialect)
    assert scanned is not None
    assert (dict(zip(scanned.keys, scanned.values, strict=True)), scanned.words) == (pairs, words)


@pytest.mark.parametrize("text", ["", "no sign at all", "=", "===", "1=2", "a" * 500 + "=1", "words=1 x"])
def test_what_holds_no_pairs_is_left(text: str) -> None:
    groups, left = Pairs(STRICT).take([text], [7])
    assert not groups
    assert left == [7]


def test_too_many_pairs_are_none() -> None:
    assert scan(" ".join(f"k{index}=1" for index in range(MAX_PAIRS + 1)), STRICT) is None


VALUE = st.text(alphabet='ab=" \\,;:\t.', max_size=6)
LINE = st.lists(st.tuples(st.sampled_from(["a", "b", "key", "DF", "x"]), st.sampled_from("=:"), VALUE), max_size=5)


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS.keys())
@settings(max_examples=300, derandomize=True)
@given(shape=LINE, others=st.lists(LINE, max_size=4), values=st.lists(VALUE, min_size=5, max_size=5))
def test_learned_layouts_say_what_the_scanner_says(
    dialect: Dialect,
    shape: list[tuple[str, str, str]],
    others: list[list[tuple[str, str, str]]],
    values: list[str],
) -> None:
    pairs = Pairs(dialect)
    shapes = [shape] * LEARNED_AFTER + others
    shapes += [[(key, sign, value) for (key, sign, _), value in zip(one, values, strict=False)] for one in shapes]
    for text in ["".join(f"{key}{sign}{value}{dialect.separator}" for key, sign, value in one) for one in shapes]:
        groups, left = pairs.take([text], [0])
        scanned = scan(bare(text, dialect), dialect)
        if scanned is None:
            assert left == [0]
            continue
        assert [group.keys for group in groups] == [scanned.keys]
        assert groups[0].words == scanned.words
        assert tuple(groups[0].values[0]) == scanned.values


def test_senders_who_never_say_the_same_twice_are_not_remembered() -> None:
    pairs = Pairs(STRICT)
    for index in range(20 * MAX_LAYOUTS):
        pairs.take([f"k{index}=1 a=2"] * LEARNED_AFTER, range(LEARNED_AFTER))
    assert sum(map(len, pairs._learned.values())) <= MAX_LAYOUTS
    assert len(pairs._seen) <= 4 * MAX_LAYOUTS


def test_lines_with_the_same_keys_are_one_group_with_their_words() -> None:
    groups, left = Pairs(STRICT).take(["a=1 DF b=2", "a=3 DF b=4", "a=5"], [0, 1, 2])
    assert not left
    names, columns = groups[0].columns()
    assert names == ("a", "b", WORDS)
    assert columns == [("1", "3"), ("2", "4"), [["DF"], ["DF"]]]


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS.keys())
def test_long_lines_take_no_longer_than_their_length(dialect: Dialect) -> None:
    for piece in ('a="', "a=\\", " ", "=", "a= ", 'x="\\"', "a b=", "\\", '"'):
        Pairs(dialect).take([piece * 60_000], [0])
