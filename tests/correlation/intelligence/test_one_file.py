"""A file behind a real server, asked for only if it has changed."""

from dataclasses import replace

import orjson
import pytest

from correlation.intelligence import one_file
from correlation.intelligence.errors import FeedFormatUnknown, FeedUnreadable
from correlation.intelligence.fetching import Fetcher
from correlation.intelligence.one_file import WHOLE, read_one_file
from correlation.settings import FeedSettings
from tests.correlation.intelligence.making import ASSUMED
from tests.correlation.intelligence.serving import Publisher
from tests.correlation.matcher.making import NOON

PATH = "/list.csv?key=hidden"
DATE = "Sun, 22 Nov 2026 04:00:00 GMT"


def read(server: Publisher, position: str = "", now: int = NOON) -> tuple[list[str], str | None]:
    """Values, and the position that the last portion says."""
    url = server.url(PATH)
    portions = list(read_one_file(Fetcher(FeedSettings(url, "file")), url, position, replace(ASSUMED, now=now)))
    values = [one.value for portion in portions for one in portion.indicators]
    return values, portions[-1].position if portions else None


@pytest.mark.parametrize(
    "headers", [{"ETag": 'W/"1"'}, {"Last-Modified": DATE}, {"ETag": '"1"', "Last-Modified": DATE}]
)
def test_only_what_has_changed_is_sent(publisher: Publisher, headers: dict[str, str]) -> None:
    publisher.publish(PATH, b"a.example\n", headers=headers)
    values, position = read(publisher)
    assert values == ["a.example"]
    assert position is not None
    assert read(publisher, position) == ([], None)
    asked = publisher.asked[-1][1]
    assert asked.get("If-None-Match") == headers.get("ETag")
    assert asked.get("If-Modified-Since") == headers.get("Last-Modified")
    publisher.publish(PATH, b"b.example\n", headers={"ETag": '"2"'})
    values, later = read(publisher, position)
    assert (values, later != position) == (["b.example"], True)


def test_a_server_that_says_neither_is_asked_for_all_of_it(publisher: Publisher) -> None:
    publisher.publish(PATH, b"a.example\n", headers={"ETag": '"' + "x" * 500 + '"', "Last-Modified": "\xfc"})
    _, position = read(publisher)
    assert orjson.loads(position or "") == {"read": NOON}
    assert read(publisher, position)[0] == ["a.example"]


def test_once_a_week_it_is_read_though_it_has_not_changed(publisher: Publisher) -> None:
    publisher.publish(PATH, b"a.example\n", headers={"ETag": '"1"'})
    _, position = read(publisher)
    assert position is not None
    assert read(publisher, position, NOON + WHOLE - 1) == ([], None)
    for now in (NOON + WHOLE, NOON - 1):
        values, later = read(publisher, position, now)
        assert (values, orjson.loads(later or "")["read"]) == (["a.example"], now)


@pytest.mark.parametrize("position", ["2026-01-01T00:00:00Z", "[1]", '{"ETag": "a\\r\\nX: y", "Last-Modified": 7}'])
def test_a_position_of_another_kind_is_none(publisher: Publisher, position: str) -> None:
    publisher.publish(PATH, b"a.example\n")
    assert read(publisher, position)[0] == ["a.example"]
    assert not {"If-None-Match", "If-Modified-Since", "X"} & set(publisher.asked[0][1])


def test_what_is_not_usable_leaves_no_position_and_names_no_key(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.publish(PATH, b"<html>log in</html>", headers={"ETag": '"1"'})
    with pytest.raises(FeedFormatUnknown) as failed:
        read(publisher)
    assert "hidden" not in str(failed.value)
    publisher.publish(PATH, b"nonsense!\n")
    url = publisher.url(PATH)
    (portion, _) = read_one_file(Fetcher(FeedSettings(url, "file")), url, "", ASSUMED)
    assert "hidden" not in str(portion.problems[0])
    monkeypatch.setattr(one_file, "MOST_BYTES", 5)
    with pytest.raises(FeedUnreadable, match="feed-too-large"):
        read(publisher)
