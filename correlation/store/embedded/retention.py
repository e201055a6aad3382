"""Retention: whole days are dropped when they are old enough, or when the disk runs full, and never silently.

A day is old by the later of its end and the receipt of its last event, so that a log of three years ago which arrived
today is kept as long as one that was written today.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from correlation.ports import Dropped
from correlation.settings import EmbeddedStoreSettings
from correlation.store.embedded.compaction import DAY, delete_files, delete_replaced
from correlation.store.embedded.manifest import (
    Manifest,
    Segment,
    forget_seen,
    forget_segments,
    forget_untimed,
    insert_dropped,
)

AGE: Final = "age"
DISK: Final = "disk"


@dataclass(frozen=True, slots=True)
class Day:
    """The segments of one day (since 1970, UTC) and when its last event was received, ns."""

    day: int
    segments: tuple[Segment, ...]

    @property
    def last(self) -> int:
        """From when on its age counts, ns."""
        return max((self.day + 1) * DAY, *(one.max_received for one in self.segments))

    @property
    def rows(self) -> int:
        """How many events."""
        return sum(one.rows for one in self.segments)

    @property
    def bytes(self) -> int:
        """Of its files."""
        return sum(one.bytes for one in self.segments)


def days(segments: Sequence[Segment]) -> list[Day]:
    """Compacted segments by day, oldest first; appended ones mix days and wait for compaction."""
    found: dict[int, list[Segment]] = {}
    for one in segments:
        if one.day is not None:
            found.setdefault(one.day, []).append(one)
    return [Day(day, tuple(found[day])) for day in sorted(found)]


def too_old(days: Sequence[Day], now: int, keep_days: int) -> list[Day]:
    """The days whose age is over."""
    return [one for one in days if one.last <= now - keep_days * DAY]


def too_much(days: Sequence[Day], excess: int) -> list[Day]:
    """The oldest days that together have `excess` bytes; the newest day always stays."""
    chosen: list[Day] = []
    for one in days[:-1]:
        if excess <= 0:
            break
        chosen.append(one)
        excess -= one.bytes
    return chosen


def retain(root: Path, manifest: Manifest, settings: EmbeddedStoreSettings, now: int) -> list[Dropped]:
    """Drop what the settings no longer want to keep; returns and records what it was."""
    old = too_old(days(manifest.segments()), now, settings.keep_days)
    forget_before = now - settings.keep_days * DAY
    dropped = [_drop(root, manifest, day, Dropped(now, day.day, day.rows, day.bytes, AGE)) for day in old]
    if _excess(root, manifest, settings) > 0:
        delete_replaced(root, manifest, now)
    excess = _excess(root, manifest, settings)
    much = too_much(days(manifest.segments()), excess)
    dropped += [_drop(root, manifest, day, Dropped(now, day.day, day.rows, day.bytes, DISK)) for day in much]
    if dropped:
        with manifest.change() as db:
            forget_untimed(db, forget_before)
    return dropped


def _excess(root: Path, manifest: Manifest, settings: EmbeddedStoreSettings) -> int:
    """By how many bytes the store is above its watermarks."""
    excess = 0
    if settings.max_bytes:
        excess = sum(one.bytes for one in manifest.segments()) - settings.max_bytes
    if settings.min_free_bytes:
        excess = max(excess, settings.min_free_bytes - shutil.disk_usage(root).free)
    return excess


def _drop(root: Path, manifest: Manifest, day: Day, dropped: Dropped) -> Dropped:
    with manifest.change() as db:
        forget_segments(db, [segment.id for segment in day.segments])
        forget_seen(db, _key(day.day * DAY), _key((day.day + 1) * DAY))
        insert_dropped(db, [dropped])
    delete_files(root, [segment.path for segment in day.segments])
    return dropped


def _key(time: int) -> bytes:
    return time.to_bytes(8, "big", signed=True)
