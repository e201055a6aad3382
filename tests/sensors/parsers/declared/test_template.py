"""Templates: what they take, what they refuse to be, and that no input makes them slow."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.parsers.declared.errors import TemplateFaulty
from sensors.parsers.declared.template import compiled


def found(template: str, text: str) -> dict[str, str | None] | None:
    one = compiled(template)
    match = one.expression.fullmatch(text)
    return None if match is None else dict(zip(one.names, match.groups()[:-1], strict=True))


@pytest.mark.parametrize(
    ("template", "text", "expected"),
    [
        ("a {b} c", "a x y c", {"b": "x y"}),
        ("a {b} c", "a  c", {"b": ""}),
        ("{a:word}: {b}", "x: y: z", {"a": "x", "b": "y: z"}),
        ("{a:word}[:{p:int}] to", "h:5 to", {"a": "h", "p": "5"}),
        ("{a:word}[:{p:int}] to", "h to", {"a": "h", "p": None}),
        ("{a:ip}:{p:int}", "2001:db8::1:443", {"a": "2001:db8::1", "p": "443"}),
        ("{a:Built|Teardown} x", "Teardown x", {"a": "Teardown"}),
        ("{code:106023}: {t}", "106023: deny", {"code": "106023", "t": "deny"}),
        ("user {u:last} from {a:ip}", "user x from 6.6.6.6 from 1.2.3.4", {"u": "x from 6.6.6.6", "a": "1.2.3.4"}),
        ("[[{a}]] {{x}} {b:rest}", "[1] {x} tail", {"a": "1", "b": "tail"}),
        ("{:word} {b:number}", "skipped -1.5", {"b": "-1.5"}),
        ("中文 {用:word}", "中文 x", None),
    ],
)
def test_a_template_takes_a_text_apart(template: str, text: str, expected: dict[str, str | None] | None) -> None:
    if expected is None:
        with pytest.raises(TemplateFaulty):
            compiled(template)
    else:
        assert found(template, text) == expected


@pytest.mark.parametrize("text", ["a x", "b x c", "a x c ", ""])
def test_the_whole_text_must_fit(text: str) -> None:
    assert found("a {b} c", text) is None


@pytest.mark.parametrize(
    "template",
    ["{a", "a}", "[a", "a]", "[a [b]]", "{a}{b}", "{a}[ x] y", "{a:nothing}", "{a b}", "{a} {a}", "{a:last} {b} c",
     "[{a:last} x] y", "{a:last} {b:last} c"],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(template: str) -> None:
    with pytest.raises(TemplateFaulty) as caught:
        compiled(template)
    assert caught.value.parameters["reason"]


def test_the_first_word_says_whether_a_template_can_be_meant() -> None:
    one = compiled("Failed {a:word} x")
    assert one.begins("Failed")
    assert not one.begins("Failure")
    coded = compiled("{severity:int}-{code:106023}: Deny {rest}")
    assert coded.begins("4-106023:")
    assert not coded.begins("4-106100:")
    assert compiled("{a} x").begins("anything")
    assert compiled("[a ]b {c}").begins("b")


PIECES = st.sampled_from(["a", " ", ":", "{x%d}", "{x%d:word}", "{x%d:int}", "{x%d:ip}", "[ b{x%d:int}]", "{x%d:last}"])


@settings(max_examples=300, derandomize=True)
@given(st.lists(PIECES, min_size=1, max_size=7), st.text(alphabet="ab :1.", max_size=30))
def test_the_first_word_never_hides_a_template_that_takes_the_text(pieces: list[str], text: str) -> None:
    template = "".join(piece % number if "%d" in piece else piece for number, piece in enumerate(pieces))
    try:
        one = compiled(template)
    except TemplateFaulty:
        return
    if one.expression.fullmatch(text) is not None:
        assert one.begins(text.partition(" ")[0])


@pytest.mark.parametrize(
    "template", ["{a:last} from {b:ip} port {c:int}[ x]", "{a} {b} {c} {d}:{e}", "[{a:word} ][{b:word} ]x"]
)
@pytest.mark.parametrize("piece", [" ", "a ", " from ", ":", "1.1.1.1 ", " from 1.1.1.1 port "])
def test_long_texts_take_no_longer_than_their_length(template: str, piece: str) -> None:
    compiled(template).expression.fullmatch(piece * (64_000 // len(piece)))


def test_a_template_is_one_expression() -> None:
    assert isinstance(compiled("a {b}").expression.fullmatch("a x"), re.Match)
