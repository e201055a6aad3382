from inventory.vulnerabilities.model import Score
from tests.inventory.vulnerabilities.making import coverage, findings, items, reasons


def test_a_report_gives_findings_with_their_scores() -> None:
    read = items("good.openvas.xml")
    weak, route, old = findings(read)
    assert (weak.target, weak.name, weak.port, weak.protocol, weak.severity) == (
        "192.0.2.20", "db-01.example", 443, "tcp", "high",
    )  # fmt: skip
    assert weak.score == Score("3.1", 7.5, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N")
    assert weak.cves == ("CVE-2016-2183",)
    assert (route.port, route.protocol, route.severity) == (0, "tcp", "none")
    assert (old.port, old.cves) == (8443, ("CVE-2014-0160",))
    assert old.score == Score("2.0", 5.0, "AV:N/AC:L/Au:N/C:P/I:N/A:N")
    assert reasons(read) == ["finding-no-host"]


def test_a_report_alone_proves_no_test() -> None:
    (covered,) = coverage(items("good.openvas.xml"))
    assert (covered.target, covered.plugins) == ("192.0.2.20", None)
    assert not covered.covers(443, "tcp", "1.3.6.1.4.1.25623.1.0.108031")


def test_what_is_nested_without_end_is_told() -> None:
    assert reasons(items("hostile.openvas.xml")) == ["xml-too-deep"]
