"""The process that reads feeds by itself, over real servers, and what kills leave."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from correlation.intelligence.book import IndicatorBook
from correlation.intelligence.marks import PARTS
from tests.cli.commands.conftest import write
from tests.cli.conftest import Run
from tests.correlation.intelligence.serving import Publisher, uuid

PATIENCE = 60.0


def start(data: Path, *words: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {"HANWATCH_LANG": "en"}
    command = [sys.executable, "-m", "cli", "--data", str(data), *words]
    return subprocess.Popen(command, stderr=subprocess.PIPE, env=environment)


def wait_for(ready: Callable[[], Any]) -> Any:
    until = time.monotonic() + PATIENCE
    while not (found := ready()):
        assert time.monotonic() < until
        time.sleep(0.02)
    return found


def values(data: Path) -> list[tuple[str, str, int]]:
    book = IndicatorBook(data / "intelligence")
    found = [(one.provider, one.value, one.seen) for one in book.listed()]
    book.close()
    return found


def publish(server: Publisher, events: int = 60) -> list[dict[str, Any]]:
    """A feed of MISP of so many events, and a list."""
    stamp = int(time.time())
    feed = {uuid(number): (str(stamp), [f"{name}{number}.example" for name in "abc"]) for number in range(events)}
    server.publish_misp("/m/", feed)
    server.publish("/list.csv", b"value,last_seen\nlist.example,2026-11-20\n", headers={"ETag": '"1"'})
    return [{"url": server.url("/m/"), "kind": "misp"}, {"url": server.url("/list.csv"), "kind": "file"}]


def test_sigkill_in_the_middle_leads_to_the_book_of_an_undisturbed_run(
    data: Path, server: Publisher, tmp_path: Path
) -> None:
    events = 2 * PARTS + 50
    feeds = publish(server, events)
    write(tmp_path / "undisturbed", *feeds)
    write(data, *feeds)
    process = start(tmp_path / "undisturbed", "intelligence", "run", "--once")
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    wanted = values(tmp_path / "undisturbed")
    assert len(wanted) == 3 * events + 1
    server.pause = 0.005
    # Before anything of it is remembered, after that, and before more is.
    for enough in (PARTS // 2, PARTS + 30, PARTS // 2):
        server.paths()
        process = start(data, "intelligence", "run")
        wait_for(lambda enough=enough: len(server.asked) >= enough)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert 0 < len(values(data)) < len(wanted)
    server.pause = 0.0
    server.paths()
    process = start(data, "intelligence", "run")
    wait_for(lambda: len(values(data)) == len(wanted))
    wait_for(lambda: len(IndicatorBook(data / "intelligence").last_index()) == len(wanted))
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=PATIENCE)
    assert (process.returncode, b"Traceback" in said) == (0, False)
    assert values(data) == wanted
    assert len(server.asked) < 2 + events, "it goes on where it was"
    assert not list((data / "intelligence").glob("*.part"))


def test_it_ends_at_once_whatever_it_waits_for(data: Path, server: Publisher) -> None:
    server.publish("/slow.csv", b"x" * 1_000, drip=1.0)
    write(data, {"url": server.url("/slow.csv"), "kind": "file"})
    process = start(data, "intelligence", "run")
    wait_for(lambda: server.asked)
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE)
    assert (process.returncode, b"Traceback" in said) == (0, False)
    assert time.monotonic() - begun < 10


def test_one_at_a_time_and_importing_by_hand_beside_it(
    hanwatch: Run, data: Path, server: Publisher, tmp_path: Path
) -> None:
    write(data, *publish(server))
    server.pause = 0.05
    process = start(data, "intelligence", "run")
    try:
        wait_for(lambda: len(server.asked) > 5)
        ran = hanwatch("intelligence", "run", "--once")
        assert (ran.status, "holds the lease feeder" in ran.err) == (3, True)
        (tmp_path / "mine.txt").write_text("mine.example\n", encoding="utf-8")
        assert hanwatch("intelligence", "import", tmp_path / "mine.txt").status == 0
        server.pause = 0.0
        wait_for(lambda: len(values(data)) == 182)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)


def test_the_supervised_whole_reads_feeds(data: Path, server: Publisher) -> None:
    write(data, *publish(server))
    running = start(data, "run", "--port", "0")
    try:
        wait_for(lambda: (data / "intelligence").is_dir() and len(values(data)) == 181)
    finally:
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=PATIENCE)


def test_once_reads_all_whatever_is_due_and_only_what_is_new(hanwatch: Run, data: Path, server: Publisher) -> None:
    write(data, *publish(server), every_minutes=0)
    for asked in (62, 2):
        server.paths()
        assert hanwatch("intelligence", "run", "--once").status == 0
        assert len(server.asked) == asked
    del server.pages["/m/manifest.json"]
    ran = hanwatch("intelligence", "run", "--once")
    assert ran.status == 3
    assert "manifest.json" in ran.err


def test_what_cannot_run_says_why(hanwatch: Run, data: Path) -> None:
    ran = hanwatch("intelligence", "run")
    assert (ran.status, "Nothing to read" in ran.err) == (2, True)
    write(data, {"url": "http://127.0.0.1:9/"}, every_minutes=0)
    ran = hanwatch("intelligence", "run")
    assert (ran.status, "every_minutes is 0" in ran.err) == (2, True)


@pytest.mark.parametrize(
    "feed",
    [{"url": "ftp://a.example/"}, {"url": "https://a.example/", "kind": "rss"},
     {"url": "https://a.example/", "authorization": "Bearer of-the-feed"},
     {"url": "https://a.example/", "authorization": "env:HANWATCH_of-the-feed"},
     {"url": "https://a.example/", "authorisation": "Bearer of-the-feed"}],
)  # fmt: skip
def test_settings_that_cannot_be_used_are_refused_without_showing_secrets(
    hanwatch: Run, data: Path, feed: dict[str, str]
) -> None:
    write(data, feed)
    ran = hanwatch("intelligence", "run", "--once")
    assert ran.status == 2
    assert "of-the-feed" not in ran.err


def test_two_feeds_of_one_address_are_refused(hanwatch: Run, data: Path) -> None:
    write(data, {"url": "https://a.example/x"}, {"url": "https://a.example/x/", "kind": "misp"})
    ran = hanwatch("intelligence", "feeds")
    assert (ran.status, "the same address" in ran.err) == (2, True)
