r"""Syslog's messages out of a stream of bytes: octet counting or newlines, decided once for each connection.

Octet counting is `MSG-LEN SP SYSLOG-MSG` with MSG-LEN = NONZERO-DIGIT *DIGIT (RFC 6587 section 3.4.1, RFC 5425 section
4.3); the message begins with the `<` of its priority. Whatever begins otherwise is ended by newlines (RFC 6587 section
3.4.2). Nothing here grows beyond one message of the longest length: what is longer is skipped and told.
"""

import re
from typing import Literal, TypeAlias

from sensors.listening.model import BROKEN, CUT, TOO_LONG, Refused, refused
from sensors.reading.model import MAX_REJECT_BYTES

Method: TypeAlias = Literal["counted", "lines"]

_LENGTH_DIGITS = 9
"""More digits are no length: a gigabyte is skipped at most for one lie."""
_COUNTED = re.compile(rb"[1-9]\d{0,8} <")
_COUNTED_SO_FAR = re.compile(rb"[1-9]\d{0,8} ?")
_LINE_ENDS = frozenset((b"\n", b"\r"))


class Framing:
    """Takes the bytes of one connection as they come and gives its messages."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._held = bytearray()
        self._skipped = 0
        self._skipping = False
        self._left = 0
        self.method: Method | None = None
        self.broken = False
        """No message can be found any more; whatever follows is not looked at."""

    @property
    def held(self) -> int:
        """How many bytes wait for the rest of their message."""
        return len(self._held)

    @property
    def unfinished(self) -> bool:
        """Whether a message has begun and not ended."""
        return bool(self._held) or self._skipping

    def feed(self, data: bytes) -> tuple[list[bytes], list[Refused]]:
        """The messages that are complete with these bytes, and what is none."""
        if self.broken:
            return [], []
        if self.method is None:
            data = bytes(self._held) + data
            self._held.clear()
            self.method = _method(data)
            if self.method is None:
                self._held += data
                return [], []
        return self._counted(data) if self.method == "counted" else self._lines(data)

    def close(self) -> tuple[list[bytes], list[Refused]]:
        """What the end of the connection leaves: a last line without its newline is one, a frame cut short is not."""
        held, skipped, skipping = bytes(self._held), self._skipped - self._left, self._skipping
        self._held.clear()
        self._skipping = False
        self.broken = True
        if skipping:
            return [], [refused(TOO_LONG, held, skipped)]
        if not held.strip(b"\r\n"):
            return [], []
        if self.method == "counted":
            return [], [refused(CUT, held)]
        return [held], []

    def _lines(self, data: bytes) -> tuple[list[bytes], list[Refused]]:
        odd: list[Refused] = []
        head, newline, rest = data.partition(b"\n")
        if not newline:
            self._hold(data)
            return [], odd
        if self._skipping:
            odd.append(refused(TOO_LONG, bytes(self._held), self._skipped + len(head)))
            self._skipping = False
            self._held.clear()
            lines: list[bytes] = []
        else:
            self._held += head
            lines = [bytes(self._held)]
            self._held.clear()
        if rest:
            lines += rest.split(b"\n")
            self._hold(lines.pop())
        if lines and len(max(lines, key=len)) > self._longest:
            odd += [refused(TOO_LONG, line) for line in lines if len(line) > self._longest]
            lines = [line for line in lines if len(line) <= self._longest]
        return lines, odd

    def _hold(self, data: bytes) -> None:
        """Keep the beginning of a line; of one that is too long only what the quarantine shows."""
        if self._skipping:
            self._skipped += len(data)
            return
        self._held += data
        if len(self._held) > self._longest:
            self._skipping, self._skipped = True, len(self._held)
            del self._held[MAX_REJECT_BYTES:]

    def _counted(self, data: bytes) -> tuple[list[bytes], list[Refused]]:
        frames: list[bytes] = []
        odd: list[Refused] = []
        at = 0
        if self._skipping:
            at = self._skip(data, 0, odd)
        elif self._held:
            data = self._joined(data)
        size = len(data)
        while at < size:
            start, length = _header(data, at)
            if length < 0:
                self.broken = True
                odd.append(refused(BROKEN, data[at:]))
                return frames, odd
            if not start:
                self._held += data[at:]
                break
            end = start + length
            if length > self._longest:
                self._held += data[start : start + min(length, MAX_REJECT_BYTES)]
                self._skipping, self._skipped, self._left = True, length, length
                at = self._skip(data, start, odd)
            elif end > size:
                self._left = end - size
                self._held += data[at:]
                break
            else:
                frames.append(data[start:end])
                at = end
        return frames, odd

    def _skip(self, data: bytes, at: int, odd: list[Refused]) -> int:
        """Pass over a frame that is too long; returns where the next one begins, or the end of the data."""
        step = min(self._left, len(data) - at)
        self._left -= step
        if not self._left:
            odd.append(refused(TOO_LONG, bytes(self._held), self._skipped))
            self._skipping = False
            self._held.clear()
        return at + step

    def _joined(self, data: bytes) -> bytes:
        """What is held and these bytes, once the message that is held can be complete; else nothing."""
        self._held += data
        if self._left > len(data):
            self._left -= len(data)
            return b""
        self._left = 0
        whole = bytes(self._held)
        self._held.clear()
        return whole


def _header(data: bytes, at: int) -> tuple[int, int]:
    """Where the message begins whose header stands at `at`, and its length.

    The first is 0 where the header is not complete yet; the second is negative where there is none.
    """
    while data[at : at + 1] in _LINE_ENDS:
        # Some senders end a counted message with a newline that they do not count.
        at += 1
    space = data.find(b" ", at, at + _LENGTH_DIGITS + 1)
    digits = data[at:space] if space >= 0 else data[at : at + _LENGTH_DIGITS + 1]
    if not digits and at == len(data):
        return 0, 0
    if not digits.isdigit() or digits[:1] == b"0" or len(digits) > _LENGTH_DIGITS:
        return 0, -1
    return (space + 1, int(digits)) if space >= 0 else (0, 0)


def _method(data: bytes) -> Method | None:
    """How a connection that begins so frames its messages; None where that cannot be said yet."""
    if _COUNTED.match(data):
        return "counted"
    return None if not data or _COUNTED_SO_FAR.fullmatch(data) else "lines"
