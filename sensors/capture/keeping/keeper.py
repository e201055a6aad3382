"""Keeping the original packets of one session: packed beside the capture, written by a thread of its own.

A capture never waits for the disk: when no buffer is free, packets are not kept, and that is counted.
"""

import fcntl
import os
import queue
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import structlog

from sensors.capture import index as ix
from sensors.capture.compiled import Longs, Octets, Words
from sensors.capture.keeping.packing import pack, pairs_of
from sensors.capture.keeping.segments import PACKETS, free_bytes, head, make_room, name_of, save_index
from sensors.capture.settings import KeepSettings
from sensors.event.model import Source
from sensors.event.times import SECOND

BUFFER_BYTES: Final = 4 << 20
BUFFERS: Final = 12
FOLDER: Final = "packets"
"""Below the data folder: the ring of packets."""
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Buffer:
    octets: Octets
    used: int = 0
    packets: int = 0
    begin: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """Whose packets are kept, and how they were captured."""

    source: Source
    interface: str
    link: int
    snap: int
    filter: str


class Keeper:
    """Keeps the packets of one session."""

    def __init__(self, folder: Path, settings: KeepSettings, data: Octets, kept: Kept) -> None:
        """Begin to keep, in `folder`, packets that stand in `data`.

        Raises:
            OSError: the folder cannot be made.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._settings = settings
        self._data = data
        self._kept = kept
        self._free: queue.SimpleQueue[_Buffer] = queue.SimpleQueue()
        for _ in range(BUFFERS):
            self._free.put(_Buffer(np.empty(BUFFER_BYTES, np.uint8)))
        self._full: queue.SimpleQueue[_Buffer | None] = queue.SimpleQueue()
        self._present: _Buffer | None = None
        self._file = -1
        self._size = 0
        self._path = folder
        self._pairs: list[Longs] = []
        self._begin = self._end = self._packets = 0
        self._keys: Longs = np.empty(BUFFER_BYTES // 32, np.uint64)
        # Each thread counts for itself: two that add to one number lose some.
        self._written = self._failed = self._passed = 0
        self._thread = threading.Thread(target=self._run, name=f"keep {kept.interface}", daemon=True)
        self._thread.start()

    def keep(self, index: Words, _ordinal: int) -> None:
        """Take the indexed packets along; called by the thread that captures."""
        if not len(index):
            return
        for _ in range(2):
            if self._present is None:
                try:
                    self._present = self._free.get_nowait()
                except queue.Empty:
                    break
            buffer = self._present
            end = int(pack(self._data, index, 0, buffer.octets, buffer.used))
            if end >= 0:
                times = index[:, ix.TIME]
                low, high = int(times.min()), int(times.max())
                buffer.begin = min(buffer.begin, low) if buffer.packets else low
                buffer.end, buffer.used = max(buffer.end, high), end
                buffer.packets += len(index)
                return
            self.hand_on()
        self._passed += len(index)

    def hand_on(self) -> dict[str, int]:
        """Give what was packed so far to the writer; what was kept and what not, so far, for the ledger."""
        if self._present is not None and self._present.packets:
            self._full.put(self._present)
            self._present = None
        return {"packets_kept": self._written, "packets_not_kept": self._passed + self._failed}

    def close(self) -> None:
        """Write what is left, and end."""
        self.hand_on()
        self._full.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (buffer := self._full.get()) is not None:
            try:
                self._write(buffer)
                self._written += buffer.packets
            except OSError as error:
                self._failed += buffer.packets
                _log.warning("packets are not kept", reason=error.strerror or str(error), packets=buffer.packets)
                self._end_segment()
            buffer.used = buffer.packets = buffer.end = 0
            self._free.put(buffer)
        self._end_segment()

    def _write(self, buffer: _Buffer) -> None:
        if self._file >= 0 and self._size + buffer.used > self._settings.segment_bytes:
            self._end_segment()
        if self._file < 0:
            self._begin_segment(buffer.begin)
        view = memoryview(buffer.octets.data)[: buffer.used]
        while view:
            view = view[os.write(self._file, view) :]
        self._size += buffer.used
        count = int(pairs_of(buffer.octets, buffer.used, self._kept.link, self._keys))
        self._pairs.append(np.unique(self._keys[:count]))
        self._begin = min(self._begin, buffer.begin) if self._packets else buffer.begin
        self._end = max(self._end, buffer.end)
        self._packets += buffer.packets

    def _begin_segment(self, begin: int) -> None:
        settings = self._settings
        border = begin - settings.max_hours * 3_600 * SECOND if settings.max_hours else 0
        make_room(
            self._folder, settings.segment_bytes, most=settings.max_bytes, before=border,
            segment_bytes=settings.segment_bytes,
        )
        if free_bytes(self._folder) < settings.min_free_bytes + settings.segment_bytes:
            raise OSError(28, "less disk is free than capture.keep.min_free_bytes wants")
        kept = self._kept
        self._path = self._folder / f"{name_of(begin, kept.source.id)}{PACKETS}"
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self._size = os.write(self._file, head(kept.source.id, kept.interface, kept.link, kept.snap, kept.filter))
        self._pairs, self._begin, self._end, self._packets = [], 0, 0, 0

    def _end_segment(self) -> None:
        if self._file < 0:
            return
        if self._pairs:
            try:
                save_index(self._path, self._begin, self._end, self._packets, np.concatenate(self._pairs))
            except OSError as error:
                # Whoever looks for packets makes it anew.
                _log.warning("the index of packets was not written", reason=error.strerror or str(error))
        os.close(self._file)
        self._file = -1
