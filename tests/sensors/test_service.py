"""Intake: every line becomes one event, through rotation, compression and restarts."""

import bz2
import gzip
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sensors.capture import container
from sensors.capture import reader as capture_reader
from sensors.capture.writing import pcap
from sensors.delivery.ledger import CONVERSION, EVENTS, PACKETS
from sensors.delivery.ports import STORE
from sensors.delivery.report import verdict
from sensors.delivery.spool import EmbeddedSpool
from sensors.reading.detection import reader_for
from sensors.reading.rotation import IDLE_LOOKS
from sensors.service import Failure, Foreign, Idle, Intake, Step
from sensors.settings import SpoolSettings
from tests.sensors.capture import frames as made
from tests.sensors.delivery.making import ticking


class Place:
    """A spool and intakes into it, as runs one after the other have them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.spool = EmbeddedSpool(folder / "spool", SpoolSettings(min_free_bytes=0), ticking())
        self.intake = self.restarted()

    def restarted(self) -> Intake:
        if hasattr(self, "intake"):
            self.intake.close()
        self.intake = Intake(self.spool, ticking(), self.folder / "scratch")
        return self.intake

    def look(self, *paths: Path, follow: bool = True) -> list[Failure | Foreign]:
        found = self.intake.take([path for path in paths if path.exists()], named=set(paths), follow=follow)
        return [one for one in found if isinstance(one, Failure | Foreign)]

    def numbers(self) -> list[int]:
        """The number in each line that was read, in order, without those that are the same event."""
        seen: dict[str, int] = {}
        for record in self.spool.read(STORE, 1 << 30):
            for batch in record.batches:
                seen.update(zip(batch.ids, (int(str(text)) for text in batch.columns["event.original"]), strict=True))
        return sorted(seen.values())


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.intake.close()
    made.spool.close()


def lines(first: int, end: int) -> bytes:
    return b"".join(b'{"@timestamp":"2026-01-01T00:00:00Z","event.original":"%d"}\n' % n for n in range(first, end))


def add(path: Path, first: int, end: int) -> None:
    with path.open("ab") as file:
        file.write(lines(first, end))


def test_lines_written_while_the_log_is_rotated_are_all_read(place: Place, tmp_path: Path) -> None:
    log, old = tmp_path / "app.log", tmp_path / "app.log.1"
    add(log, 0, 50)
    place.look(log)
    add(log, 50, 60)
    log.rename(old)
    add(old, 60, 70)
    place.look(log)
    add(old, 70, 80)
    add(log, 80, 90)
    place.look(log)
    add(old, 90, 95)
    with old.open("ab") as file:
        file.write(lines(95, 96)[:-1])  # a last line that nothing ends
    for _ in range(IDLE_LOOKS + 2):
        place.look(log)
    assert place.numbers() == list(range(96))
    assert verdict(place.spool.report()).complete


def test_a_log_that_was_rotated_while_nobody_looked_is_read_to_its_end(place: Place, tmp_path: Path) -> None:
    log, old = tmp_path / "app.log", tmp_path / "app.log.1"
    add(log, 0, 50)
    add(tmp_path / "other.log", 900, 950)
    place.look(log)
    place.restarted()
    add(log, 50, 60)
    log.rename(old)
    add(log, 60, 70)
    place.look(log)
    place.look(log)
    assert place.numbers() == list(range(70))


@pytest.mark.parametrize("both", [True, False])
@pytest.mark.parametrize("already", [10, 50, 500])
@pytest.mark.parametrize("then", [5, 1_000])
def test_copy_and_truncate(place: Place, tmp_path: Path, both: bool, already: int, then: int) -> None:
    log, old = tmp_path / "app.log", tmp_path / "app.log.1"
    looked_at = (log, old) if both else (log,)
    add(log, 0, already)
    place.look(*looked_at)
    add(log, already, already + 10)
    shutil.copy(log, old)
    os.truncate(log, 0)
    add(log, already + 10, already + 10 + then)
    for _ in range(3):
        place.look(*looked_at)
    assert place.numbers() == list(range(already + 10 + then))
    assert verdict(place.spool.report()).complete


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_a_log_goes_on_where_it_was_left_after_it_was_compressed(place: Place, tmp_path: Path, pack: object) -> None:
    log, old = tmp_path / "app.log", tmp_path / "app.log.1.gz"
    add(log, 0, 500)
    place.look(log)
    read = place.spool.counts()[EVENTS, "spooled"]
    add(log, 500, 510)
    old.write_bytes(pack(log.read_bytes()))  # type: ignore[operator]
    log.unlink()
    place.restarted()
    assert not place.look(old, follow=False)
    assert place.numbers() == list(range(510))
    assert place.spool.counts()[EVENTS, "spooled"] == read + 10, "nothing was read twice"
    assert not place.look(old, follow=False)


def test_damage_is_told_after_what_came_before_and_a_mended_file_is_read_on(place: Place, tmp_path: Path) -> None:
    packed, whole = tmp_path / "app.log.gz", gzip.compress(lines(0, 20_000))
    packed.write_bytes(whole[: len(whole) // 2])
    (told,) = place.look(packed, follow=False)
    assert isinstance(told, Failure)
    assert (told.problem.code, told.problem.place and told.problem.place.file) == ("unpacked-damaged", str(packed))
    half = len(place.numbers())
    assert 0 < half < 20_000
    packed.write_bytes(whole)
    assert not place.look(packed, follow=False)
    assert place.numbers() == list(range(20_000))


def test_what_is_inside_and_unknown_is_told_by_the_name_that_people_know(place: Place, tmp_path: Path) -> None:
    packed = tmp_path / "thing.gz"
    packed.write_bytes(gzip.compress(b"\0\1\2" * 100))
    (told,) = place.look(packed, follow=False)
    assert isinstance(told, Failure)
    assert told.problem.place is not None
    assert told.problem.place.file == str(packed)


def test_no_file_is_left_open(place: Place, tmp_path: Path) -> None:
    for number in range(30):
        add(tmp_path / f"{number}.log", number, number + 1)
    add(tmp_path / "first", 0, 1)
    place.look(tmp_path / "first")
    place.restarted()
    before = len(list(Path("/proc/self/fd").iterdir()))
    place.look(*sorted(tmp_path.glob("*.log")), follow=False)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def through_a_pipe(place: Place, *pieces: bytes) -> list[Failure]:
    """What is told when these pieces come one after the other, each after the one before was read."""
    reading, writing = os.pipe()
    failures = []
    waiting = list(pieces)
    os.write(writing, waiting.pop(0))
    steps = place.intake.take_stream(reading)
    if not waiting:
        os.close(writing)
    for step in steps:
        if isinstance(step, Failure):
            failures.append(step)
        elif isinstance(step, Step | Idle) and waiting:
            os.write(writing, waiting.pop(0))
            if not waiting:
                os.close(writing)
    if waiting:
        os.close(writing)
    os.close(reading)
    return failures


def test_a_stream_is_read_as_it_comes_and_goes_on_where_it_was_left(place: Place) -> None:
    assert not through_a_pipe(place, lines(0, 100), lines(100, 150), lines(150, 160)[:-1])
    assert place.numbers() == list(range(160))
    read = place.spool.counts()[EVENTS, "spooled"]
    assert not through_a_pipe(place, lines(0, 170))
    assert place.numbers() == list(range(170))
    assert place.spool.counts()[EVENTS, "spooled"] == read + 10
    assert verdict(place.spool.report()).complete


def test_a_compressed_stream_and_one_of_another_kind(place: Place) -> None:
    assert not through_a_pipe(place, gzip.compress(lines(0, 500)))
    assert place.numbers() == list(range(500))
    capture = bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000")
    assert not through_a_pipe(place, capture)
    (told,) = through_a_pipe(place, b"\0\1\2 nobody knows this")
    assert (told.path, told.problem.code) == (Path("-"), "format-unknown")
    assert not through_a_pipe(place, b"")


def test_a_capture_is_read_while_it_comes(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture_reader, "STREAM_PORTION_BYTES", 1_000)
    packets = [made.udp4(port, 53, made.dns(port, f"host-{port}.example")) for port in range(1, 101)]
    whole = pcap(made.frames(*packets))
    assert not through_a_pipe(place, whole[:30], whole[30:4_000], whole[4_000:8_001], whole[8_001:])
    counts = place.spool.counts()
    assert (counts[PACKETS, "read"], counts[PACKETS, "flow"]) == (100, 100)
    assert counts[CONVERSION, "network.dns"] == 100
    assert verdict(place.spool.report()).complete
    # The same stream again brings nothing new; one that goes on brings what was added.
    assert not through_a_pipe(place, whole)
    assert place.spool.counts()[PACKETS, "read"] == 100
    assert not through_a_pipe(place, whole + pcap(made.frames(*packets[:7]))[24:])
    assert place.spool.counts()[PACKETS, "read"] == 107
    assert verdict(place.spool.report()).complete


def test_a_capture_that_cannot_be_read_on_is_told_while_its_stream_goes_on(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "_FAR", 2_000)
    packets = [made.udp4(port, 53, made.dns(port, f"host-{port}.example")) for port in range(1, 11)]
    whole = pcap(made.frames(*packets))
    (told,) = through_a_pipe(place, whole, b"\xff" * 8_000, b"\xff" * 8_000, b"\xff" * 100)
    assert (told.path, told.problem.code) == (Path("-"), "input-unreadable")
    assert place.spool.counts()[PACKETS, "flow"] == 10
    assert verdict(place.spool.report()).complete


def test_a_stream_of_no_known_format_is_kept_line_by_line_until_a_format_is_recognised(place: Place) -> None:
    syslog = b"".join(b"<34>Oct 11 22:14:1%d host su: message\n" % number for number in range(9))
    assert not through_a_pipe(place, "门禁 1 打开\ngate 2 op".encode(), b"ened\n", syslog)
    events = [row for record in place.spool.read(STORE, 1 << 30) for batch in record.batches for row in batch.rows()]
    assert [row["message"] for row in events[:2]] == ["门禁 1 打开", "gate 2 opened"]
    assert [row["event.dataset"] for row in events] == ["log.unknown"] * 2 + ["system.syslog"] * 9
    assert verdict(place.spool.report()).complete


def test_a_stream_whose_format_was_said_keeps_lines_whole_that_come_in_pieces(place: Place) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"one ge")
    steps = place.intake.take_stream(reading, reader_for("log.unknown"))
    assert isinstance(next(steps), Idle)
    os.write(writing, b"ts more\n")
    os.close(writing)
    assert len(list(steps)) == 1
    os.close(reading)
    (record,) = place.spool.read(STORE, 1 << 30)
    assert [row["message"] for batch in record.batches for row in batch.rows()] == ["one gets more"]


def test_a_stream_in_which_nothing_comes_says_so(place: Place) -> None:
    reading, writing = os.pipe()
    steps = place.intake.take_stream(reading)
    assert isinstance(next(steps), Idle)
    os.write(writing, lines(0, 3))
    assert isinstance(next(steps), Step)
    os.close(writing)
    assert not list(steps)
    os.close(reading)
