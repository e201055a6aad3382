"""One field against another."""

import pytest

from correlation.matcher import references
from correlation.matcher.engine import Matcher
from tests.correlation.matcher.making import make_batch, make_rule


@pytest.mark.parametrize(
    ("modifiers", "rows"),
    [
        ("fieldref", [0, 3]),
        ("fieldref|startswith", [0, 1, 3]),
        ("fieldref|endswith", [0, 2, 3]),
        ("fieldref|contains", [0, 1, 2, 3]),
    ],
)
def test_relations(modifiers: str, rows: list[int]) -> None:
    rule = make_rule({"s": {f"A|{modifiers}": "B"}, "condition": "s"})
    batch = make_batch(
        [
            {"A": "Bob", "B": "bOB"},
            {"A": "Bobby", "B": "bob"},
            {"A": "xbob", "B": "Bob"},
            {"A": ["x", 1], "B": 1},
            {"A": None, "B": None},
            {"A": [], "B": "x"},
            {"A": {"B": 1}, "B": 1},
        ]
    )
    assert [match.row for match in Matcher([rule]).match(batch)] == rows


def test_constants_and_nested_fields() -> None:
    rule = make_rule({"s": {"user.name|fieldref": "o.target"}, "condition": "s"})
    batch = make_batch([{"o": {"target": "ROOT"}}, {"o": {}}], constants={"user.name": "root"})
    assert [match.row for match in Matcher([rule]).match(batch)] == [0]


def test_an_absent_field_equals_nothing() -> None:
    rule = make_rule({"s": {"A|fieldref": "B"}, "condition": "not s"})
    assert len(Matcher([rule]).match(make_batch([{"A": "x"}]))) == 1


def test_what_a_reference_remembers_is_bounded_and_answers_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(references, "MAX_PAIRS", 10)
    rule = make_rule({"s": {"A|fieldref": "B"}, "condition": "s"})
    matcher = Matcher([rule])
    for _ in range(2):
        batch = make_batch([{"A": str(number), "B": str(number // 2 * 2)} for number in range(60)])
        assert [match.row for match in matcher.match(batch)] == list(range(0, 60, 2))
    answers = references.Answers(str.__eq__)
    assert [answers[str(number), "7"] for number in range(50)].count(True) == 1
    assert len(answers) <= 10


def test_long_pairs_are_remembered_as_far_as_their_characters_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(references, "MAX_CHARACTERS", 1_600)
    answers = references.Answers(str.__contains__)
    for number in range(100):
        assert answers[f"{number:040}", f"{number:03}"]
        assert answers[f"{number:040}", ("x", f"{number:03}")]
        assert sum(len(left) + 3 for left, _ in answers) <= 1_600
    assert len(answers) > 5
    before = len(answers)
    assert not answers["x" * 101, "y"]
    assert len(answers) == before, "one pair may not push out all others"
