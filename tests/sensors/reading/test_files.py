"""Files as inputs: who they are, where reading goes on, and what a folder holds."""

import os
from pathlib import Path

import pytest

from sensors.errors import UnreadableInput
from sensors.event.identity import HEAD_BYTES, fingerprint
from sensors.event.times import SECOND
from sensors.parsers.evtx_writing import WindowsEvent, evtx_file
from sensors.reading.evtx import EvtxReader
from sensors.reading.files import check, head, identify, walk
from sensors.reading.model import Position


def events(count: int) -> list[WindowsEvent]:
    return [WindowsEvent("Application", "test", 1, index * SECOND, "ws", {"n": str(index)}) for index in range(count)]


def test_a_file_is_known_by_its_beginning_and_not_by_its_name(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"a" * 10_000)
    two.write_bytes(b"a" * HEAD_BYTES + b"b")
    assert identify(one).source.id == identify(two).source.id == fingerprint(b"a" * HEAD_BYTES)
    assert identify(one).head_length == HEAD_BYTES
    assert identify(one).size == 10_000
    assert check(one, HEAD_BYTES + 1) != check(two, HEAD_BYTES + 1)


def test_a_small_file_that_grows_is_found_again_by_the_length_it_was_first_seen_with(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"first line\n")
    seen = identify(path)
    path.write_bytes(b"first line\nsecond line\n")
    assert identify(path).source.id != seen.source.id
    assert fingerprint(head(path, seen.head_length)) == seen.source.id


def test_an_evtx_file_that_grows_keeps_its_identity_and_its_check(tmp_path: Path) -> None:
    path = tmp_path / "log.evtx"
    path.write_bytes(evtx_file(events(3)))
    seen = identify(path)
    position = list(EvtxReader().portions(path, seen.source, Position(), 1))[-1].position
    path.write_bytes(evtx_file(events(300)))
    assert fingerprint(head(path, seen.head_length)) == seen.source.id
    assert check(path, position.offset) == position.check
    assert identify(path).source.id == seen.source.id


def test_two_evtx_files_that_count_alike_are_two(tmp_path: Path) -> None:
    one, two = tmp_path / "1.evtx", tmp_path / "2.evtx"
    one.write_bytes(evtx_file(events(1)))
    two.write_bytes(evtx_file([WindowsEvent("Application", "test", 2, 0, "ws", {"n": "0"})]))
    assert one.read_bytes()[:4_096] == two.read_bytes()[:4_096]
    assert identify(one).source.id != identify(two).source.id


def test_a_walk_goes_in_order_and_tells_what_it_leaves_out(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "2.log").write_text("2")
    (tmp_path / "b" / "1.log").write_text("1")
    (tmp_path / "a.log").write_text("a")
    (tmp_path / ".hidden").write_text("h")
    (tmp_path / "empty").write_text("")
    (tmp_path / "b" / "up").symlink_to(tmp_path)
    (tmp_path / "c.log").symlink_to(tmp_path / "a.log")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    found = walk([tmp_path, tmp_path / ".hidden"])
    assert [str(path.relative_to(tmp_path)) for path in found.files] == ["a.log", "b/1.log", "b/2.log", ".hidden"]
    assert {(entry.path.name, entry.reason) for entry in found.skipped} == {
        ("c.log", "again"), (".hidden", "hidden"), ("empty", "empty"), ("pipe", "special"), ("up", "loop"),
    }  # fmt: skip
    assert [problem.place.file for problem in found.problems if problem.place] == [str(tmp_path / "gone")]


def test_a_walk_collects_what_cannot_be_read_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("a")
    found = walk([tmp_path / "missing", tmp_path])
    assert found.files == [tmp_path / "a.log"]
    assert [type(problem) for problem in found.problems] == [UnreadableInput]


def test_a_file_that_is_gone_says_so(tmp_path: Path) -> None:
    for function in (identify, head):
        with pytest.raises(UnreadableInput):
            function(tmp_path / "missing")
    with pytest.raises(UnreadableInput):
        check(tmp_path / "missing", 5)


def test_a_pattern_leads_to_all_that_fit(tmp_path: Path) -> None:
    for name in ("a/app.log", "a/app.log.1", "b/c/app.log", "b/other.txt", "[x].log"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)

    def found(pattern: str) -> list[str]:
        return [str(path.relative_to(tmp_path)) for path in walk([tmp_path / pattern]).files]

    assert found("a/*.log") == ["a/app.log"]
    assert found("**/app.log*") == ["a/app.log", "a/app.log.1", "b/c/app.log"]
    assert found("[ab]") == ["a/app.log", "a/app.log.1", "b/c/app.log", "b/other.txt"]
    assert found("[x].log") == ["[x].log"], "a file of that very name comes first"
    (problem,) = walk([tmp_path / "*.nothing"]).problems
    assert problem.place is not None
    assert problem.place.file.endswith("*.nothing")
