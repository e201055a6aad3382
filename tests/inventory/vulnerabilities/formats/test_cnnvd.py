from tests.inventory.vulnerabilities.making import advisories, items, reasons


def test_both_kinds_of_entries_are_read() -> None:
    older, newer = advisories(items("good.cnnvd.xml"))
    assert (older.cnnvd, older.cves, older.severity) == ("CNNVD-202610-0991", ("CVE-2026-9991",), "critical")
    assert older.title_zh == "合成：Apache HTTP Server 安全漏洞"
    assert (newer.id, newer.cves, newer.severity) == ("CNNVD-202611-0992", (), "medium"), "the overall severity"


def test_what_breaks_is_told_and_what_stood_before_is_kept() -> None:
    read = items("hostile.cnnvd.xml")
    assert [one.severity for one in advisories(read)] == ["high"]
    assert reasons(read)[0] == "advisory-no-id"
    assert len(reasons(read)) == 2
