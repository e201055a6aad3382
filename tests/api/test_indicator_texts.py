from collections.abc import Iterator
from itertools import product
from typing import get_args

import pytest

from api.indicator_texts import number_text, parts_text, signed, target_text, value_text
from api.messages import LANGUAGES, knows
from inventory.indicators.comparing import Kind
from inventory.indicators.forecasting import Silence
from inventory.indicators.formulas import FORMULAS, Formula
from inventory.indicators.model import CITY, Answer, Holds, Indicator, Measured, Source, Standing, Target, Verdict
from inventory.indicators.weights import DOUBTS
from inventory.model import Words
from inventory.registers import registers


def measured(value: float | None, at_most: float | None, unit: str = "%") -> Measured:
    target = Target(90.0, ">=", "2025-12-31")
    one = Indicator(6, Words("一", "one"), Words("域", "area"), Words(unit, unit), target, "binding", "synthetic")
    return Measured(one, CITY, "2025-12-31", "computed", value, at_most, 4_537, 8_963, "no", "ahead")


def test_everything_that_has_a_code_has_words() -> None:
    reasons = {reason for formula in FORMULAS.values() for reason in _reasons(formula)}
    assert {"own-room", "hosting-contradicts"} <= reasons
    codes = [
        *(f"indicator.met.{code}" for code in get_args(Answer)),
        *(f"indicator.standing.{code}" for code in get_args(Standing)),
        *(f"indicator.verdict.{code}" for code in get_args(Verdict)),
        *(f"indicator.exclusion.{code}" for code in get_args(Holds)),
        *(f"indicator.change.{code}" for code in get_args(Kind)),
        *(f"indicator.source.{code}" for code in get_args(Source)),
        *(f"indicator.forecast.{code}" for code in get_args(Silence)),
        *(f"indicator.lost.{code}" for code in (*DOUBTS, "no-data", "short", "short-no", "short-unknown")),
        *(f"indicator.lost.{code}" for code in ("missed-binding", "stale")),
        *(f"indicator.reason.{code}" for code in (*reasons, "excluded")),
    ]
    assert [code for code in codes if not knows(code)] == []


def _reasons(formula: Formula) -> Iterator[str]:
    """Every reason that a formula can give, by whatever its fields can hold."""
    fields = [registers()[formula.register].by_key[key] for key in formula.fields]
    values = ((*one.choices, None) if one.kind == "choice" else (True, False, None) for one in fields)
    return (formula.judge(*said)[1] for said in product(*values))


def test_numbers_have_two_digits_at_most() -> None:
    assert [number_text(one) for one in (None, 0.0, 100.0, 50.6192, 25_000.0, 12.5)] == [
        "", "0", "100", "50.62", "25,000", "12.5",
    ]  # fmt: skip
    assert [signed(one) for one in (1, 0, -2.5, -0.001, 0.001)] == ["+1", "0", "-2.5", "0", "0"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_value_says_what_it_is_at_most(language: str) -> None:
    known = "zh" if language == "zh" else "en"
    assert value_text(measured(50.0, 50.0), known) == "50 %"
    assert "75.15" in value_text(measured(50.0, 75.15), known)
    assert value_text(measured(50.0, None, "P"), known) != "50 P"
    assert "50" not in value_text(measured(None, None), known)
    assert parts_text(measured(50.0, 50.0)) == "4,537 / 8,963"
    assert target_text(Target(80.0, ">", "2025-12-31")) == "> 80"
