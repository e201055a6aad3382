"""A capture file mapped into memory, whatever its container: it gives indexes of packets and says what is broken."""

import mmap
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sensors.capture import index as ix
from sensors.capture import pcap, pcapng
from sensors.capture.compiled import Octets, Words
from sensors.errors import Place, UnreadableInput

_REACH = 64 << 20
"""How far a believable record is looked for after a broken one."""


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
        data: the file's bytes, mapped read-only.
    """

    def __init__(self, path: Path, size: int | None = None) -> None:
        """Map the file, or its first `size` bytes.

        Raises:
            UnreadableInput: the file cannot be opened or mapped, or is no capture.
        """
        try:
            with path.open("rb") as file:
                whole = file.seek(0, 2)
                length = whole if size is None else min(size, whole)
                if not length:
                    raise UnreadableInput(place=Place(str(path)), reason="empty")
                mapped = mmap.mmap(file.fileno(), length, access=mmap.ACCESS_READ)
        except OSError as error:
            raise UnreadableInput(place=Place(str(path)), reason=error.strerror or str(error)) from error
        mapped.madvise(mmap.MADV_SEQUENTIAL)
        self.data: Octets = np.frombuffer(mapped, dtype=np.uint8)
        head = bytes(self.data[: pcap.HEADER_BYTES])
        self._next_generation = pcapng.recognises(head)
        self._interfaces: Words = np.zeros((0, pcapng.I_COLUMNS), np.int64)
        if self._next_generation:
            self._state, self._interfaces = pcapng.begin()
        else:
            try:
                self._state = pcap.begin(head)
            except ValueError as error:
                raise UnreadableInput(place=Place(str(path)), reason=str(error)) from error

    @property
    def at(self) -> int:
        """Where scanning goes on."""
        return int(self._state[ix.S_AT])

    @property
    def notes(self) -> dict[str, int]:
        """What scanning had to repair so far, by what it was."""
        return {
            "length_clamped": int(self._state[ix.S_CLAMPED]),
            "time_missing": int(self._state[ix.S_UNTIMED]),
            "interface_unknown": int(self._state[ix.S_SKIPPED]),
        }

    def go_to(self, place: int) -> None:
        """Pass over what stands before `place`, where an earlier reading ended, and keep what was described there."""
        index = np.zeros((4_096, ix.COLUMNS), np.int64)
        while self.at < place:
            _, _, ended = self.scan(index, place)
            if ended:
                break
        self._state[ix.S_AT] = min(place, len(self.data))

    def scan(self, index: Words, stop: int) -> tuple[int, Fault | None, bool]:
        """Index the next packets, up to the index's length or the offset `stop`.

        Returns:
            How many packets were indexed; a fault that stands behind them, if scanning met one; whether this was
            the end of what can be read.
        """
        if self._next_generation:
            count, why = pcapng.scan(self.data, self._state, self._interfaces, index, stop)
        else:
            count, why = pcap.scan(self.data, self._state, index, stop)
        if why in {ix.MORE, ix.END}:
            return count, None, why == ix.END
        at, size = self.at, len(self.data)
        if why == ix.CUT:
            self._state[ix.S_AT] = size
            detail = f"the file ends {size - at} bytes into a record"
            return count, Fault(at, size - at, "capture-truncated", detail, 1), True
        find = pcapng.resynchronise if self._next_generation else pcap.resynchronise
        found = int(find(self.data, self._state, _REACH))
        on = size if found < 0 else found
        self._state[ix.S_AT] = on
        detail = "a record's length cannot be true; " + (
            f"reading goes on {on - at} bytes later" if found >= 0 else "no further record was found"
        )
        return count, Fault(at, on - at, "capture-record-length", detail, 0), found < 0
