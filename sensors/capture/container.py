"""A capture file read piece by piece, whatever its container: it gives indexes of packets and says what is broken.

The file is read and never mapped: one that is cut while it is mapped ends the process, one that is cut while it is read
ends early. Reading costs less, too: a piece is still in the processor's cache when its packets are decoded.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self

import numpy as np

from sensors.capture import index as ix
from sensors.capture import pcap, pcapng
from sensors.capture.compiled import Octets, Words
from sensors.errors import Place, UnreadableInput

PIECE_BYTES: Final = 512 << 10
"""How much is read at once: about what the processor's own cache holds (measured)."""
SPARE_BYTES: Final = 2 << 20
"""Room behind a portion: for the record in which it ends and for what stands behind a broken one."""
_SEEN_AHEAD: Final = 4 * ix.MOST
_REACH: Final = 64 << 20
"""How far a believable record is looked for after a broken one, nearby first and then in longer stretches."""
_NEAR: Final = 256 << 10
_FAR: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class Fault:
    """A stretch of the file that is no packet: where, how long, and why (`reason`, a message code)."""

    at: int
    size: int
    reason: str
    detail: str
    packets: int
    """How many packets it counts as: a record that the file's end cuts off is one, a lying length is none."""


def recognises(head: bytes) -> bool:
    """Whether a file that begins so (12 bytes are enough) is a capture: pcap or pcapng."""
    return pcap.recognises(head) or pcapng.recognises(head)


class Container:
    """One capture file, scanned from beginning to end.

    Attributes:
        data: octets of the file from `base` on; the index's places count from its beginning. What was scanned stays
            there until `forget`.
        base: where in the file `data` begins.
        size: how long the file is; less than before once it turns out to have been cut.
        growing: whether more is to come behind `size`, so that what is cut there is not cut off.
        waiting: whether the last scan ended where more is to come.
    """

    def __init__(
        self, path: Path, size: int | None = None, *, portion: int = 16 << 20, growing: bool = False
    ) -> None:
        """Open the file, or its first `size` bytes, to be scanned in portions of at most `portion` bytes.

        One that is `growing` has its header at least.

        Raises:
            UnreadableInput: the file cannot be opened or read, or is no capture.
        """
        self._path = path
        try:
            self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise self._unreadable(error) from error
        try:
            whole = os.fstat(self._file).st_size
            self.size = whole if size is None else min(size, whole)
            self.base = 0
            self.growing = growing
            self.waiting = False
            room = portion + SPARE_BYTES
            self.data: Octets = np.empty(room if growing else min(self.size, room), np.uint8)
            self._view = memoryview(self.data.data)
            self._there = 0
            self._more()
            self._begin()
        except BaseException:
            self.close()
            raise

    def _begin(self) -> None:
        if not self._there:
            raise UnreadableInput(place=Place(str(self._path)), reason="empty")
        head = bytes(self._view[: min(self._there, pcap.HEADER_BYTES)])
        self._next_generation = pcapng.recognises(head)
        self._interfaces: Words = np.zeros((0, pcapng.I_COLUMNS), np.int64)
        if self._next_generation:
            self._state, self._interfaces = pcapng.begin()
            return
        try:
            self._state = pcap.begin(head)
        except ValueError as error:
            raise UnreadableInput(place=Place(str(self._path)), reason=str(error)) from error

    def __enter__(self) -> Self:
        """The container, which closes its file at the end of the block."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file; what was read stays."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _unreadable(self, error: OSError) -> UnreadableInput:
        return UnreadableInput(place=Place(str(self._path)), reason=error.strerror or str(error))

    def _read(self, target: memoryview, at: int) -> int:
        """Read octets from the offset `at` of the file; where it ends too early, that is its end from now on."""
        try:
            count = os.preadv(self._file, [target], at)
        except OSError as error:
            raise self._unreadable(error) from error
        if not count and len(target):
            self.size = min(self.size, at)
        return count

    def _more(self) -> bool:
        """Read the next piece behind what is there; whether there was room and something to read."""
        end = min(self._there + PIECE_BYTES, len(self.data), self.size - self.base)
        if end <= self._there:
            return False
        count = self._read(self._view[self._there : end], self.base + self._there)
        self._there += count
        return count > 0

    def grow(self, size: int, *, ended: bool) -> None:
        """A growing file has so many bytes now; `ended`: and will have no more."""
        self.size, self.growing = size, not ended

    @property
    def at(self) -> int:
        """Where in the file scanning goes on."""
        return self.base + int(self._state[ix.S_AT])

    @property
    def notes(self) -> dict[str, int]:
        """What scanning had to repair so far, by what it was."""
        return {
            "length_clamped": int(self._state[ix.S_CLAMPED]),
            "time_missing": int(self._state[ix.S_UNTIMED]),
            "interface_unknown": int(self._state[ix.S_SKIPPED]),
        }

    def octets(self, at: int, size: int) -> bytes:
        """Octets of the file from an offset on, fewer where it ends."""
        try:
            return os.pread(self._file, size, at)
        except OSError as error:
            raise self._unreadable(error) from error

    def forget(self) -> None:
        """Let go of what has been scanned, to make room for what follows."""
        at = int(self._state[ix.S_AT])
        kept = max(self._there - at, 0)
        self.data[:kept] = self.data[at : at + kept].copy()
        self._there = kept
        self.base += at
        self._state[ix.S_AT] = 0

    def go_to(self, place: int) -> None:
        """Pass over what stands before `place`, where an earlier reading ended, and keep what was described there."""
        index = np.zeros((4_096, ix.COLUMNS), np.int64)
        while self.at < place:
            _, _, ended = self.scan(index, place)
            self.forget()
            if ended:
                break
            if self.waiting:
                return
        self._state[ix.S_AT] = min(place, self.size) - self.base

    def scan(self, index: Words, stop: int) -> tuple[int, Fault | None, bool]:
        """Index the next packets, up to the index's length, the offset `stop` or the end of what was read.

        Returns:
            How many packets were indexed; a fault that stands behind them, if scanning met one; whether this was
            the end of what can be read.
        """
        if self.base + self._there - self.at < ix.MOST:
            self._more()
        self.waiting = False
        while True:
            data, left = self.data[: self._there], ix.ENDLESS if self.growing else self.size - self.base
            if self._next_generation:
                count, why = pcapng.scan(data, self._state, self._interfaces, index, stop - self.base, left)
            else:
                count, why = pcap.scan(data, self._state, index, stop - self.base, left)
            if count or why not in {ix.WAIT, ix.LONG}:
                break
            before = self.size
            if why == ix.LONG:
                if not self._pass_long_block():
                    why = ix.LENGTH
                    break
            elif not self._more() and self.size == before:
                if self.growing:
                    self.waiting = True
                    return 0, None, False
                why = ix.LENGTH
                break
        if why == ix.LENGTH and self.growing and self.size < self.at + _FAR:
            # What can be found behind a lying length depends on how much is there.
            self.waiting = True
            return count, None, False
        if why in {ix.MORE, ix.END, ix.WAIT, ix.LONG}:
            return count, None, why == ix.END
        at, size = self.at, self.size
        if why == ix.CUT:
            self._state[ix.S_AT] = size - self.base
            detail = f"the file ends {size - at} bytes into a record"
            return count, Fault(at, size - at, "capture-truncated", detail, 1), True
        found = self._resynchronised()
        on = size if found < 0 else found
        self._state[ix.S_AT] = on - self.base
        detail = "a record's length cannot be true; " + (
            f"reading goes on {on - at} bytes later" if found >= 0 else "no further record was found"
        )
        return count, Fault(at, on - at, "capture-record-length", detail, 0), found < 0

    def _pass_long_block(self) -> bool:
        """Pass over a pcapng block that is longer than any packet's; whether it is whole and may be passed over."""
        order: Literal["big", "little"] = "big" if self._state[ix.S_BIG] else "little"
        head = self.octets(self.at, 8)
        kind, length = (int.from_bytes(head[place : place + 4], order) for place in (0, 4))
        if kind in pcapng.NEEDED or self.octets(self.at + length - 4, 4) != head[4:8]:
            return False
        self._state[ix.S_AT] += length
        return True

    def _resynchronised(self) -> int:
        """Where in the file the next believable record begins, or -1 if none does within reach."""
        find = pcapng.resynchronise if self._next_generation else pcap.resynchronise
        at, step = self.at, _NEAR
        while self._there < int(self._state[ix.S_AT]) + step + _SEEN_AHEAD and self._more():
            pass
        view: Octets = self.data[int(self._state[ix.S_AT]) : self._there]
        while True:
            state = self._state.copy()
            state[ix.S_AT] = 0
            found = int(find(view, state, step))
            if found >= 0:
                return at + found
            at += step - 1
            if at >= min(self.at + _REACH, self.size):
                return -1
            step = _FAR
            view = np.frombuffer(self.octets(at, step + _SEEN_AHEAD), np.uint8)
