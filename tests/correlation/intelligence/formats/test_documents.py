import pytest

from correlation.intelligence.errors import FeedUnreadable
from correlation.intelligence.formats import documents
from correlation.intelligence.formats.documents import mapping, parse_document, sequence
from sensors.errors import Place


def test_a_document_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST_BYTES", 10)
    assert parse_document(b'\xef\xbb\xbf{"a":1}', Place("x")) == {"a": 1}
    with pytest.raises(FeedUnreadable):
        parse_document(b" " * 11, Place("x"))


def test_what_is_of_another_type_is_absent() -> None:
    assert mapping([1]) == {}
    assert sequence({"a": 1}) == ()
