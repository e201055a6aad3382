from dataclasses import replace

import pytest
import typst

from api.audits import paper
from api.audits.errors import NoChineseFont
from api.audits.paper import as_images, as_pdf, chinese_font
from api.audits.report import Chapter, Report, report_of
from inventory.audits.service import Audited

HAVE = chinese_font(typst.Fonts().families())


def _latin(report: Report) -> Report:
    """The same report without a sign that only Chinese fonts have."""
    def plain(text: str) -> str:
        return text.encode("ascii", "ignore").decode()

    chapters = [
        Chapter(
            one.name, [plain(figure) for figure in one.figures],
            [
                replace(
                    section, title=plain(section.title), basis=plain(section.basis),
                    lines=[
                        replace(line, name=plain(line.name), unit="", district="", text=plain(line.text))
                        for line in section.lines
                    ],
                )
                for section in one.sections
            ],
            one.clean,
        )
        for one in report.chapters
    ]  # fmt: skip
    return replace(report, chapters=chapters)


def test_a_report_is_set_on_paper_and_no_text_of_a_register_is_markup(found: Audited) -> None:
    report = _latin(report_of(found, None, "en", printed="2026-09-30 08:00", limit=20))
    pdf = as_pdf(report)
    assert pdf.startswith(b"%PDF-")
    pages = as_images(report, resolution=48)
    assert len(pages) >= 2
    assert all(page.startswith(b"\x89PNG") for page in pages)


def test_without_a_chinese_font_nothing_is_set_and_that_is_said(
    found: Audited, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "chinese_font", lambda _families: None)
    with pytest.raises(NoChineseFont):
        as_pdf(report_of(found, None, "zh", printed="now", limit=20))


@pytest.mark.skipif(HAVE is None, reason="no Chinese font is installed")
def test_a_chinese_report_is_set_on_paper(found: Audited) -> None:
    assert as_pdf(report_of(found, None, "zh", printed="now", limit=20)).startswith(b"%PDF-")


def test_the_better_font_is_taken() -> None:
    assert chinese_font(["SimSun", "DejaVu Sans", "Noto Sans CJK SC"]) == "Noto Sans CJK SC"
    assert chinese_font(["DejaVu Sans"]) is None
