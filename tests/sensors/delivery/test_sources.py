"""Files are found again by what is in them; those that only begin alike stay apart, and nothing is hidden or lost."""

import os
import shutil
from collections.abc import Callable, Sequence
from itertools import permutations
from pathlib import Path

import pytest

from sensors.delivery.errors import Superseded
from sensors.delivery.ledger import EVENTS
from sensors.delivery.ports import STORE
from sensors.delivery.sources import NOTHING, display_name
from sensors.delivery.spool import EmbeddedSpool
from sensors.errors import UnreadableInput
from sensors.event.model import Source
from sensors.reading.model import Position
from sensors.settings import SpoolSettings
from tests.sensors.delivery.making import portion_of_file, ticking

HEAD = b"".join(b"the same line %04d\n" % number for number in range(300))
"""More than a fingerprint's length."""


def take(spool: EmbeddedSpool, path: Path, lines: int | None = None) -> tuple[Source, int]:
    """Read a file from where the spool says, up to `lines` lines; gives the source and where reading began."""
    source, position = spool.find_source(path)
    begun = position or Position()
    if path.stat().st_size > begun.offset:
        spool.append(source, "lines", portion_of_file(path, source, begun, lines), begun)
    return source, begun.offset


def events(spool: EmbeddedSpool) -> dict[str, str]:
    """Everything spooled, as a store would keep it: by id."""
    return {
        identity: message
        for record in spool.read(STORE, 1 << 30)
        for batch in record.batches
        for identity, message in zip(batch.ids, batch.columns["message"], strict=True)
    }


def test_a_file_that_grew_goes_on(spool: EmbeddedSpool, tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(b"one\ntwo\n")
    first, _ = take(spool, log)
    with log.open("ab") as file:
        file.write(HEAD)
    assert take(spool, log) == (first, 8)
    assert len(events(spool)) == 302


def test_a_renamed_file_goes_on_under_its_new_name(spool: EmbeddedSpool, tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(HEAD)
    first, _ = take(spool, log)
    rotated = log.rename(tmp_path / "a.log.1")
    with rotated.open("ab") as file:
        file.write(b"last words\n")
    again, begun = take(spool, rotated)
    assert (again.id, again.variant, again.name, begun) == (first.id, 0, str(rotated), len(HEAD))


def test_a_copy_has_nothing_new(spool: EmbeddedSpool, tmp_path: Path) -> None:
    log, copy = tmp_path / "a.log", tmp_path / "b.log"
    log.write_bytes(b"short\n")
    shutil.copy(log, copy)
    first, _ = take(spool, log)
    again, begun = take(spool, copy)
    assert (again.id, again.variant, begun) == (first.id, 0, 6)
    assert spool.find_source(log)[0].name == str(log), "a copy is not where the file went"
    assert len(events(spool)) == 1


def test_a_file_moved_to_another_device_goes_on(spool: EmbeddedSpool, tmp_path: Path) -> None:
    log, other = tmp_path / "a.log", tmp_path / "elsewhere" / "a.log"
    other.parent.mkdir()
    log.write_bytes(HEAD)
    first, _ = take(spool, log)
    other.write_bytes(HEAD + b"more\n")
    log.unlink()
    again, begun = take(spool, other)
    assert (again.id, again.variant, begun) == (first.id, 0, len(HEAD))


def test_a_file_replaced_by_a_longer_copy_goes_on(spool: EmbeddedSpool, tmp_path: Path) -> None:
    log, new = tmp_path / "a.log", tmp_path / "new"
    log.write_bytes(b"one\n")
    first, _ = take(spool, log)
    new.write_bytes(b"one\ntwo\n")
    new.replace(log)
    assert take(spool, log) == (first, 4)


def test_a_file_cut_and_begun_again_is_read_from_its_start(spool: EmbeddedSpool, tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(HEAD + b"before\n")
    first, _ = take(spool, log)
    os.truncate(log, 0)
    log.write_bytes(HEAD)
    again, begun = take(spool, log)
    assert (again.id, again.variant, begun) == (first.id, 1, 0)
    with log.open("ab") as file:
        file.write(b"after\n")
    assert take(spool, log) == (again, len(HEAD)), "and goes on as what it is now"
    assert sorted(set(events(spool).values()) - set(HEAD.decode().splitlines(keepends=True))) == ["after\n", "before\n"]


def test_a_file_cut_and_grown_beyond_its_position_is_noticed(spool: EmbeddedSpool, tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(HEAD + b"before\n")
    first, _ = take(spool, log)
    log.write_bytes(HEAD + b"behind\nand more\n")
    again, begun = take(spool, log)
    assert (again.id, again.variant, begun) == (first.id, 1, 0)


def test_the_start_of_a_file_is_not_the_file_beside_it(spool: EmbeddedSpool, tmp_path: Path) -> None:
    """A capture without packets, a log with a header alone: other files begin with all of it."""
    short, long = tmp_path / "short", tmp_path / "long"
    short.write_bytes(b"header\n")
    long.write_bytes(b"header\nfirst\nsecond\n")
    one, _ = take(spool, short)
    other, begun = take(spool, long)
    assert begun == 0
    assert one.id != other.id
    assert sorted(events(spool).values()) == ["first\n", "header\n", "header\n", "second\n"]


def write(folder: Path, contents: Sequence[bytes]) -> list[Path]:
    folder.mkdir()
    paths = [folder / f"{number}.log" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    return paths


ALIKE = {
    "same head, other tails": [HEAD + b"tail a\n", HEAD + b"tail b\n", HEAD + b"tail c\nand more\n"],
    "one begins the other": [HEAD, HEAD + HEAD, HEAD + HEAD + b"end\n"],
    "short ones that begin each other": [b"a\n", b"a\nb\n", b"a\nb\nc\n"],
    "short, and too long for one fingerprint": [HEAD[:40], HEAD, HEAD + b"end\n"],
    "equal": [HEAD, HEAD, b"x\n"],
}


def interleaved(spool: EmbeddedSpool, paths: Sequence[Path]) -> None:
    """A few lines of each in turn, as several followed files grow: each look finds its file anew."""
    for _ in range(40):
        for path in paths:
            take(spool, path, 30)


def one_by_one(spool: EmbeddedSpool, paths: Sequence[Path]) -> None:
    for path in paths:
        take(spool, path)


@pytest.mark.parametrize("contents", ALIKE.values(), ids=ALIKE.keys())
@pytest.mark.parametrize("way", [one_by_one, interleaved])
def test_files_that_begin_alike_give_the_same_events_in_any_order(
    tmp_path: Path, contents: list[bytes], way: Callable[[EmbeddedSpool, Sequence[Path]], None]
) -> None:
    """Whatever the order, and whether whole or in turns: the same ids, and every line of every file among them."""
    paths = write(tmp_path / "in", contents)
    found = []
    for number, order in enumerate(permutations(paths)):
        with EmbeddedSpool(tmp_path / f"spool{number}", SpoolSettings(min_free_bytes=0), ticking()) as spool:
            way(spool, order)
            way(spool, order)
            found.append(events(spool))
            assert all(report.complete for report in spool.report())
            for path in paths:
                position = spool.find_source(path)[1]
                assert position
                assert position.offset == path.stat().st_size, (path, order)
    assert all(each == found[0] for each in found)
    assert set(found[0].values()) == {line for text in contents for line in text.decode().splitlines(keepends=True)}


def test_two_files_that_begin_alike_have_ledgers_of_their_own(spool: EmbeddedSpool, tmp_path: Path) -> None:
    paths = write(tmp_path / "in", [HEAD + b"a\n", HEAD + b"b\nc\n"])
    one_by_one(spool, paths)
    reports = {report.source.name: report for report in spool.report()}
    assert {name: report.counts[EVENTS, "spooled"] for name, report in reports.items()} == {
        str(paths[0]): 301, str(paths[1]): 302,
    }
    assert len({report.source.id for report in reports.values()}) == 1


def test_two_processes_meet_files_that_begin_alike_at_once(folder: Path, tmp_path: Path) -> None:
    """Both are remembered when they are met, before anything of them was persisted."""
    a, b = write(tmp_path / "in", [HEAD + b"a\n", HEAD + b"b\n"])
    settings = SpoolSettings(min_free_bytes=0)
    with EmbeddedSpool(folder, settings, ticking()) as one, EmbeddedSpool(folder, settings, ticking()) as other:
        first, second = one.find_source(a)[0], other.find_source(b)[0]
        assert (first.id, first.variant, second.variant) == (second.id, 0, 1)
        one.append(first, "lines", portion_of_file(a, first, Position()), Position())
        other.append(second, "lines", portion_of_file(b, second, Position()), Position())
        assert one.find_source(b)[0] == second


def test_an_empty_file_is_nobody_until_it_grows(spool: EmbeddedSpool, tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.touch()
    nobody, position = spool.find_source(log)
    assert (nobody.id, position) == (NOTHING, None)
    log.write_bytes(b"one\n")
    with pytest.raises(Superseded):
        spool.append(nobody, "lines", portion_of_file(log, nobody, Position()), Position())
    source, begun = take(spool, log)
    assert (source.id != NOTHING, begun) == (True, 0)
    assert not [report for report in spool.report() if report.source.id == NOTHING]


def test_what_is_no_file_is_refused(spool: EmbeddedSpool, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "missing"):
        with pytest.raises(UnreadableInput) as caught:
            spool.find_source(path)
        assert caught.value.place
        assert caught.value.place.file == str(path)


def test_a_name_that_is_no_text_is_shown_escaped(spool: EmbeddedSpool, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.log"))
    path.write_bytes(b"one\n")
    source, _ = take(spool, path)
    assert source.name == f"{tmp_path}/\\xff\\xfe.log" == display_name(path)
    assert next(spool.read(STORE, 1)).batches[0].row(0)["log.file.path"] == source.name
