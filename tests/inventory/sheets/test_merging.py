import pytest

from inventory.sheets.merging import Merged, column_of, range_of


@pytest.mark.parametrize(("letters", "column"), [("A", 0), ("Z", 25), ("AA", 26), ("XFD", 16383)])
def test_columns_have_letters(letters: str, column: int) -> None:
    assert column_of(letters) == column


def test_a_reference_that_is_none_is_left_out() -> None:
    assert range_of("B5:A2") == (2, 0, 5, 1, "B5:A2")
    assert range_of("A1") is range_of("A1:B99999999") is range_of("") is None


def test_rows_are_asked_from_the_top_down() -> None:
    texts = ("A2:A4", "C3:D3", "B4:B1048576")
    merged = Merged(found for text in texts if (found := range_of(text)))
    asked = {number: [one.text for one in merged.at(number)] for number in (1, 2, 3, 4, 5, 1_048_576)}
    assert asked == {
        1: [], 2: ["A2:A4"], 3: ["A2:A4", "C3:D3"], 4: ["A2:A4", "B4:B1048576"], 5: ["B4:B1048576"],
        1_048_576: ["B4:B1048576"],
    }  # fmt: skip


def test_headings_go_down_as_far_as_they_are_merged_but_not_over_the_whole_sheet() -> None:
    merged = Merged(found for text in ("A1:A2", "B1:D1", "E1:E900") if (found := range_of(text)))
    assert [merged.lowest(number) for number in (1, 2, 3)] == [2, 2, 3]
