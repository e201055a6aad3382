from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.datetime import to_excel

from inventory.sheets.texts import Shown, faults_of, shown_as, spelled_number, trimmed


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("General", Shown.NUMBER), ("0.00", Shown.NUMBER), ("0.00E+00", Shown.NUMBER), ("@", Shown.NUMBER),
        ('#,##0"days"', Shown.NUMBER), ("[Red]0", Shown.NUMBER), ("000000", Shown.PADDED),
        ('yyyy"年"m"月"d"日"', Shown.DATE), ("[$-804]yyyy/m/d;@", Shown.DATE), ("mmm-yy", Shown.DATE),
        ("yyyy-mm-dd hh:mm", Shown.MOMENT), ("h:mm AM/PM", Shown.TIME), ("[h]:mm:ss", Shown.DURATION),
    ],
)  # fmt: skip
def test_a_format_says_what_a_number_is(code: str, shown: Shown) -> None:
    assert shown_as(code) is shown


@pytest.mark.parametrize(
    ("stored", "code", "text"),
    [
        ("12", "General", "12"), ("12.0", "General", "12"), ("1.1000000000000001", "General", "1.1"),
        ("-0.5", "0", "-0.5"),
        ("1E-3", "General", "0.001"), ("999999999999999", "0", "999999999999999"), ("6001", "000000", "006001"),
        ("46082", "yyyy-mm-dd", "2026-03-01"), ("46082.333333333336", "yyyy-mm-dd", "2026-03-01T08:00:00"),
        ("46082", "yyyy-mm-dd hh:mm", "2026-03-01T00:00:00"), ("0.5", "h:mm", "12:00:00"),
        ("1.5", "[h]:mm", "36:00:00"),
        ("1", "yyyy-mm-dd", "1900-01-01"), ("61", "yyyy-mm-dd", "1900-03-01"),
    ],
)  # fmt: skip
def test_a_number_has_one_spelling(stored: str, code: str, text: str) -> None:
    assert spelled_number(stored, shown_as(code), code, since_1904=False) == (text, None)


def test_a_workbook_may_count_its_days_from_1904() -> None:
    assert spelled_number("44620", Shown.DATE, "", since_1904=True) == ("2026-03-01", None)


@given(st.datetimes(datetime(1900, 3, 1), datetime(9999, 12, 31)))  # noqa: DTZ001 - workbooks know no zones
def test_moments_come_back_to_the_second(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    stored = repr(to_excel(moment))
    assert spelled_number(stored, Shown.MOMENT, "", since_1904=False)[0] == moment.isoformat()


@pytest.mark.parametrize(
    ("stored", "shown", "code"),
    [
        ("440102199001011234", Shown.NUMBER, "sheet-cell-digits-lost"),
        ("-1E20", Shown.NUMBER, "sheet-cell-digits-lost"),
        ("-1", Shown.DATE, "sheet-cell-no-date"), ("60", Shown.DATE, "sheet-cell-no-date"),
        ("3000000", Shown.DATE, "sheet-cell-no-date"), ("nan", Shown.DATE, "sheet-cell-undecodable"),
        ("1e999", Shown.NUMBER, "sheet-cell-undecodable"), ("many", Shown.NUMBER, "sheet-cell-undecodable"),
    ],
)  # fmt: skip
def test_a_number_that_says_nothing_sure_is_at_fault_and_stays_so(stored: str, shown: Shown, code: str) -> None:
    text, fault = spelled_number(stored, shown, "", since_1904=False)
    assert fault is not None
    assert fault.kind.code == code
    assert faults_of([text], 100), "what is returned is at fault when it is read again"


def test_faults_are_found_in_texts_by_their_column() -> None:
    texts = ["1E+12", "#N/A", "a\0b", "4.4E+17", "fine: E+1", "#12 fine", "a\nb\tc", "\ufffd", "x" * 20, "#n/a", "E+"]
    found = [(fault.column, fault.kind.code.removeprefix("sheet-cell-")) for fault in faults_of(texts, 15)]
    assert found == [
        (0, "digits-lost"), (1, "error"), (2, "undecodable"), (3, "digits-lost"), (7, "undecodable"), (8, "too-long"),
        (9, "error"),
    ]  # fmt: skip


def test_what_cannot_be_seen_at_the_edges_is_taken_off() -> None:
    assert trimmed("\u3000\xa0\u200b 某 系统\ufeff\r\n") == "某 系统"
    assert trimmed("\u200b") == ""
