"""What only the embedded store promises: kills, damage, full disks, several processes."""

import contextlib
import errno
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pyarrow.parquet as pq
import pytest

from correlation.ports import Stored
from correlation.query.model import Query
from correlation.query.parsing import parse
from correlation.settings import EmbeddedStoreSettings
from correlation.store.embedded.manifest import forget_segments
from correlation.store.embedded.store import EmbeddedStore
from correlation.store.errors import (
    ReservedField,
    SecondWriter,
    SegmentDamaged,
    SegmentMissing,
    StoreDamaged,
    StoreDiskFull,
    StoreReadOnly,
    StoreVersion,
)
from sensors.event.times import SECOND
from tests.correlation.store.events import START, event_id, found, record

DAY = 86_400 * SECOND
Opens = Callable[[], EmbeddedStore]

WRITER = """
import sys
from pathlib import Path
from correlation.settings import EmbeddedStoreSettings
from correlation.store.embedded import compaction
from correlation.store.embedded.manifest import forget_segments
from correlation.store.embedded.store import EmbeddedStore
from tests.correlation.store.events import START, record

compaction.ENOUGH_FILES = 3
store = EmbeddedStore(Path(sys.argv[1]), EmbeddedStoreSettings(grace_seconds=0), lambda: START)
for sequence in range(int(sys.argv[2]), 10_000):
    answer = store.append([record(sequence, [{"user.name": "u", "n": n} for n in range(40)], first=sequence * 20)])
    print(sequence, answer[0].stored, answer[0].duplicates, flush=True)
    store.maintain()
"""


def _segments(store: EmbeddedStore) -> list[Path]:
    return [store.root / one.path for one in store.manifest.segments()]


def _files(store: EmbeddedStore) -> set[Path]:
    return {file for file in (store.root / "segments").rglob("*") if file.is_file()}


@pytest.mark.parametrize("seed", range(8 if os.environ.get("PROVE") is None else 100))
def test_killed_at_any_moment_nothing_acknowledged_is_lost_or_twice(tmp_path: Path, seed: int) -> None:
    moments = random.Random(seed)
    answered: dict[int, tuple[int, int]] = {}
    sequence = 1
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path / "store"), str(sequence)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            first = writer.stdout.readline()
            time.sleep(moments.uniform(0, 0.25))
            writer.send_signal(signal.SIGKILL)
            for line in (first, *writer.stdout):
                if line.endswith("\n"):
                    number, stored, duplicates = map(int, line.split())
                    assert answered.setdefault(number, (stored, duplicates)) == (stored, duplicates)
        # The spool hands over again what was not acknowledged, and here also the last one that was.
        sequence = max(answered)
    store = EmbeddedStore(tmp_path / "store", EmbeddedStoreSettings(), lambda: START)
    try:
        last = record(sequence, [{"user.name": "u", "n": n} for n in range(40)], first=sequence * 20)
        assert store.append([last]) == [Stored(sequence, *answered[sequence])]
        # The kill may have come between the commit of one more record and its answer.
        page = store.search(Query(limit=100_000))
        ids = [event["event.id"] for event in page.events]
        assert len(ids) == len(set(ids)) == page.total
        assert not page.problems
        assert {event_id(20 * number + n) for number in answered for n in range(40)} <= set(ids)
        assert page.total - sum(stored for stored, _ in answered.values()) in (0, 20)
        assert all(stored == (40 if number == 1 else 20) for number, (stored, _) in answered.items())
        store.maintain()
        # A kill may have come between the deletion of a replaced file and its row's; that row goes after its grace.
        assert set(_segments(store)) <= _files(store) <= {store.root / path for path in store.manifest.paths()}
    finally:
        store.close()


def test_what_a_killed_writer_left_is_swept(new_embedded: Opens) -> None:
    store = new_embedded()
    store.append([record(1, [{"user.name": "a"}])])
    left = [store.root / "segments" / "appended" / name for name in ("x.parquet", "y.parquet.unfinished")]
    for file in left:
        file.write_bytes(b"half")
    again = new_embedded()
    assert found(again, "") == {0}
    assert all(file.exists() for file in left)  # a reader sweeps nothing: the file may be a writer's next segment
    again.append([record(2, [{"user.name": "b"}], first=5)])
    assert not any(file.exists() for file in left)
    assert found(again, "") == {0, 5}


def test_a_full_disk_keeps_nothing_of_the_append(new_embedded: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    store = new_embedded()
    store.append([record(1, [{"user.name": "a"}])])

    def full(*_: Any, **__: Any) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for place, name in ((os, "fsync"), (pq, "write_table")):
        before = _files(store)
        with monkeypatch.context() as patched:
            patched.setattr(place, name, full)
            with pytest.raises(StoreDiskFull):
                store.append([record(2, [{"user.name": "b"}], first=5)])
        assert _files(store) == before
        assert found(store, "") == {0}
    assert store.append([record(2, [{"user.name": "b"}], first=5)]) == [Stored(2, 1, 0)]


@pytest.mark.skipif(
    not Path("/proc/self/ns/user").exists() or os.getuid() != 0, reason="only root can mount a small disk"
)
def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(disk)], check=False, capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    try:
        store = EmbeddedStore(disk / "store", EmbeddedStoreSettings(), lambda: START)
        stored = 0
        noise = random.Random(5)
        with contextlib.suppress(StoreDiskFull):
            for sequence in range(1, 2_000):
                rows = [{"message": noise.randbytes(400).hex()} for _ in range(100)]
                stored += store.append([record(sequence, rows, first=sequence * 100)])[0].stored
        assert 0 < stored == store.search(Query(limit=1)).total
        for _ in range(3):
            with pytest.raises(StoreDiskFull):
                store.append([record(9_999, [{"message": noise.randbytes(40_000).hex()} for _ in range(99)])])
        assert store.search(Query(limit=1)).total == stored
        store.close()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_disk_that_cannot_be_written(new_embedded: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    store = new_embedded()

    def refused(*_: Any, **__: Any) -> NoReturn:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(pq, "write_table", refused)
    with pytest.raises(StoreReadOnly) as raised:
        store.append([record(1, [{"user.name": "a"}])])
    assert raised.value.parameters["reason"] == "Read-only file system"
    assert found(store, "") == set()


def test_a_missing_segment_is_named_and_the_rest_answers(new_embedded: Opens) -> None:
    store = new_embedded()
    for sequence in (1, 2, 3):
        store.append([record(sequence, [{"user.name": "a"}] * 4, first=sequence * 10)])
    _segments(store)[1].unlink()
    for query in (Query(), Query(sort="user.name")):
        page = store.search(query)
        assert {event["event.sequence"] for event in page.events} == {11, 12, 13, 14, 31, 32, 33, 34}
        assert page.total == 8
        (problem,) = page.problems
        assert isinstance(problem, SegmentMissing)
        assert problem.parameters["events"] == 4
    assert store.count_by(Query(), "user.name", 3) == [("a", 8)]
    assert [type(problem) for problem in store.problems()] == [SegmentMissing]


@pytest.mark.parametrize("harm", ["cut", "emptied", "overwritten"])
def test_a_damaged_segment_is_named_and_the_rest_answers(new_embedded: Opens, harm: str) -> None:
    store = new_embedded()
    for sequence in (1, 2, 3):
        rows = [{"user.name": f"u{n}", "message": f"text {n} {n * 7919 % 1013}"} for n in range(300)]
        store.append([record(sequence, rows, first=sequence * 1_000)])
    file = _segments(store)[1]
    data = file.read_bytes()
    damaged = {"cut": data[: len(data) // 2], "emptied": b"", "overwritten": data[:8] + b"\xa5" * (len(data) - 8)}
    file.write_bytes(damaged[harm])
    page = store.search(Query(limit=1_000))
    assert page.total == len(page.events) == 600
    (problem,) = page.problems
    assert isinstance(problem, SegmentDamaged)
    assert problem.parameters["path"] == file.relative_to(store.root).as_posix()
    assert store.append([record(4, [{"user.name": "z"}], first=9_000)]) == [Stored(4, 1, 0)]


def test_pages_that_are_damaged_inside_are_found_when_they_are_read(new_embedded: Opens) -> None:
    store = new_embedded()
    for sequence in (1, 2):
        noise = random.Random(sequence)
        rows = [{"message": noise.randbytes(200).hex()} for _ in range(500)]
        store.append([record(sequence, rows, first=sequence * 1_000)])
    file = _segments(store)[0]
    data = bytearray(file.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 4_000] = b"\0" * 4_000
    file.write_bytes(data)
    page = store.search(Query(parse("message:*a*"), limit=1_000))
    assert {event["event.sequence"] > 2_000 for event in page.events} == {True}
    assert [type(problem) for problem in page.problems] == [SegmentDamaged]
    store.maintain()
    assert store.search(Query(limit=1)).total == 500


def test_what_is_dropped_is_no_problem_any_more(new_embedded: Opens) -> None:
    store = new_embedded()
    for sequence in (1, 2):
        store.append([record(sequence, [{"user.name": "a"}], first=sequence * 10)])
    first, second = store.manifest.segments()
    (store.root / first.path).unlink()
    assert store.search(Query(start=second.min_time)).problems == ()
    assert len(store.search(Query()).problems) == len(store.problems()) == 1
    with store.manifest.change() as db:
        forget_segments(db, [first.id])
    assert store.search(Query()).problems == ()
    assert list(store.problems()) == []


def test_a_folder_whose_name_means_something_to_databases(tmp_path: Path) -> None:
    folder = tmp_path / "a=b" / "[x]*? 'q' \"d\" ; %41 数据"
    with contextlib.closing(EmbeddedStore(folder, EmbeddedStoreSettings(), lambda: START + DAY)) as store:
        store.append([record(1, [{"user.name": "a"}])])
        for _ in range(2):
            page = store.search(Query())
            assert (page.total, len(page.events), page.problems) == (1, 1, ())
            assert "a" not in page.events[0]
            store.maintain()


def test_many_processes_may_open_a_new_store_at_once(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from correlation.settings import EmbeddedStoreSettings;"
        "from correlation.store.embedded.store import EmbeddedStore;"
        "sys.stdin.read(); EmbeddedStore(Path(sys.argv[1]), EmbeddedStoreSettings(), lambda: 0).close()"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "store")]
    with contextlib.ExitStack() as stack:
        started = [
            stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
            for _ in range(6)
        ]
        for process in started:
            assert process.stdin is not None
            process.stdin.close()
        for process in started:
            assert process.stderr is not None
            errors = process.stderr.read()
            assert process.wait(60) == 0, errors


def test_a_damaged_manifest_is_said(new_embedded: Opens) -> None:
    store = new_embedded()
    store.append([record(1, [{"user.name": "a"}])])
    root = store.root
    store.close()
    (root / "manifest.sqlite").write_bytes(b"no database" * 1_000)
    with pytest.raises(StoreDamaged):
        new_embedded()


def test_a_manifest_of_a_later_form_is_left_alone(new_embedded: Opens) -> None:
    store = new_embedded()
    with store.manifest.change() as db:
        db.execute("pragma user_version = 99")
    with pytest.raises(StoreVersion) as raised:
        new_embedded()
    assert raised.value.parameters["found"] == 99


def test_a_second_writer_is_noticed(new_embedded: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    store, other = new_embedded(), new_embedded()
    seen = store.manifest.seen

    def meanwhile(*keys: Any) -> set[bytes]:
        known = seen(*keys)
        other.append([record(1, [{"user.name": "a"}])])
        return known

    monkeypatch.setattr(store.manifest, "seen", meanwhile)
    with pytest.raises(SecondWriter):
        store.append([record(2, [{"user.name": "a"}])])
    assert found(store, "") == {0}


def test_a_batch_that_contradicts_itself_is_refused(new_embedded: Opens) -> None:
    store = new_embedded()
    with pytest.raises(ReservedField):
        store.append([record(1, [{"event.id": "mine"}])])
    assert found(store, "") == set()


def test_readers_see_whole_appends_while_one_writes(new_embedded: Opens) -> None:
    writer = new_embedded()
    torn: list[int] = []
    done = threading.Event()

    def read() -> None:
        reader = new_embedded()
        while not done.is_set():
            total = reader.search(Query(limit=1)).total
            if total % 30:
                torn.append(total)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        for sequence in range(1, 31):
            rows = [{"user.name": f"u{n}"} for n in range(30)]
            writer.append([record(sequence, rows, first=sequence * 100)])
            writer.maintain()
    finally:
        done.set()
        thread.join()
    assert torn == []
    assert writer.search(Query(limit=1)).total == 900


def test_events_without_a_time_of_their_own_are_known_by_id(new_embedded: Opens) -> None:
    store = new_embedded()
    row = {"hanwatch.time.origin": "received", "message": "no time"}
    assert store.append([record(1, [row], times=[START])]) == [Stored(1, 1, 0)]
    assert store.append([record(2, [row], times=[START + DAY])]) == [Stored(2, 0, 1)]
