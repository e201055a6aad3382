"""One rule by what people call it."""

import pytest

from correlation.errors import RuleNotFound, RuleNotUnique
from correlation.rules.documents import parse
from correlation.rules.finding import find_rule
from correlation.rules.loading import Loaded
from correlation.rules.model import Rule

TEXT = """
title: Number {0}
name: {1}
id: {2:0<8}-0000-4000-8000-000000000000
hanwatch: {{title_zh: 第{0}条}}
logsource: {{product: hanwatch}}
detection: {{s: {{a: {0}}}, condition: s}}
"""
NAMED = ((1, "one", 1), (2, "two", 2), (3, "two_too", 21))
RULES, _ = parse("---".join(TEXT.format(*one) for one in NAMED), "made.yml")
LOADED = Loaded([rule for rule in RULES if isinstance(rule, Rule)], [])


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("one", "Number 1"), ("TWO", "Number 2"), ("10", "Number 1"), ("number 3", "Number 3"), ("第2条", "Number 2"),
        ("10000000-0000-4000-8000-000000000000", "Number 1"), ("21000000-", "Number 3"),
    ],
)  # fmt: skip
def test_a_rule_is_found_by_id_name_or_title(asked: str, title: str) -> None:
    assert find_rule(LOADED, asked).title == title


@pytest.mark.parametrize("asked", ["three", "", "0000"])
def test_what_is_called_so_by_nobody_is_told(asked: str) -> None:
    with pytest.raises(RuleNotFound):
        find_rule(LOADED, asked)


def test_what_fits_several_is_told_with_them() -> None:
    with pytest.raises(RuleNotUnique) as refused:
        find_rule(LOADED, "2")
    assert len(refused.value.parameters["found"]) == 2  # type: ignore[arg-type] # a list
