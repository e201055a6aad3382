from inventory.vulnerabilities.formats.nessus import ports_of
from inventory.vulnerabilities.model import Score
from sensors.event.times import from_iso
from tests.inventory.vulnerabilities.making import coverage, findings, items, reasons


def test_a_report_gives_findings_and_what_was_covered() -> None:
    read = items("good.nessus")
    first, second, third = findings(read)
    assert (first.target, first.name, first.port, first.plugin, first.severity) == (
        "192.0.2.10", "web-01.example", 8443, "156327", "critical",
    )  # fmt: skip
    assert first.cves == ("CVE-2021-44228", "CVE-2021-45046")
    assert first.score == Score("3.1", 10.0, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H")
    assert first.evidence == "answer <script>"
    assert first.seen == from_iso("2026-11-30T10:00:00Z")
    assert (second.port, second.severity) == (0, "none")
    assert third.target == "192.0.2.11"
    (covered,) = coverage(read)
    assert covered.covers(443, "tcp", "10267")
    assert covered.covers(161, "udp", "10267")
    assert covered.covers(8443, "tcp", "156327"), "it was seen there"
    assert [one.credentialed for one in (first, third, covered)] == [True, False, True]
    assert not covered.covers(9000, "tcp", "10267")
    assert not covered.covers(443, "tcp", "99999")
    assert reasons(read) == ["finding-no-plugin"]


def test_entities_are_refused() -> None:
    read = items("hostile.nessus")
    assert findings(read) == []
    assert reasons(read) == ["xml-forbidden"]


def test_ranges_of_ports_are_proven_only_where_they_are_spelled_out() -> None:
    assert ports_of("default") == ()
    assert ports_of("all") == (("tcp", 1, 65_535),)
    assert ports_of("T:22,80-81,U:53,9-3,70000,x") == (("tcp", 22, 22), ("tcp", 80, 81), ("udp", 53, 53))
