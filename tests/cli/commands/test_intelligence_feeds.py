"""How feeds stand, as a person and a program are shown it."""

from pathlib import Path

import pytest

from correlation.intelligence.book import IndicatorBook
from correlation.intelligence.decay import DAY
from correlation.intelligence.errors import FeedUnreadable
from correlation.intelligence.model import Imported
from correlation.intelligence.standing import CUT_OFF, Standing
from tests.cli.commands.conftest import write
from tests.cli.conftest import Run
from tests.correlation.intelligence.serving import Publisher


def test_how_each_feed_stands(
    hanwatch: Run, data: Path, server: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "list.txt").write_text("a.example\nnonsense\n", encoding="utf-8")
    monkeypatch.setenv("FEED_SECRET", "Bearer of-the-feed")
    secret = "env:FEED_SECRET"
    good = {"url": server.url("/list.csv?key=hidden"), "kind": "file", "authorization": secret}
    bad = {"url": server.url("/misp/"), "kind": "misp", "authorization": secret}
    write(data, good, bad, files=[str(tmp_path / "list.txt")])
    server.publish("/list.csv?key=hidden", b"b.example\n")
    assert {line["state"] for line in hanwatch("intelligence", "feeds", "--json").lines} == {"never"}
    assert hanwatch("intelligence", "feeds").status == 0
    ran = hanwatch("intelligence", "run", "--once")
    assert ran.status == 3
    shown = hanwatch("intelligence", "feeds", "--json")
    assert shown.status == 1
    path, file, misp = shown.lines
    assert (path["feed"], path["kind"], path["state"]) == (str(tmp_path / "list.txt"), "path", "good")
    assert (path["fresh"], path["unusable"], path["problem"]) == (1, 1, None)
    assert (file["feed"], file["state"]) == (server.url("/list.csv"), "good")
    assert file["attempt"] <= file["success"] < file["next"]
    assert (misp["state"], misp["failures"], misp["success"]) == ("failing", 1, None)
    assert misp["problem"]["code"] == "feed-refused"
    assert "404" in misp["problem"]["en"]
    assert "服务器返回 HTTP 404" in misp["problem"]["zh"]
    table = hanwatch("intelligence", "feeds")
    assert "1 new, 0 known before, 0 taken back, 1 not usable" in table.out
    assert "HTTP 404" in table.out
    for said in (ran.out, ran.err, shown.out, shown.err, table.out, table.err):
        assert "of-the-feed" not in said
        assert "hidden" not in said


def test_the_settings_of_the_documentation_are_settings(hanwatch: Run, empty: Path) -> None:
    page = Path(__file__).parents[3] / "docs" / "intelligence.md"
    block = page.read_text(encoding="utf-8").partition("```yaml\n")[2].partition("```")[0]
    (empty / "hanwatch.yml").write_text(block, encoding="utf-8")
    lines = hanwatch("intelligence", "feeds", "--json").lines
    assert [line["kind"] for line in lines] == ["path", "taxii", "misp", "file"]


def test_nothing_is_configured(hanwatch: Run, empty: Path) -> None:
    ran = hanwatch("intelligence", "feeds")
    assert (ran.status, ran.out, "Nothing to read" in ran.err) == (0, "", True)


def test_never_by_itself_has_no_next_time(hanwatch: Run, data: Path) -> None:
    write(data, {"url": "http://127.0.0.1:9/"}, every_minutes=0)
    (line,) = hanwatch("intelligence", "feeds", "--json").lines
    assert line["next"] is None


def test_what_a_failing_feed_brought_is_told_and_how_often_it_was_cut_off(hanwatch: Run, data: Path) -> None:
    url = "http://127.0.0.1:9"
    write(data, {"url": url})
    book = IndicatorBook(data / "intelligence")
    problem = FeedUnreadable(reason="feed-slow")
    book.feeds.note(url, Standing(1, 2, 0, 1, Imported(fresh=80_000), problem, first=1))
    table = hanwatch("intelligence", "feeds")
    assert table.status == 1
    assert "Until then: 80,000 new" in " ".join(table.out.split())
    for cut, state in ((CUT_OFF - 1, "reading"), (CUT_OFF, "failing")):
        book.feeds.note(url, Standing(begun=3, first=3, cut=cut))
        shown = hanwatch("intelligence", "feeds", "--json")
        (line,) = shown.lines
        assert (line["state"], line["cut"], shown.status) == (state, cut, int(state == "failing"))
    assert "were cut off" in hanwatch("intelligence", "feeds").out


def test_doctor_tells_of_feeds_that_were_not_read_for_long(hanwatch: Run, data: Path) -> None:
    def found() -> list[tuple[str, bool]]:
        lines = [line for line in hanwatch("doctor", "--json").lines if line["check"] == "feeds"]
        return [(line["state"], "hanwatch intelligence" in line["text"]) for line in lines]

    write(data, {"url": "http://127.0.0.1:9/"})
    assert found() == [("hint", True)]
    book = IndicatorBook(data / "intelligence")
    ran = hanwatch("intelligence", "run", "--once")
    assert ran.status == 3
    assert found() == [("hint", True)], "it failed once, and nobody need look yet"
    now = book.feeds.of("http://127.0.0.1:9").ended
    book.feeds.note("http://127.0.0.1:9", Standing(now, now, now))
    assert found() == [("ok", False)]
    book.feeds.note("http://127.0.0.1:9", Standing(now, now, now - DAY, 5))
    assert found() == [("fault", True)]
    write(data, {"url": "http://127.0.0.1:9/"}, every_minutes=0)
    assert found() == []
