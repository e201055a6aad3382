"""What a rule knows of itself."""

import pytest

from correlation.rules.condition import Present
from correlation.rules.model import LogSource, Rule


def make(**given: object) -> Rule:
    return Rule(**{"id": "x", "title": "t", "logsource": LogSource("windows"), "condition": Present("A"), **given})  # type: ignore[arg-type]


def test_attack_is_derived_from_tags() -> None:
    rule = make(
        tags=("attack.lateral_movement", "attack.t1021.002", "attack.execution", "attack.g0016", "cve.2021-44228")
    )
    assert rule.tactics == ("lateral-movement", "execution")
    assert rule.techniques == ("T1021.002",)


def test_rules_are_equal_only_to_themselves() -> None:
    one = make()
    assert one == one  # noqa: PLR0124 - that is the point
    assert one != make()
    assert len({one, make()}) == 2


def test_a_rule_without_an_id_is_refused() -> None:
    with pytest.raises(ValueError, match="id"):
        make(id="")


def test_a_log_source_can_be_read() -> None:
    assert str(LogSource("windows", None, "security")) == "windows/*/security"
