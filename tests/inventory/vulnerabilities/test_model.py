import pytest

from inventory.vulnerabilities.model import Advisory, Coverage, ScanFinding, Score, severity_of


@pytest.mark.parametrize(
    ("score", "severity"),
    [(0.0, "none"), (0.1, "low"), (3.9, "low"), (4.0, "medium"), (6.9, "medium"), (7.0, "high"), (9.0, "critical")],
)
def test_scores_have_the_names_of_cvss(score: float, severity: str) -> None:
    assert severity_of(score) == severity


def test_values_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="0 to 10"):
        Score("3.1", 11.0)
    with pytest.raises(ValueError, match="target"):
        ScanFinding("nessus", "", "1", "x")
    with pytest.raises(ValueError, match="port"):
        ScanFinding("nessus", "a", "1", "x", port=70_000)
    with pytest.raises(ValueError, match="id"):
        Advisory("", "nvd")


def test_coverage_is_proven_for_port_and_plugin_together() -> None:
    covered = Coverage("nessus", "192.0.2.1", (("", 0, 0), ("tcp", 1, 1024)), frozenset({"7"}), 1)
    assert covered.covers(443, "tcp", "7")
    assert covered.covers(0, "tcp", "7")
    assert not covered.covers(443, "udp", "7")
    assert not covered.covers(8080, "tcp", "7")
    assert not covered.covers(443, "tcp", "8")
    assert not Coverage("nessus", "192.0.2.1", (("tcp", 1, 65_535),), None, 1).covers(443, "tcp", "7")


def test_the_score_of_the_latest_version_counts() -> None:
    both = Advisory("CVE-2026-9991", "nvd", scores=(Score("2.0", 5.0), Score("4.0", 9.3), Score("3.1", 9.8)))
    assert both.score == Score("4.0", 9.3)
