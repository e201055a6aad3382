from dataclasses import replace
from itertools import permutations

import pytest
from sqlalchemy import Engine

from inventory.vulnerabilities.book import VulnerabilityBook
from inventory.vulnerabilities.cpe import parse
from inventory.vulnerabilities.kept import Counts, Ownership
from inventory.vulnerabilities.model import CpeMatch
from inventory.vulnerabilities.rechecking import Scan, folded, identity
from tests.inventory.vulnerabilities.making import advisory
from tests.inventory.vulnerabilities.test_rechecking import COVERED, FINDING, SEEN

OTHER = replace(FINDING, port=80)
SCANS = (SEEN, Scan("s2", 200, (), (COVERED,)), Scan("s3", 300, (FINDING, OTHER), (COVERED,)))
TOLD = advisory("CVE-2026-9991", CpeMatch(parse("cpe:2.3:a:x:y:1:*:*:*:*:*:*:*")), modified=100)


@pytest.mark.parametrize("order", list(permutations(SCANS)), ids=lambda order: "".join(one.id for one in order))
def test_findings_stand_the_same_in_whatever_order_scans_come(engine: Engine, order: tuple[Scan, ...]) -> None:
    book = VulnerabilityBook(engine)
    for number, one in enumerate(order):
        book.write((), one, f"{one.id}.nessus", number)
    assert {one.id: one for one in book.findings()} == folded(SCANS)
    assert [one.at for one in book.scans().values()] == [100, 200, 300]


def test_a_scan_says_what_it_changed_and_twice_changes_nothing(engine: Engine) -> None:
    book = VulnerabilityBook(engine)
    said = [book.write((), one, "f", 1) for one in SCANS]
    assert said == [
        Counts(findings=1, opened=1), Counts(closed=1), Counts(findings=2, opened=1, reopened=1)
    ]  # fmt: skip
    before = list(book.findings())
    assert book.has_scan("s3")
    assert book.write((), SCANS[0], "f", 2) == Counts(findings=1)
    assert list(book.findings()) == before


def test_an_advisory_is_replaced_by_what_was_modified_later_and_by_nothing_older(engine: Engine) -> None:
    book = VulnerabilityBook(engine)
    assert book.write([TOLD], None, "f", 5) == Counts(new=1)
    assert book.write([TOLD], None, "f", 6) == Counts(same=1)
    later = replace(TOLD, modified=200, severity="high")
    assert book.write([later, TOLD], None, "f", 7) == Counts(changed=1)
    assert book.write([TOLD, replace(TOLD, source="cnnvd")], None, "f", 8) == Counts(new=1, same=1)
    assert [(one.advisory.source, one.advisory.severity, one.first) for one in book.advisories()] == [
        ("cnnvd", "unknown", 8), ("nvd", "high", 5)
    ]  # fmt: skip


def test_of_one_file_all_is_kept_or_nothing(engine: Engine) -> None:
    book = VulnerabilityBook(engine)
    broken = replace(SEEN, coverage=(replace(COVERED, plugins=None, target="\ud800"),))
    with pytest.raises(TypeError):
        book.write([TOLD], broken, "f", 1)
    assert (list(book.advisories()), list(book.findings()), book.scans()) == ([], [], {})


def test_who_looks_after_a_finding_stays_when_it_is_seen_again(engine: Engine) -> None:
    book = VulnerabilityBook(engine)
    book.write((), SCANS[0], "f", 1)
    book.assign(identity(FINDING), Ownership("Li", "", 1, "Wang"))
    book.assign(identity(FINDING), Ownership("Li Na", "Sunday", 2, "Wang"))
    book.write((), SCANS[2], "f", 3)
    assert book.owners() == {identity(FINDING): Ownership("Li Na", "Sunday", 2, "Wang")}
