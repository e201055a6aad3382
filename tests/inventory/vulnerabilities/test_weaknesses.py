from dataclasses import replace

from inventory.vulnerabilities.exposure import Weakness
from inventory.vulnerabilities.identifying import Installation
from inventory.vulnerabilities.matching import Matcher
from inventory.vulnerabilities.merging import merged
from inventory.vulnerabilities.model import ScanFinding, Score
from inventory.vulnerabilities.products import products
from inventory.vulnerabilities.rechecking import Scan, folded, identity
from inventory.vulnerabilities.weaknesses import of_finding, of_match, surest
from tests.inventory.vulnerabilities.making import NOON, advisories, items

TOLD = {one.id: one for name in ("nvd", "kev") for one in merged(advisories(items(f"good.{name}.json")))}
FINDING = ScanFinding("nessus", "192.0.2.1", "7", "synthetic", port=443, severity="medium", score=Score("3.1", 5.0))


def of(finding: ScanFinding) -> tuple[Weakness, ...]:
    return of_finding(folded([Scan("s", 100, (finding,))])[identity(finding)], TOLD)


def test_a_match_is_a_weakness_as_sure_as_it_is() -> None:
    told = advisories(items("good.nvd.json"))
    (found,) = Matcher(told, products()).matches([Installation("a", "httpd", "2.4.57")])
    weakness = of_match(found.matches[0], told[0], NOON)
    assert weakness == Weakness("CVE-2026-9991", "critical", NOON, 9.3, exploited=True, certainty="version")


def test_a_finding_is_one_for_each_cve_or_its_plugins() -> None:
    assert of(FINDING) == (Weakness("nessus:7", "medium", 100, 5.0),)
    known, unknown = of(replace(FINDING, cves=("CVE-2026-9991", "CVE-2026-1")))
    assert (known.id, known.exploited, known.ransomware) == ("CVE-2026-9991", True, True)
    assert unknown == Weakness("CVE-2026-1", "medium", 100, 5.0)
    assert of(replace(FINDING, severity="none")) == ()
    state = folded([Scan("s", 100, (FINDING,))])[identity(FINDING)]
    assert of_finding(replace(state, status="closed", closed=1, closed_by="x"), TOLD) == ()


def test_of_several_the_surest_counts_at_its_worst() -> None:
    seen = Weakness("x", "low", 200, None, ransomware=True)
    matched = Weakness("x", "high", 100, 8.0, exploited=True, certainty="check")
    other = Weakness("a", "low", 1)
    both = Weakness("x", "high", 100, 8.0, exploited=True, ransomware=True, certainty="seen")
    assert surest([seen, matched, other]) == surest([other, matched, seen]) == (other, both)
