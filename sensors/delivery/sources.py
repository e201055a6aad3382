"""Which known source a file is, if any.

A file is known by the fingerprint of its first bytes, taken over as many as it had when it was first seen: over up to
`HEAD_BYTES`. That is the source's id, the seed of its events' ids. Beginnings can be equal, and short ones grow, so a
known source is this file only if all of this holds:

1. The fingerprint of its first bytes, over the known length, is the known id.
2. It is at least as long as the known position's offset, and the digest of the bytes right before that offset is the
   position's `check`. A file that was cut (copytruncate) and begins again fails here.
3. It is the very file (device and inode), or nothing beyond the known position is in it (a complete copy), or it stands
   at the path where the known file was seen last (replaced by a longer copy), or the known file is no longer where it
   was seen last, or was cut off there, and at least `HEAD_BYTES` bytes were compared (moved to another device) or the
   name is the known one with something added (rotated by copying). Otherwise the two are different files of which one
   so far only begins like the other, even if the other is nothing but a beginning.

Of several that hold, the very file comes first, then the longest agreement. If none holds, the file is a new source:
its id is the fingerprint of its own first bytes, whatever was read before, so that the ids of its events do not depend
on the order in which files are met. If that id is taken, the new source is a further *variant* of it: same id, position
and ledger of its own, reading begins at 0. Events that both files really share (same bytes at the same offset) get the
same id and are stored once; all others differ in content or offset and cannot hide each other.

An empty file has no identity yet: it is told as a source with the id of nothing, which is never remembered.
"""

import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sensors.errors import Place, UnreadableInput
from sensors.event.identity import HEAD_BYTES, fingerprint
from sensors.event.model import Source
from sensors.reading.files import check, head, unreadable
from sensors.reading.model import Position

NOTHING = fingerprint(b"")
"""The id of an empty file."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A file as it is met: its path in full, device and inode as `file`, its size and first bytes.

    `check` gives the digest of the bytes before an offset.
    """

    path: bytes
    file: str
    size: int
    head: bytes
    check: Callable[[int], str] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Known:
    """A source as it is remembered: `head` is the length behind its id, `path` and `file` where it was seen last."""

    source: Source
    head: int
    path: bytes
    file: str
    position: Position | None


def sight(path: Path, content: Path | None = None, file: Path | None = None) -> Sighting:
    """Look at a file.

    `content` is where its bytes are read, where that is not its path: it was unpacked. `file` is where the file itself
    is found, where another stands at its path now: it was moved away.

    Raises:
        UnreadableInput: it cannot be read, or is no regular file.
    """
    try:
        status = (file or path).stat()
    except OSError as error:
        raise unreadable(path, error) from error
    if not stat.S_ISREG(status.st_mode):
        # Opening a pipe would wait for its writer.
        raise UnreadableInput(place=Place(str(path)), reason="not a regular file")
    inside = content or file or path
    first, size = head(inside), inside.stat().st_size
    return Sighting(os.fsencode(path.absolute()), _file(status), size, first, lambda offset: check(inside, offset))


def display_name(path: Path) -> str:
    """A path as text that any store can keep: bytes that are no UTF-8 are escaped."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def candidate_ids(sighting: Sighting, lengths: Iterable[int]) -> list[str]:
    """The ids that the file would have had over these known lengths of heads."""
    return [fingerprint(sighting.head[:length]) for length in lengths if 0 < length <= len(sighting.head)]


def recognise(sighting: Sighting, candidates: Iterable[Known]) -> Known | None:
    """The known source that the file is, among those that share its beginning; None if it is a new one."""
    found = [known for known in candidates if known.head and _is(sighting, known)]
    return max(found, key=lambda known: _closeness(sighting, known), default=None)


def _is(sighting: Sighting, known: Known) -> bool:
    position = known.position or Position()
    if fingerprint(sighting.head[: known.head]) != known.source.id or sighting.size < position.offset:
        return False
    if position.offset and position.check and sighting.check(position.offset) != position.check:
        return False
    if sighting.file == known.file:
        return True
    if position.check and sighting.size == position.offset:
        return True
    if sighting.path == known.path:
        return True
    compared = max(known.head, min(position.offset, HEAD_BYTES) if position.check else 0)
    return (compared >= HEAD_BYTES or _is_named_after(sighting.path, known.path)) and not still_there(known)


def _is_named_after(path: bytes, before: bytes) -> bool:
    """Whether a file is called as rotation calls what stood at a path before: the same with something added."""
    return path.startswith(before) and b"/" not in path[len(before) :]


def _closeness(sighting: Sighting, known: Known) -> tuple[bool, int, int, bool, int]:
    position = known.position or Position()
    same = sighting.file == known.file
    return same, position.offset, known.head, sighting.path == known.path, -known.source.variant


def has_moved(sighting: Sighting, known: Known) -> bool:
    """Whether a known file that was recognised stands elsewhere now; a copy beside the original is no move."""
    if (sighting.path, sighting.file) == (known.path, known.file):
        return False
    return known.path == sighting.path or known.file == sighting.file or not still_there(known)


def still_there(known: Known) -> bool:
    """Whether the file stands where it was seen last, with what was read of it: not moved away, not cut off."""
    path, position = Path(os.fsdecode(known.path)), known.position or Position()
    try:
        status = path.stat()
        return _file(status) == known.file and status.st_size >= position.offset and (
            not position.check or check(path, position.offset) == position.check
        )
    except (OSError, UnreadableInput):
        return False


def _file(status: os.stat_result) -> str:
    return f"{status.st_dev}:{status.st_ino}"
