import re
from html.parser import HTMLParser

import pytest

from api.audits.documents import basis_text
from api.audits.page import as_html
from api.audits.report import report_of
from api.messages import LANGUAGES, Language
from inventory.audits.baseline import Compared, Earlier
from inventory.audits.service import Audited
from tests.api.audits.conftest import HOSTILE


class _Read(HTMLParser):
    """What a browser would make of a page: its elements with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_shows_every_rule_that_found_something_with_its_article(language: Language, found: Audited) -> None:
    text = as_html(report_of(found, None, language, printed="2026-09-30 08:00", limit=100))
    page = _Read(text)
    ids = [attributes["id"] for tag, attributes in page.elements if tag == "h3"]
    assert ids == [one.rule.id for one in found.outcomes if one.findings]
    assert "2026-09-30" in page.text
    for outcome in found.outcomes:
        assert not outcome.findings or basis_text(outcome.rule, language) in page.text


def test_a_page_needs_nothing_else_and_no_text_of_a_register_is_markup(found: Audited) -> None:
    text = as_html(report_of(found, None, "en", printed="now", limit=100))
    assert not re.search(r"(?:src|href)\s*=\s*[\"'](?!#)|@import|url\(", text)
    page = _Read(text)
    assert "script" not in {tag for tag, _ in page.elements}
    assert HOSTILE in page.text


def test_a_page_is_cut_and_says_so(found: Audited) -> None:
    text = as_html(report_of(found, None, "en", printed="now", limit=1))
    assert "1 more are not listed" in text


def test_a_page_tells_what_changed(found: Audited) -> None:
    first = found.findings[0]
    compared = Compared(
        frozenset(one.id for one in found.findings) - {first.id}, frozenset({first.id}),
        [{"id": "x", "key": "S0", "text": "was <b>bad</b>"}],
    )  # fmt: skip
    text = as_html(report_of(found, (Earlier("2026-09-01", "city", {}), compared), "en", printed="now", limit=9))
    assert "against the audit of 2026-09-01" in text
    assert "was &lt;b&gt;bad&lt;/b&gt;" in text
    assert ("td", {"class": "change"}) in _Read(text).elements
    assert ">new</td>" in text
