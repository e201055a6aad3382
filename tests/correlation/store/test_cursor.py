"""The place where the next page goes on, as text and back."""

import pytest

from correlation.query.errors import CursorMismatch
from correlation.query.model import Query
from correlation.query.values import Scalar
from correlation.store.cursor import Cursor, read_cursor, write_cursor


@pytest.mark.parametrize("value", [5, 1.5, "文", None, True, 2**62])
def test_there_and_back(value: Scalar | None) -> None:
    query = Query(sort="user.name")
    cursor = Cursor(value, "ab" * 16, 77)
    text = write_cursor(query, cursor)
    assert text.isascii()
    assert read_cursor(Query(sort="user.name", after=text, limit=3)) == cursor


def test_the_first_page_has_none() -> None:
    assert read_cursor(Query()) is None


@pytest.mark.parametrize("after", ["", "x", "ä", "W10=", "bnVsbA==", "WzEsMiwzLDQsNV0=", "eyJhIjoxfQ=="])
def test_what_is_damaged_is_refused(after: str) -> None:
    with pytest.raises(CursorMismatch):
        read_cursor(Query(after=after))
