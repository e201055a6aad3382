"""Structured data: parameters by element and name, taken by what stands between quotes where that can be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.parsers.syslog_rfc5424 import PREFIX, structured_data

WORDS = st.sampled_from(["a", "b@1", "中"])
PARAMS = st.lists(st.tuples(WORDS, st.text(alphabet='ab ]=["\\', max_size=4)), max_size=4)


def escaped(value: str) -> str:
    return "".join(f"\\{character}" if character in '"\\]' else character for character in value)


@given(st.lists(st.tuples(WORDS, PARAMS), min_size=1, max_size=3))
def test_what_was_written_is_read(elements: list[tuple[str, list[tuple[str, str]]]]) -> None:
    text = "".join(
        f"[{element}{''.join(f' {name}=' + chr(34) + escaped(value) + chr(34) for name, value in params)}]"
        for element, params in elements
    )
    expected: dict[str, list[str]] = {}
    said: set[str] = set()
    for element, params in elements:
        if not params:
            said.add(f"{PREFIX}{element}")
        for name, value in params:
            expected.setdefault(f"{PREFIX}{element}.{name}", []).append(value)
    assert structured_data(text) == {
        **{name: values[0] if len(values) == 1 else values for name, values in expected.items()},
        **dict.fromkeys(said, True),
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-", {}),
        ('[a b="1" c=""]', {"a.b": "1", "a.c": ""}),
        ('[a b="1" b="2"]', {"a.b": ["1", "2"]}),
        ('[a][c d="1"]', {"a": True, "c.d": "1"}),
        (r'[a b="\]\"\\"]', {"a.b": ']"\\'}),
        ('[a b="x" ]', {"a.b": "x"}),
    ],
)
def test_forms(text: str, expected: dict[str, object]) -> None:
    assert structured_data(text) == {f"{PREFIX}{name}": value for name, value in expected.items()}
