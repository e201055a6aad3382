"""Findings and matches of a small city, from its registers and the samples to totals."""

from pathlib import Path

import pytest

from inventory.vulnerabilities.book import VulnerabilityBook
from inventory.vulnerabilities.exposure import DAY
from inventory.vulnerabilities.importing import import_file
from inventory.vulnerabilities.kept import Ownership
from inventory.vulnerabilities.service import city_of, scales
from inventory.vulnerabilities.standing import Standing, match_id, standings, totals
from tests.inventory.filling import Filled
from tests.inventory.vulnerabilities.making import DATA, NOON


@pytest.fixture
def book(filled: Filled) -> VulnerabilityBook:
    filled.fill("units", {"code": "U1", "name": "市局"}, {"code": "U2", "name": "二局"})
    filled.fill("systems", {"code": "S1", "name": "门户", "unit": "U1", "mlps_grade": "3", "public": "是"})
    filled.fill(
        "assets",
        {"code": "A1", "system": "S1", "addresses": "192.0.2.10", "owner": "李"},
        {"code": "A2", "unit": "U2", "addresses": "192.0.2.20"},
    )
    filled.fill("software", {"code": "P1", "vendor": "Apache", "name": "Apache HTTP Server", "version": "2.4.49"})
    filled.fill("installations", {"asset": "A1", "software": "P1"})
    made = VulnerabilityBook(filled.inventory._engine)
    for file in sorted(DATA.glob("good.*")):
        import_file(made, file, NOON)
    return made


def _found(filled: Filled, book: VulnerabilityBook, now: int = NOON) -> list[Standing]:
    return standings(city_of(filled.inventory, book, now), scales(now))


def test_findings_and_matches_stand_with_asset_deadline_and_owner(filled: Filled, book: VulnerabilityBook) -> None:
    first, *_ = found = _found(filled, book)
    assert len(found) == 9
    assert first.match is not None
    assert (first.match.advisory, first.match.certainty, first.match.range) == (
        "CVE-2026-9991", "version", ">=2.4.0 <2.4.58"
    )  # fmt: skip
    assert (first.facts.code, first.facts.unit, first.facts.asset.reach) == ("A1", "市局", "internet")
    assert (first.severity, first.exploited, first.owner) == ("critical", True, "李")
    assert first.due is not None
    assert (first.due.rule.id, first.due.rule.verified, first.due.due) == ("exploited-internet", False, NOON + 3 * DAY)
    # 9.3 × grade 3 × exploited × ransomware × by version × from the internet
    assert first.score == pytest.approx(9.3 * 1.5 * 1.5 * 1.2 * 0.9 * 1.5, abs=0.01)
    seen = next(one for one in found if one.tracked and one.tracked.latest.plugin == "156327")
    assert (seen.facts.code, len(seen.weaknesses), seen.open) == ("A1", 2, True)
    nobody = next(one for one in found if one.tracked and one.tracked.latest.target == "192.0.2.21")
    assert (nobody.facts.code, nobody.facts.unit, nobody.facts.asset.reach) == ("192.0.2.21", "", "unknown")


def test_a_match_is_overdue_from_its_day_on_and_keeps_its_id_and_owner(filled: Filled, book: VulnerabilityBook) -> None:
    (match,) = (one for one in _found(filled, book) if one.match)
    assert match.software is not None
    assert match.id == match_id(match.facts.asset.id, match.software.id, "CVE-2026-9991")
    book.assign(match.id, Ownership("王", "周日", NOON, "李"))
    (later,) = (one for one in _found(filled, book, NOON + 4 * DAY) if one.match)
    assert (later.id, later.owner, later.ownership.note) == (match.id, "王", "周日")
    assert later.due is not None
    assert later.due.overdue(NOON + 4 * DAY)


def test_each_weakness_of_an_asset_counts_once(filled: Filled, book: VulnerabilityBook) -> None:
    found = _found(filled, book)
    first, *others = totals(found, "unit", scales(NOON))
    assert (first.name, first.assets, first.overdue) == ("市局", 1, 0)
    assert [one.weakness for _, one in first.lines] == ["CVE-2026-9991", "CVE-2021-44228", "CVE-2021-45046"]
    assert first.score == pytest.approx(sum(one.score for _, one in first.lines), abs=0.01)
    assert {one.name for one in others} == {"二局", ""}
    assert totals([*found, *found], "unit", scales(NOON))[0].score == first.score
    assert [one.name for one in totals(found, "system", scales(NOON))] == ["门户", ""]


def test_what_is_closed_exposes_to_nothing(filled: Filled, book: VulnerabilityBook, tmp_path: Path) -> None:
    late = (DATA / "good.nessus").read_text(encoding="utf-8").replace("Nov 30 10:00:00", "Nov 30 11:00:00")
    begin, end = late.index('<ReportItem port="8443"'), late.index('<ReportItem port="0"')
    mended = late[:begin].replace("T:8080", "T:8080,T:8443") + late[end:]
    path = tmp_path / "mended.nessus"
    path.write_text(mended, encoding="utf-8")
    assert import_file(book, path, NOON).counts.closed == 1
    closed = [one for one in _found(filled, book) if not one.open]
    assert [(one.score, one.due, one.weaknesses) for one in closed] == [(0.0, None, ())]
