from pathlib import Path

import numpy as np

from sensors.capture import index as ix
from sensors.capture.keeping import keeper as keeping
from sensors.capture.keeping.keeper import Keeper, Kept
from sensors.capture.keeping.segments import PAIRS, segments
from sensors.capture.keeping.slices import kept
from sensors.capture.keeping.wanted import Wanted
from sensors.capture.live.session import source_of
from sensors.capture.settings import KeepSettings
from sensors.capture.writing import Frame
from tests.sensors.capture import frames as made
from tests.sensors.capture.keeping.contents import contents

SOURCE = source_of("near", "host", 1)
SMALL = KeepSettings(max_bytes=12 << 20, segment_bytes=4 << 20, min_free_bytes=0, max_hours=0)


def indexed(frames: list[Frame]) -> tuple[np.ndarray, np.ndarray]:
    data = np.frombuffer(b"".join(frame.octets for frame in frames), np.uint8).copy()
    index = np.zeros((len(frames), ix.COLUMNS), np.int64)
    at = 0
    for row, frame in zip(index, frames, strict=True):
        row[:] = at, len(frame.octets), len(frame.octets) + 3, frame.time, 1
        at += len(frame.octets)
    return data, index


def begun(folder: Path, data: np.ndarray, settings: KeepSettings = SMALL) -> Keeper:
    return Keeper(folder, settings, data, Kept(SOURCE, "near", 1, 262_144, "udp"))


def test_what_is_kept_is_what_was_captured(tmp_path: Path) -> None:
    frames = made.frames(*[made.udp4(port, 53, bytes(port)) for port in range(1, 200)])
    data, index = indexed(frames)
    keeper = begun(tmp_path, data)
    keeper.keep(index[:100], 1)
    keeper.keep(index[100:], 101)
    keeper.close()
    assert keeper.hand_on() == {"packets_kept": 199, "packets_not_kept": 0}
    (segment,) = segments(tmp_path)
    assert contents(segment.path) == frames
    assert (segment.begin, segment.end, segment.packets) == (frames[0].time, frames[-1].time, 199)
    assert segment.source == SOURCE.id
    assert kept(tmp_path, Wanted(hosts=(made.B, made.A)), SOURCE.id) == [segment.path]
    assert kept(tmp_path, Wanted(hosts=(made.A, "192.0.2.77"))) == []
    assert kept(tmp_path, Wanted(begin=frames[-1].time + 1)) == []
    assert kept(tmp_path, Wanted(), source_of("far", "host", 1).id) == []


def test_the_ring_stays_within_its_bounds_and_the_oldest_go_first(tmp_path: Path) -> None:
    frames = made.frames(*[made.udp4(port, 53, bytes(1_400)) for port in range(1, 2_001)])
    data, index = indexed(frames)
    keeper = begun(tmp_path, data)
    for turn in range(10):
        index[:, ix.TIME] += made.SECOND * 1_000
        keeper.keep(index, 1 + turn * len(index))
        keeper.hand_on()
        while keeper.hand_on()["packets_kept"] < (turn + 1) * len(index):
            pass
        assert sum(file.stat().st_size for file in tmp_path.glob("*.pcapng")) <= SMALL.max_bytes
    keeper.close()
    assert keeper.hand_on() == {"packets_kept": 20_000, "packets_not_kept": 0}
    found = segments(tmp_path)
    assert 1 <= len(found) <= 3
    assert found[-1].end == int(index[-1, ix.TIME])
    assert {file.stem for file in tmp_path.glob("*.pcapng")} == {file.stem for file in tmp_path.glob(f"*{PAIRS}")}


def test_what_is_old_goes_when_a_new_segment_begins(tmp_path: Path) -> None:
    settings = KeepSettings(max_bytes=64 << 20, segment_bytes=4 << 20, min_free_bytes=0, max_hours=1)
    frames = made.frames(made.udp4(1, 2))
    for hours in (0, 3):
        data, index = indexed(frames)
        index[:, ix.TIME] += hours * 3_600 * made.SECOND
        keeper = begun(tmp_path, data, settings)
        keeper.keep(index, 1)
        keeper.close()
    assert len(segments(tmp_path)) == 1


def test_a_disk_without_room_is_counted_and_stops_nothing(tmp_path: Path) -> None:
    data, index = indexed(made.frames(made.udp4(1, 2)))
    keeper = begun(tmp_path, data, KeepSettings(max_bytes=12 << 20, segment_bytes=4 << 20, min_free_bytes=1 << 60))
    keeper.keep(index, 1)
    keeper.close()
    assert keeper.hand_on() == {"packets_kept": 0, "packets_not_kept": 1}
    assert not list(tmp_path.glob("*.pcapng"))


def test_without_a_free_buffer_packets_pass_by_counted(tmp_path: Path) -> None:
    data, index = indexed(made.frames(made.udp4(1, 2)))
    keeper = begun(tmp_path, data)
    for _ in range(keeping.BUFFERS):
        keeper._free.get()
    keeper.keep(index, 1)
    assert keeper.hand_on() == {"packets_kept": 0, "packets_not_kept": 1}
    keeper.close()


def test_a_segment_whose_writer_died_gets_its_index_from_whoever_looks(tmp_path: Path) -> None:
    frames = made.frames(*[made.udp4(port, 53) for port in range(1, 50)])
    data, index = indexed(frames)
    keeper = begun(tmp_path, data)
    keeper.keep(index, 1)
    keeper.close()
    (file,) = tmp_path.glob("*.pcapng")
    (before,) = segments(tmp_path)
    file.with_suffix(PAIRS).unlink()
    # The writer died in the middle of a block.
    file.write_bytes(file.read_bytes() + b"\x06\x00\x00\x00\x40\x00\x00\x00half")
    (after,) = segments(tmp_path)
    assert (after.begin, after.end, after.pairs.tolist()) == (before.begin, before.end, before.pairs.tolist())
    assert file.with_suffix(PAIRS).exists()
