from pathlib import Path

import orjson

from tests.cli.commands.conftest import write
from tests.cli.conftest import Run
from tests.correlation.intelligence.serving import Publisher, uuid


def test_files_and_folders_with_what_cannot_be_used(hanwatch: Run, tmp_path: Path) -> None:
    folder = tmp_path / "feeds"
    folder.mkdir()
    (folder / "list.txt").write_text("evil.example\n" + "nonsense\n" * 30, encoding="utf-8")
    event = {"Event": {"Attribute": [{"type": "ip-dst", "value": "45.9.148.3", "to_ids": True}]}}
    (folder / "event.json").write_bytes(orjson.dumps(event))
    ran = hanwatch("intelligence", "import", folder, "--confidence", "55")
    assert ran.status == 0
    assert "list.txt:2" in ran.err
    assert "10 more entries cannot be used" in ran.err
    assert "2 new" in ran.err
    found = hanwatch("intelligence", "list", "--json").lines
    assert {(one["provider"], one["confidence"]) for one in found} == {("feeds", 55)}


def test_a_feed_that_cannot_be_read_does_not_hold_up_the_others(hanwatch: Run, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("evil.example\n", encoding="utf-8")
    ran = hanwatch("intelligence", "import", tmp_path / "none.csv", tmp_path / "list.txt", "--json")
    assert (ran.status, ran.lines) == (
        3, [{"fresh": 1, "renewed": 0, "withdrawn": 0, "unusable": 0, "known": 1}],
    )  # fmt: skip
    assert "none.csv" in ran.err


def test_those_of_the_settings_when_none_are_named(hanwatch: Run, tmp_path: Path) -> None:
    assert hanwatch("intelligence", "import").status == 2
    (tmp_path / "list.txt").write_text("evil.example\n", encoding="utf-8")
    settings = tmp_path / "own.yml"
    settings.write_text(f"intelligence:\n  files: ['{tmp_path / 'list.txt'}']\n  confidence: 40\n", encoding="utf-8")
    assert hanwatch("--config", settings, "intelligence", "import").status == 0
    assert hanwatch("intelligence", "list", "--json").lines[0]["confidence"] == 40


def test_addresses_are_read_on_and_anew_when_that_is_said(hanwatch: Run, data: Path, server: Publisher) -> None:
    server.publish("/a.csv", b"evil.example\n", headers={"ETag": '"1"'})
    write(data, {"url": server.url("/a.csv"), "kind": "file"})
    for more, fresh, renewed in (((), 1, 0), ((), 0, 0), (("--anew",), 0, 1), (("--confidence", "90"), 0, 1)):
        (done,) = hanwatch("intelligence", "import", *more, "--json").lines
        assert (done["fresh"], done["renewed"], done["known"]) == (fresh, renewed, 1)
    assert hanwatch("intelligence", "list", "--json").lines[0]["confidence"] == 90
    assert hanwatch("intelligence", "feeds", "--json").lines[0]["state"] == "good"
    hanwatch("intelligence", "import", "--provider", "mine")
    assert "mine" in {line["provider"] for line in hanwatch("intelligence", "list", "--json").lines}


def test_what_a_feed_brought_before_it_failed_is_told(hanwatch: Run, data: Path, server: Publisher) -> None:
    server.publish_misp("/m/", {uuid(number): ("1", [f"c{number}.example"]) for number in range(3)})
    server.publish(f"/m/{uuid(2)}.json", b"", status=429)
    write(data, {"url": server.url("/m/"), "kind": "misp"})
    ran = hanwatch("intelligence", "import", "--json")
    assert (ran.status, ran.lines[0]["fresh"], ran.lines[0]["known"]) == (3, 2, 2)
    assert "HTTP 429" in ran.err


def test_files_are_always_read(hanwatch: Run, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("evil.example\n", encoding="utf-8")
    for renewed in (0, 1):
        (done,) = hanwatch("intelligence", "import", tmp_path / "list.txt", "--json").lines
        assert done["renewed"] == renewed
