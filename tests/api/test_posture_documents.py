import pytest

from api.messages import LANGUAGES, Language, knows, say
from api.posture_documents import computed_text, item_document, item_text, name_text, points_text
from correlation.posture.model import (
    CITY,
    GAP_KINDS,
    NOWHERE,
    POINT,
    WHOLE,
    Item,
    Passed,
    Scope,
    Standing,
    Step,
)
from correlation.posture.policy import BANDS, CONFIDENCES, SEVERITIES

SAID = (
    ("declared", 4), ("seen", 1), ("assets", "db-1"), ("severity", "high"), ("state", "new"), ("where", "db-1"),
    ("last", 1_764_590_400 * 10**9), ("name", "fw"), ("name_zh", "防火墙"), ("read", 1), ("total", 4), ("lost", 2),
    ("taken", 7), ("waiting", 3), ("never", 2), ("rules", 9), ("sight", "gone"),
)  # fmt: skip
CODES = (
    "incident", "unseen", *GAP_KINDS, *(f"cap-{name}" for name in (*SEVERITIES, *GAP_KINDS, "all", "sum", "gaps")),
    *(f"floor-{name}" for name in CONFIDENCES),
)  # fmt: skip

SEEN_OF = Standing(CITY, WHOLE, "good", 5_000, "medium", 4, 2, ())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
def test_every_lost_point_has_words(code: str, language: Language) -> None:
    kind = code.partition("-")[0] if code.startswith(("cap-", "floor-")) else "gap"
    item = Item(kind, code, "what", 3 * POINT, (Step("least", POINT), Step("coverage", 5_000)), said=SAID)  # type: ignore[arg-type]  # of the code
    text = item_text(item, SEEN_OF, language)
    assert text
    assert "<" not in text, "a word is missing"
    assert computed_text(item, language)


def test_what_is_said_depends_on_what_is_known() -> None:
    def text(code: str, **said: str | int) -> str:
        item = Item("gap", code, "u", 1, (Step("gap", 1),), said=tuple((dict(SAID) | said).items()))
        return item_text(item, SEEN_OF, "en")

    assert "among them" in text("unseen")
    assert text("unseen", assets="") == "u: no event named it"
    assert "without the fields" in text("rule-gone", sight="fields")
    assert "since 2025-12-01T12:00:00Z" in text("silent-source")
    chinese = Item("gap", "rule-gone", "r", 1, (Step("gap", 1),), said=SAID)
    assert item_text(chinese, SEEN_OF, "zh").startswith("规则 防火墙")


@pytest.mark.parametrize(("language", "words"), [("en", "nothing is declared"), ("zh", "尚未声明")])
def test_where_nothing_is_declared_nobody_says_that_nothing_is_seen(language: Language, words: str) -> None:
    item = Item("floor", "floor-none", "city", 50 * POINT, (Step("least", 50 * POINT), Step("coverage", 0)))
    nothing = Standing(CITY, WHOLE, "not-seen", 0, "none", 0, 0, ())
    unseen = Standing(CITY, WHOLE, "not-seen", 0, "none", 4, 0, ())
    assert words in item_text(item, nothing, language)
    assert "docs/context.md" in item_document(item, nothing, language)["text"]
    assert words not in item_text(item, unseen, language)


def test_how_points_were_computed_can_be_checked_by_hand() -> None:
    steps = (Step("severity-high", 15 * POINT), Step("state-assigned", 8_500), Step("age", 7_500))
    item = Item("incident", "incident", "a", 95_625, steps, said=SAID)
    assert computed_text(item, "en") == "15.00 × 85.0 % × 75.0 %"
    document = item_document(item, SEEN_OF, "en")
    assert [(step["number"], step["share"]) for step in document["steps"]] == [(15, False), (0.85, True), (0.75, True)]
    assert document["points"] == 9.5625
    cap = Item("cap", "cap-low", "", -70 * POINT, (Step("most", 10 * POINT), Step("sum", 80 * POINT)))
    assert computed_text(cap, "en") == "at most 10.00, else 80.00"
    parts = tuple(Passed(f"d{number}", 3 * POINT, 1, 4) for number in range(5))
    passed = Item("incident", "incident", "a", 4, passed=parts, said=SAID)
    assert computed_text(passed, "en") == "d0 3.00 × 25 % + d1 3.00 × 25 % + d2 3.00 × 25 % + 2 more"
    assert len(item_document(passed, SEEN_OF, "en")["passed"]) == 5
    assert points_text(-70 * POINT) == "-70.00"


@pytest.mark.parametrize("language", LANGUAGES)
def test_grades_and_confidences_have_words(language: Language) -> None:
    grades = [f"grade.{name}" for name in (*BANDS, "not-seen")]
    for code in (*grades, *(f"confidence.{name}" for name in CONFIDENCES)):
        assert knows(f"posture.{code}")
        assert say(f"posture.{code}", language)


def test_what_belongs_to_no_district_is_called_so() -> None:
    assert name_text(Scope("district", NOWHERE), "zh") == "不属于任何区的单位"
    assert name_text(Scope("sector", NOWHERE), "en") == "critical, of no sector"
    assert name_text(Scope("unit", NOWHERE), "en") == NOWHERE
    assert name_text(Scope("district", "江岸区"), "en") == "江岸区"
    assert name_text(CITY, "en") == "city"
