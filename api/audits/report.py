"""An audit as a report: everything in words, in the order in which it is read, cut where paper would not end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.audits.documents import (
    basis_text,
    change_of,
    figure_text,
    finding_text,
    scope_text,
    word,
)
from api.messages import Language, say
from inventory.audits.baseline import Compared, Earlier
from inventory.audits.service import Audited, Outcome


@dataclass(frozen=True, slots=True)
class Line:
    """One finding."""

    key: str
    name: str
    unit: str
    district: str
    text: str
    id: str
    change: str


@dataclass(frozen=True, slots=True)
class Section:
    """What one rule found; `more` is how many findings are not listed."""

    id: str
    title: str
    severity: str
    severity_text: str
    basis: str
    verified: bool
    remedy: str
    findings: int
    looked: int
    lines: Sequence[Line]
    more: int


@dataclass(frozen=True, slots=True)
class Chapter:
    """One audit: its figures, the rules that found something, and the titles of those that did not."""

    name: str
    figures: Sequence[str]
    sections: Sequence[Section]
    clean: Sequence[str]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report; `words` are the headings that a page needs."""

    language: Language
    title: str
    of: str
    total: str
    compared: str
    later: str
    chapters: Sequence[Chapter]
    gone: Sequence[Line]
    words: dict[str, str]


_WORDS = {
    name: f"audit.{code}"
    for name, code in {
        "summary": "report.summary", "rule": "report.rule", "remedy": "report.remedy", "clean": "report.clean-rules",
        "gone": "report.gone", "severity": "column.severity", "key": "column.key", "name": "column.name",
        "unit": "column.unit", "district": "column.district", "text": "column.text", "id": "column.id",
        "findings": "column.findings", "looked": "column.looked", "title": "column.title", "change": "column.change",
    }.items()
}  # fmt: skip


def report_of(
    audited: Audited, against: tuple[Earlier, Compared] | None, language: Language, *, printed: str, limit: int
) -> Report:
    """The report of an audit, at most `limit` findings of each rule listed; `printed` says when."""
    compared = None if against is None else against[1]
    clean = sum(not one.findings for one in audited.outcomes)
    return Report(
        language=language,
        title=say("audit.report.title", language),
        of=say(
            "audit.report.of", language, day=audited.asked.day, scope=scope_text(audited, language), printed=printed
        ),
        total=say(
            "audit.report.total", language, findings=f"{len(audited.findings):,}", rules=len(audited.outcomes),
            clean=clean,
        ),
        compared="" if against is None else _compared(against[0], against[1], language),
        later=_later(audited, language),
        chapters=[_chapter(audited, name, compared, language, limit) for name in audited.asked.audits],
        gone=[] if compared is None else [_gone(one, language) for one in compared.gone[:limit]],
        words={name: say(code, language) for name, code in _WORDS.items()},
    )  # fmt: skip


def more_text(section: Section, language: Language) -> str:
    """That not all is listed; empty where all is."""
    return say("audit.report.more", language, number=f"{section.more:,}") if section.more else ""


def _gone(told: Mapping[str, Any], language: Language) -> Line:
    """A finding of an earlier audit, as that told it."""
    def of(key: str) -> str:
        return str(told.get(key) or "")

    return Line(
        of("key"), of("name"), of("unit_name"), of("district_name"), of("text"), of("id"),
        say("audit.change.gone", language),
    )  # fmt: skip


def _compared(earlier: Earlier, compared: Compared, language: Language) -> str:
    return say(
        "audit.report.compared", language, day=earlier.day, new=f"{len(compared.new):,}",
        still=f"{len(compared.still):,}", gone=f"{len(compared.gone):,}",
    )  # fmt: skip


def _later(audited: Audited, language: Language) -> str:
    if not audited.later:
        return ""
    told = [f"{rule.id} ({rule.valid_from})" for rule in audited.later]
    return say("audit.report.later", language, rules=told)


def _chapter(audited: Audited, name: str, compared: Compared | None, language: Language, limit: int) -> Chapter:
    outcomes = [one for one in audited.outcomes if one.rule.audit == name]
    return Chapter(
        name=say(f"audit.name.{name}", language),
        figures=[figure_text(figure, language) for audit, figure in audited.figures if audit == name],
        sections=[_section(one, compared, language, limit) for one in outcomes if one.findings],
        clean=[word(one.rule.title, language) for one in outcomes if not one.findings],
    )


def _section(outcome: Outcome, compared: Compared | None, language: Language, limit: int) -> Section:
    rule, findings = outcome.rule, outcome.findings
    if compared is not None:
        # What is new is what whoever compares wants to see.
        findings = sorted(findings, key=lambda one: one.id not in compared.new)
    return Section(
        id=rule.id,
        title=word(rule.title, language),
        severity=rule.severity,
        severity_text=say(f"audit.severity.{rule.severity}", language),
        basis=basis_text(rule, language),
        verified=rule.verified,
        remedy=word(rule.remedy, language),
        findings=len(findings),
        looked=outcome.looked,
        lines=[
            Line(
                one.key, one.name, one.unit_name or one.unit, one.district_name or one.district,
                finding_text(one, rule, language), one.id,
                say(f"audit.change.{change}", language) if (change := change_of(one, compared)) else "",
            )
            for one in findings[:limit]
        ],
        more=max(0, len(findings) - limit),
    )  # fmt: skip
