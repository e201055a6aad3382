"""What the expression takes apart is the same as what the parser tells, for rows of every spelling."""

from io import BytesIO
from xml.parsers.expat import ExpatError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.sheets.cells import Cells
from inventory.sheets.container import safe_parser
from inventory.sheets.elements import Elements
from inventory.sheets.model import LIMITS, Limits, Record
from inventory.sheets.plain_rows import plain_rows
from inventory.sheets.strings import Strings
from inventory.sheets.texts import Shown
from inventory.sheets.workbook import Book
from tests.inventory.sheets.making import MAIN

BOOK = Book((), None, ((Shown.NUMBER, "General"), (Shown.DATE, "yyyy-mm-dd"), (Shown.PADDED, "0000")), since_1904=False)
HEAD = f'<?xml version="1.0" encoding="UTF-8"?><worksheet {MAIN}><sheetData>'
TAIL = "</sheetData><mergeCells/></worksheet>"


def strings() -> Strings:
    made = Strings(BytesIO())
    for text in ("零", "one"):
        made.append(text)
    return made


def plainly(document: str, cut: int) -> list[Record]:
    cells = Cells(strings(), BOOK, LIMITS)
    rows = plain_rows(cells, Elements(cells))
    octets = document.encode()
    for begin in range(0, len(octets), cut):
        rows.feed(octets[begin : begin + cut])
    rows.feed(b"")
    return cells.taken()


def by_parser(document: str) -> list[Record]:
    cells = Cells(strings(), BOOK, LIMITS)
    Elements(cells).feed(document.encode(), last=True)
    return cells.taken()


CONTENTS = st.sampled_from([
    '<c r="{r}"><v>12</v></c>', '<c r="{r}" s="1"><v>46082</v></c>', '<c r="{r}" s="1"/>',
    '<c r="{r}" s="2"><v>7</v></c>',
    '<c r="{r}" t="s"><v>0</v></c>', '<c r="{r}" s="0" t="s"><v>1</v></c>', '<c r="{r}" t="b"><v>1</v></c>',
    '<c r="{r}" t="inlineStr"><is><t>甲 乙</t></is></c>', '<c r="{r}" t="inlineStr"><is><t>a&lt;/row&gt;</t></is></c>',
    '<c r="{r}" t="inlineStr"><is><t xml:space="preserve"> x </t></is></c>', '<c r="{r}" t="str"><v>x_x0041_</v></c>',
    '<c r="{r}"><f>A1+1</f><v>2</v></c>', '<c r="{r}" t="e"><v>#N/A</v></c>', '<c t="b" r="{r}"><v>0</v></c>',
    '<c r="{r}" t="inlineStr"><is><r><t>ri</t></r><r><t>ch</t></r></is></c>', '<c r="{r}" ><v>1.50</v></c>',
    '<c r="{r}"><v>007</v></c>', '<c r="{r}"><v>440102199001011234</v></c>', '<c r="{r}"></c>', "",
    '<c r="{r}" t="inlineStr"><is><t><![CDATA[</row><row r="9">]]></t></is></c>', "<!-- </row> -->",
    '<?x </row><row r="9"><c r="A9"><v>1</v></c></row> ?>',
    "<c r='{r}'><v>3</v></c>", '<c r="{r}" t="inlineStr"><is><t>line\r\nend</t></is></c>',
])  # fmt: skip


@given(st.lists(st.lists(CONTENTS, max_size=4), max_size=6), st.integers(1, 400), st.booleans())
def test_both_ways_tell_the_same(rows: list[list[str]], cut: int, spaced: bool) -> None:
    between = "\n  " if spaced else ""
    document = HEAD
    for number, row in enumerate(rows, 2):
        cells = "".join(one.replace("{r}", f"{'ABCD'[column]}{number}") for column, one in enumerate(row))
        document += f'{between}<row r="{number}" spans="1:4">{cells}</row>' if cells else f'<row r="{number}"/>'
    assert plainly(document + TAIL, cut) == by_parser(document + TAIL)


@pytest.mark.parametrize(
    "document",
    [
        '<x:worksheet xmlns:x="m"><x:sheetData><x:row><x:c><x:v>5</x:v></x:c></x:row></x:sheetData></x:worksheet>',
        f"<worksheet {MAIN}><sheetData><row><c><v>5</v></c><c><v>6</v></c></row></sheetData></worksheet>",
        f'<?xml version="1.0" encoding="GB2312"?><worksheet {MAIN}><sheetData/></worksheet>',
        f"<worksheet {MAIN}><sheetData/></worksheet>",
    ],
    ids=["prefix", "no references", "other encoding", "empty"],
)
def test_documents_of_other_spelling_go_to_the_parser(document: str) -> None:
    if "GB2312" in document:
        with pytest.raises(ValueError, match=r"unknown|encoding|multi-byte"):
            plainly(document, 50)
    else:
        assert plainly(document, 50) == by_parser(document)


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="2"><c r="A2"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>',
        '<row r="1048577"><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="XFE1"><v>1</v></c></row>',
        '<row r="1"><c r="1"><v>1</v></c></row><row r="1"/>',
        '<row r="1"><c r="A1" t="s"><v>2</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>-1</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>x</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>x</v></c>',
        '<row r="1">' + "<c>" * 80,
    ],
)
def test_what_no_sheet_holds_is_refused(rows: str) -> None:
    with pytest.raises((ValueError, ExpatError)):
        plainly(HEAD + rows + TAIL, 100)


def test_a_cell_that_is_too_long_is_cut_and_told() -> None:
    document = HEAD + f'<row r="1"><c r="A1" t="inlineStr"><is><t>{"x" * 50_000}</t></is></c></row>' + TAIL
    (record,) = plainly(document, 1 << 18)
    assert len(record.texts[0]) == 32_768
    assert record.faults[0].kind.code == "sheet-cell-too-long"


def test_cells_far_to_the_right_are_told_together() -> None:
    cells = Cells(strings(), BOOK, Limits(columns=3))
    row = '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>2</v></c></row>'
    Elements(cells).feed((HEAD + row + TAIL).encode(), last=True)
    assert cells.taken()[0].texts == ["1", "", "", "2"]


def test_a_parser_refuses_document_types() -> None:
    with pytest.raises(ValueError, match="document type"):
        safe_parser().Parse(b"<!DOCTYPE x><x/>", True)  # noqa: FBT003
