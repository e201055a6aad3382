import pytest

from inventory.foreign.documents import yaml_of
from inventory.foreign.errors import ForeignUnreadable
from inventory.foreign.questionnaires import Answer, Question, Questionnaire, Risk, parse_questionnaire
from sensors.errors import Place


def answered(*risks: Risk | None, red: int = 50, yellow: int = 30, unknown: int = 15) -> Questionnaire:
    questions = tuple(
        Question("s", "q", (Answer("a", risk or "green", selected=risk is not None),)) for risk in risks
    )
    return Questionnaire("n", questions, {"red": red, "yellow": yellow, "unknown": unknown})


@pytest.mark.parametrize(
    ("risks", "risk"),
    [
        (("red", "green"), "red"), (("red", "green", "green"), "green"), (("red", "yellow", "green"), "yellow"),
        (("green", None, "green"), "unknown"), (("green",) * 9, "green"), ((), "unknown"),
    ],
)  # fmt: skip
def test_the_first_threshold_that_is_reached_says_the_risk(risks: tuple[Risk | None, ...], risk: Risk) -> None:
    assert answered(*risks).risk == risk
    assert answered(*risks).complete == (bool(risks) and None not in risks)


def test_a_threshold_of_nothing_is_always_reached() -> None:
    assert answered("green", red=0).risk == "red", "as the hub has it"


def test_everything_wrong_is_told_with_its_path() -> None:
    said = yaml_of(
        b"name: x\nthresholds: {red: 101, yellow: true, unknown: 1}\nsections:\n- order: -1\n  questions:\n"
        b"  - {order: 1, text: q, includeFor: [{}], excludeFor: [{}], answers: [{order: 1, text: a, risk: blue}, 5]}\n"
        b"- {order: 2, questions: []}\n",
        Place("x"),
    )
    questionnaire, problems = parse_questionnaire(said, "x")
    assert questionnaire is None
    assert {(one.place.field, one.parameters["reason"]) for one in problems if one.place} == {
        ("sections[1].order", "foreign-no-number"),
        ("sections[1].questions[1].excludeFor", "foreign-both"),
        ("sections[1].questions[1].answers[1].risk", "foreign-risk"),
        ("sections[1].questions[1].answers[2].", "foreign-no-object"),
        ("sections[2].questions", "foreign-no-list"),
        ("thresholds.red", "foreign-percent"),
        ("thresholds.yellow", "foreign-percent"),
    }


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"a: &a [1]\nb: *a\n", "foreign-too-large"),
        (b"a: [", "foreign-yaml"),
        (b"a: !!python/object/apply:os.system [ls]", "foreign-yaml"),
        (b"[" * 30_000 + b"]" * 30_000, "foreign-too-large"),
        (b"- 1\n" * 200_001, "foreign-too-large"),
        (b"\xff\xfe\xfa", "foreign-yaml"),
    ],
    ids=["alias", "broken", "tag", "deep", "long", "octets"],
)
def test_hostile_yaml_is_refused(document: bytes, reason: str) -> None:
    with pytest.raises(ForeignUnreadable) as refused:
        yaml_of(document, Place("x"))
    assert refused.value.parameters["reason"] == reason
