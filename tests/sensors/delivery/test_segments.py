"""Frames come back as they were written, or are told to be damaged; a full disk leaves nothing behind."""

import errno
import os
from pathlib import Path
from random import Random

import pytest

from sensors.delivery.errors import SpoolFull, SpoolUnusable
from sensors.delivery.segments import (
    DamagedFrame,
    Disk,
    Extent,
    SegmentWriter,
    SystemDisk,
    lock_segment,
    read_frame,
    segment_number,
    segment_path,
)
from tests.sensors.delivery.disks import FailingDisk

PAYLOADS = [b"first", b"", b"third" * 1_000]


def writer(folder: Path, disk: Disk | None = None, number: int = 7) -> SegmentWriter:
    file = segment_path(folder, number)
    descriptor = lock_segment(file, create=not file.exists())
    assert descriptor is not None
    return SegmentWriter(file, number, descriptor, disk or SystemDisk())


def test_frames_come_back(tmp_path: Path) -> None:
    segment = writer(tmp_path)
    extents = segment.write(PAYLOADS) + segment.write([b"fourth"])
    segment.close()
    assert [read_frame(tmp_path, extent) for extent in extents] == [*PAYLOADS, b"fourth"]
    assert extents[-1].end == segment_path(tmp_path, 7).stat().st_size


@pytest.mark.parametrize("seed", range(20))
def test_one_flipped_bit_anywhere_is_noticed(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    segment = writer(tmp_path)
    extents = segment.write(PAYLOADS)
    segment.close()
    file = segment_path(tmp_path, 7)
    data = bytearray(file.read_bytes())
    victim = random.choice(extents)
    data[random.randrange(victim.offset, victim.end)] ^= 1 << random.randrange(8)
    file.write_bytes(data)
    for extent, payload in zip(extents, PAYLOADS, strict=True):
        if extent == victim:
            with pytest.raises(DamagedFrame):
                read_frame(tmp_path, extent)
        else:
            assert read_frame(tmp_path, extent) == payload


def test_a_frame_in_another_place_is_not_taken_for_this_one(tmp_path: Path) -> None:
    segment = writer(tmp_path)
    first, second = segment.write([b"equal", b"equal"])
    segment.close()
    with pytest.raises(DamagedFrame):
        read_frame(tmp_path, Extent(7, first.offset + 1, 5))
    segment_path(tmp_path, 8).write_bytes(segment_path(tmp_path, 7).read_bytes())
    with pytest.raises(DamagedFrame):
        read_frame(tmp_path, Extent(8, second.offset, 5))


def test_what_is_cut_or_missing_is_damaged(tmp_path: Path) -> None:
    segment = writer(tmp_path)
    (extent,) = segment.write([b"payload"])
    segment.close()
    os.truncate(segment_path(tmp_path, 7), extent.end - 1)
    with pytest.raises(DamagedFrame, match="cut short"):
        read_frame(tmp_path, extent)
    segment_path(tmp_path, 7).unlink()
    with pytest.raises(DamagedFrame, match="missing"):
        read_frame(tmp_path, extent)


def test_a_segment_in_use_is_locked(tmp_path: Path) -> None:
    segment = writer(tmp_path)
    assert lock_segment(segment_path(tmp_path, 7)) is None
    segment.close()
    descriptor = lock_segment(segment_path(tmp_path, 7))
    assert descriptor is not None
    os.close(descriptor)


def test_a_torn_tail_is_never_written_over(tmp_path: Path) -> None:
    segment = writer(tmp_path)
    (first,) = segment.write([b"first"])
    segment.close()
    with segment_path(tmp_path, 7).open("ab") as file:
        file.write(b"HWR1 half a frame")
    again = writer(tmp_path)
    (second,) = again.write([b"second"])
    again.close()
    assert second.offset == first.end + 17
    assert [read_frame(tmp_path, extent) for extent in (first, second)] == [b"first", b"second"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
@pytest.mark.parametrize("room", [0, 1, 40, 5_000])
def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, room: int, code: int) -> None:
    disk = FailingDisk()
    segment = writer(tmp_path, disk)
    (first,) = segment.write([b"first"])
    disk.room, disk.code = room, code
    with pytest.raises(SpoolFull) as caught:
        segment.write(PAYLOADS)
    assert caught.value.parameters == {"reason": os.strerror(code)}
    assert segment_path(tmp_path, 7).stat().st_size == segment.end == first.end
    disk.room = None
    second, *_ = segment.write(PAYLOADS)
    segment.close()
    assert second.offset == first.end
    assert [read_frame(tmp_path, extent) for extent in (first, second)] == [b"first", b"first"]


def test_a_disk_that_cannot_sync_is_told(tmp_path: Path) -> None:
    segment = writer(tmp_path, FailingDisk(sync=errno.EIO))
    with pytest.raises(SpoolUnusable, match="Input/output error"):
        segment.write(PAYLOADS)
    segment.close()


@pytest.mark.parametrize(
    ("name", "number"),
    [("000000000012.segment", 12), ("x.segment", None), ("12", None), ("12.lock", None), (".segment", None)],
)
def test_segments_are_known_by_their_names(name: str, number: int | None) -> None:
    assert segment_number(Path(name)) == number
