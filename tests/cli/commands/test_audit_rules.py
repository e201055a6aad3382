from inventory.audits.rules import rules
from tests.cli.conftest import Run


def test_all_rules_are_listed_with_their_articles(hanwatch: Run) -> None:
    ran = hanwatch("audit", "rules")
    assert ran.status == 0
    assert "cii.assessment-old" in ran.out
    assert "State Council decree 745" in ran.out
    told = hanwatch("audit", "rules", "--json").lines
    assert [one["id"] for one in told] == [rule.id for some in rules().values() for rule in some]
    assert {one["verified"] for one in told if one["origin"] == "proposal"} == {False}
