import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.sheets.escaping import defended, kept, meant

HOSTILE = st.text(alphabet="'=+-@\t\r\n＝＋－＠1.a", max_size=8)


@given(HOSTILE | st.text())
def test_whatever_is_defended_means_the_same(text: str) -> None:
    assert meant(defended(text)) == text
    assert meant(kept(text)) == text


@given(HOSTILE)
def test_nothing_but_a_number_begins_as_a_formula_does(text: str) -> None:
    written = defended(text)
    assert not written or written[0] not in "=+-@\t\r\n＝＋－＠" or float(written) is not None


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+86 21", "-2+3+cmd|' /C calc'!A0", "@SUM(1)", "'=1", "－1"])
def test_what_a_spreadsheet_would_compute_gets_an_apostrophe(text: str) -> None:
    assert defended(text) == "'" + text


def test_numbers_and_texts_stay_as_they_are() -> None:
    for text in ("-5", "+1.5", "'quoted'", "a=b", "", "某系统"):
        assert defended(text) == text == kept(text)
