import pytest

from inventory.vulnerabilities.contents import advisory_of, document_of, finding_of, packed, unpacked
from inventory.vulnerabilities.rechecking import scan_of
from tests.inventory.vulnerabilities.making import DATA, advisories, coverage, findings, items

FILES = sorted(one.name for one in DATA.iterdir() if one.name.startswith("good."))


@pytest.mark.parametrize("name", FILES)
def test_what_is_kept_comes_back_as_it_was(name: str) -> None:
    read = items(name)
    assert advisories(read) or findings(read)
    assert [advisory_of(document_of(one)) for one in advisories(read)] == advisories(read)
    assert [finding_of(document_of(one)) for one in findings(read)] == findings(read)
    scan, _ = scan_of("s", 7, read)
    assert unpacked("s", 7, packed(scan)) == scan


def test_coverage_is_among_what_comes_back() -> None:
    scan, _ = scan_of("s", 7, items("good.nessus"))
    (covered,) = unpacked("s", 7, packed(scan)).coverage
    assert [covered] == coverage(items("good.nessus"))
    assert covered.plugins
