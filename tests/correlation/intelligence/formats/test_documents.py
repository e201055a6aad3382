import tracemalloc

import orjson
import pytest

from correlation.intelligence.errors import FeedUnreadable
from correlation.intelligence.formats import documents
from correlation.intelligence.formats.documents import mapping, parse_document, sequence, taken_at_most
from correlation.intelligence.misp_feed import MOST_EVENT_BYTES
from sensors.errors import Place


def test_a_document_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST_BYTES", 10)
    assert parse_document(b'\xef\xbb\xbf{"a":1}', Place("x")) == {"a": 1}
    with pytest.raises(FeedUnreadable):
        parse_document(b" " * 11, Place("x"))


@pytest.mark.parametrize("unit", [b"{},", b"[],", b"[[[[]]]],", b'{"a":1},', b'{"%d":1},', b'"ab",', b"999,"])
def test_what_would_take_many_times_its_size_is_refused_before_it_is_parsed(unit: bytes) -> None:
    def document(units: int) -> bytes:
        return b"[" + b"".join(unit % number if b"%" in unit else unit for number in range(units)) + b"0]"

    tracemalloc.start()
    kept = parse_document(document(20_000), Place("x"))
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(kept) == 20_001
    assert taken < taken_at_most(document(20_000))


def test_a_bomb_within_the_bounds_of_size_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST_TAKEN", 10 << 20)
    bomb = b"[" + b"{}," * 100_000 + b"{}]"
    monkeypatch.setattr(documents.orjson, "loads", lambda _: pytest.fail("it was parsed"))
    with pytest.raises(FeedUnreadable) as refused:
        parse_document(bomb, Place("x"))
    assert refused.value.parameters["reason"] == "feed-too-large"


def test_a_usual_document_as_large_as_events_may_be_is_no_bomb() -> None:
    attribute = {
        "type": "ip-dst", "value": "45.9.148.3", "to_ids": True, "uuid": "5f1b1a4e-7a34-4b52-8f2b-0a8c950d210f",
        "timestamp": "1764590400", "category": "Network activity", "comment": "内网主机外联，两次",
        "first_seen": None, "last_seen": None, "deleted": False, "disable_correlation": False, "object_relation": None,
        "Tag": [{"name": "tlp:green", "colour": "#33FF00"}],
    }  # fmt: skip
    data = orjson.dumps([attribute] * 1_000)
    assert taken_at_most(data) * MOST_EVENT_BYTES / len(data) < documents.MOST_TAKEN


def test_what_is_of_another_type_is_absent() -> None:
    assert mapping([1]) == {}
    assert sequence({"a": 1}) == ()
