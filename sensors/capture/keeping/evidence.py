"""From an event back to the captures that hold its packets: the file it was read from, or the ring of packets."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from sensors.capture.container import recognises
from sensors.capture.errors import PacketsGone
from sensors.capture.keeping.slices import kept
from sensors.capture.keeping.wanted import Wanted, of_event
from sensors.errors import Problem
from sensors.event.identity import fingerprint
from sensors.reading.files import head

_INTERFACE: Final = "interface/"
_LEAST_HEAD: Final = 24


def captures_of(event: Mapping[str, Any], folder: Path) -> tuple[list[Path], Wanted]:
    """Where an event's packets are, and which they are.

    Args:
        event: a flat event of a capture, from a file or an interface.
        folder: the ring of packets.

    Raises:
        PacketsGone: it is no event of a capture, its packets were not kept or are gone, or its file has changed.
    """
    subject = str(event.get("event.id", ""))
    wanted = of_event(event) if event.get("hanwatch.source.kind") == "capture" else None
    if wanted is None:
        raise PacketsGone(subject=subject, reason="no-packets")
    name, source = str(event.get("log.file.path", "")), str(event.get("hanwatch.source.id", ""))
    if name.startswith(_INTERFACE):
        found = kept(folder, wanted, source)
        if not found:
            raise PacketsGone(subject=subject, reason="not-kept")
        return found, wanted
    path = Path(name)
    try:
        first = head(path)
    except Problem as problem:
        raise PacketsGone(subject=subject, reason="file-gone") from problem
    # A file is known by as much of its beginning as it had when it was first seen.
    lengths = range(len(first), _LEAST_HEAD - 1, -1)
    if not recognises(first) or not any(fingerprint(first[:length]) == source for length in lengths):
        raise PacketsGone(subject=subject, reason="file-changed")
    return [path], wanted
