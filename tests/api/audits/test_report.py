from api.audits.report import report_of
from inventory.audits.baseline import Compared, Earlier
from inventory.audits.service import Audited


def test_a_report_has_a_chapter_for_each_audit_and_a_section_for_each_rule_that_found_something(found: Audited) -> None:
    report = report_of(found, None, "en", printed="now", limit=1)
    assert len(report.chapters) == len(found.asked.audits)
    sections = [section for chapter in report.chapters for section in chapter.sections]
    assert sum(section.findings for section in sections) == len(found.findings)
    assert {len(section.lines) for section in sections} == {1}
    assert sum(section.more for section in sections) == len(found.findings) - len(sections)
    clean = sum(len(chapter.clean) for chapter in report.chapters)
    assert len(sections) + clean == len(found.outcomes)
    told = f"{len(found.findings)} findings by {len(found.outcomes)} rules, {clean} of which found nothing"
    assert report.total == told


def test_what_is_new_is_listed_first(found: Audited) -> None:
    several = next(one for one in found.outcomes if len(one.findings) > 1)
    last = several.findings[-1]
    compared = Compared(frozenset({last.id}), frozenset({several.findings[0].id}), [])
    report = report_of(found, (Earlier("2026-09-01", "city", {}), compared), "zh", printed="now", limit=1)
    section = next(
        one for chapter in report.chapters for one in chapter.sections if one.id == several.rule.id
    )
    assert (section.lines[0].id, section.lines[0].change) == (last.id, "新增")
    assert report.compared == "与 2026-09-01 的审计相比：新增 1，仍在 1，消除 0"
