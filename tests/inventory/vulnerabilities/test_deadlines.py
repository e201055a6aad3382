import itertools

import pytest

from inventory.vulnerabilities.deadlines import deadline, duties, rules, rules_of
from inventory.vulnerabilities.errors import VulnerabilityTableUnusable
from inventory.vulnerabilities.exposure import DAY, REACHES
from inventory.vulnerabilities.model import SEVERITIES
from tests.inventory.vulnerabilities.making import NOON


def test_the_first_rule_that_fits_counts() -> None:
    found = deadline("medium", "internet", NOON, rules(), exploited=True)
    assert found is not None
    assert (found.rule.id, found.due) == ("exploited-internet", NOON + 3 * DAY)
    assert not found.overdue(found.due)
    assert found.overdue(found.due + 1)
    assert deadline("none", "internet", NOON, rules()) is None


def test_every_weakness_has_a_deadline_and_a_worse_one_an_earlier() -> None:
    for reach, exploited in itertools.product(REACHES, (True, False)):
        dues = [deadline(one, reach, NOON, rules(), exploited=exploited) for one in SEVERITIES[2:]]
        found = [one.due for one in dues if one]
        assert len(found) == 4
        assert found == sorted(found, reverse=True)
        assert deadline("unknown", reach, NOON, rules(), exploited=exploited) is not None


def test_no_rule_of_ours_is_said_to_be_law() -> None:
    assert not any(rule.verified for rule in rules())
    operator, provider = duties()
    assert (operator.role, operator.days, operator.article) == ("operator", None, "第八条")
    assert (provider.role, provider.days, provider.article) == ("provider", 2, "第七条")
    assert not any(duty.verified for duty in duties())
    assert all(duty.law == "网络产品安全漏洞管理规定" for duty in duties())


@pytest.mark.parametrize(
    "rule",
    [
        {}, {"id": "x", "days": 0, "source": "", "verified": False},
        {"id": "x", "days": "y", "source": "", "verified": False},
        {"id": "x", "days": 1, "source": "", "verified": False, "severity": ["awful"]}, 7,
    ],
)  # fmt: skip
def test_a_table_that_is_wrong_is_told(rule: object) -> None:
    with pytest.raises(VulnerabilityTableUnusable):
        rules_of({"deadlines": [rule]}, "x")
