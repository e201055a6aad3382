from dataclasses import replace

from inventory.vulnerabilities.criteria import Criteria
from inventory.vulnerabilities.model import Configuration, Node
from inventory.vulnerabilities.versions import version_of
from tests.inventory.vulnerabilities.making import advisory, criterion

NAME = "cpe:2.3:a:x:y:*:*:*:*:*:*:*:*"
PRODUCT = ("a", "x", "y")


def test_only_criteria_that_may_have_a_version_are_met() -> None:
    told = [
        advisory("CVE-2026-1001", criterion(NAME, end_excluding="2.0")),
        advisory("CVE-2026-1002", criterion(NAME, start_including="2.0", end_excluding="3.0")),
        advisory("CVE-2026-1003", criterion(NAME)), advisory("CVE-2026-1004", criterion(NAME, end_excluding="x")),
        advisory("CVE-2026-1005", criterion("cpe:2.3:a:x:other:*:*:*:*:*:*:*:*")),
        advisory("CVE-2026-1006", criterion("cpe:2.3:a:x:y*:*:*:*:*:*:*:*:*")),
    ]  # fmt: skip
    criteria = Criteria(told)
    found = [told[one.advisory].id[-1] for one in criteria.entries(PRODUCT, version_of("2.5"))]
    assert sorted(found) == ["2", "3", "4", "6"]
    everything = [told[one.advisory].id[-1] for one in criteria.entries(PRODUCT, None)]
    assert sorted(everything) == ["1", "2", "3", "4", "6"]
    assert criteria.vendors == {"y": {"x"}, "other": {"x"}}


def test_what_is_withdrawn_negated_or_only_a_condition_is_left_out() -> None:
    told = advisory("CVE-2026-1001", criterion(NAME))
    negated = replace(told, configurations=(Configuration((Node("OR", (criterion(NAME),), negate=True),)),))
    condition = advisory("CVE-2026-1002", criterion(NAME, vulnerable=False))
    for left_out in (replace(told, withdrawn=True), negated, condition):
        assert list(Criteria([left_out]).entries(PRODUCT, None)) == []
    assert len(list(Criteria([told]).entries(PRODUCT, None))) == 1
