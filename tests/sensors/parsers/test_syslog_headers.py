"""Headers of syslog lines as columns: every line is a row, a reject with its reason, or blank."""

from sensors.event.model import Source
from sensors.parser import Lines
from sensors.parsers.blocks import Expression
from sensors.parsers.syslog_headers import Headers, headers_of

HEADER = Expression(r"<(\d+)>(t)?(.*)")


def headers(*texts: str) -> Headers:
    raw = [text.encode() for text in texts]
    return headers_of(HEADER, Lines(Source("00" * 16, "text", "x"), 0, raw, range(len(raw)), 1), texts, "no-header")


def test_lines_that_all_have_a_header_are_all_rows() -> None:
    found = headers("<1>ta", "<191>b")
    assert list(found.rows) == [0, 1]
    assert [list(column) for column in found.columns] == [["1", "191"], ["t", None], ["a", "b"]]
    assert not found.rejects
    assert not found.skipped


def test_each_other_line_is_told_why_in_the_order_of_the_lines() -> None:
    found = headers("x", "<1>ta", " ", "<192>tb", "<999>c", "<2>d", "")
    assert list(found.rows) == [1, 5]
    assert [list(column) for column in found.columns] == [["1", "2"], ["t", None], ["a", "d"]]
    assert [(each.ordinal, each.reason, each.detail) for each in found.rejects] == [
        (1, "no-header", ""), (4, "syslog-odd-priority", "192"), (5, "no-header", ""),
    ]  # fmt: skip
    assert found.skipped == 2


def test_a_block_without_any_header_has_no_rows() -> None:
    found = headers("x", "")
    assert not found.rows
    assert len(found.rejects) == found.skipped == 1
