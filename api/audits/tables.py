"""Findings as rows of CSV and of a workbook: all of them, each with its rule and article, and no cell a formula."""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import Final

from api.audits.documents import basis_text, change_of, finding_text, word
from api.messages import Language, say
from inventory.audits.baseline import Compared
from inventory.audits.service import Audited
from inventory.registers import registers
from inventory.sheets.escaping import defended
from inventory.sheets.writing import Column, Workbook

COLUMNS: Final = (
    "audit", "check", "severity", "title", "register", "key", "name", "unit", "district", "text", "remedy",
    "article", "change", "id",
)  # fmt: skip
_WIDTHS: Final = (14, 28, 8, 30, 14, 20, 24, 24, 16, 50, 40, 50, 8, 18)


def headings(language: Language) -> list[str]:
    """The headings of the columns."""
    return [say(f"audit.column.{name}", language) for name in COLUMNS]


def rows(audited: Audited, compared: Compared | None, language: Language) -> Iterator[Sequence[str]]:
    """A row for every finding, then for every one that is gone."""
    for outcome in audited.outcomes:
        rule = outcome.rule
        name, severity = say(f"audit.name.{rule.audit}", language), say(f"audit.severity.{rule.severity}", language)
        title, remedy, basis = word(rule.title, language), word(rule.remedy, language), basis_text(rule, language)
        for one in outcome.findings:
            change = change_of(one, compared)
            yield (
                name, rule.id, severity, title, word(registers()[one.register].title, language), one.key, one.name,
                one.unit_name or one.unit, one.district_name or one.district, finding_text(one, rule, language),
                remedy, basis, say(f"audit.change.{change}", language) if change else "", one.id,
            )  # fmt: skip
    for gone in () if compared is None else compared.gone:
        told = [
            str(gone.get(key) or "")
            for key in ("basis", "title", "register", "key", "name", "unit_name", "district_name", "text", "id")
        ]
        yield "", told[0], "", *told[1:8], "", "", say("audit.change.gone", language), told[8]


def as_csv(audited: Audited, compared: Compared | None, language: Language) -> Iterator[str]:
    """The lines of a CSV file."""
    kept = StringIO()
    writer = csv.writer(kept)
    for row in chain([headings(language)], rows(audited, compared, language)):
        writer.writerow([defended(cell) for cell in row])
        yield kept.getvalue()
        kept.seek(0)
        kept.truncate()


def write_xlsx(path: Path, audited: Audited, compared: Compared | None, language: Language) -> None:
    """Write a workbook of one sheet.

    Raises:
        SheetUnwritable: the file cannot be written, or there are more findings than a sheet has rows.
    """
    columns = [Column(text, width=width) for text, width in zip(headings(language), _WIDTHS, strict=True)]
    with Workbook(path, say("audit.report.title", language), columns) as workbook:
        for row in rows(audited, compared, language):
            workbook.add(row)

