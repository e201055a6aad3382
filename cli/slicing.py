"""Slices of packets written where a person wants them: as a whole or not at all."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cli.output import complain, note
from sensors.capture.keeping.evidence import captures_of
from sensors.capture.keeping.slices import Cut, cut
from sensors.capture.keeping.wanted import Wanted
from sensors.errors import Place, Problem, UnreadableInput

Parts = Sequence[tuple[Sequence[Path], Wanted]]


def parts_of(events: Iterable[Mapping[str, Any]], folder: Path) -> Parts:
    """The captures and packets of several events; an event without packets is told, and fails all only if alone.

    Raises:
        PacketsGone: none of the events has packets that are still there.
    """
    parts, missing = [], []
    for event in events:
        try:
            parts.append(captures_of(event, folder))
        except Problem as gone:
            missing.append(gone)
    if missing and not parts:
        raise missing[0]
    for problem in missing:
        complain(problem)
    return parts


def write_slice(
    target: Path, parts: Parts, otherwise: Parts = (), *, text: str = "", comment: str = "", **bounds: int
) -> Cut:
    """Write the packets of all parts into one file, and say how many; a packet that two parts want stands there once.

    Where nothing is found, `otherwise` is asked.

    Raises:
        UnreadableInput: the file cannot be written.
    """
    temporary = target.with_name(f".{target.name}.part")
    try:
        with temporary.open("wb") as file:
            done = cut(parts, file, text=text, comment=comment, **bounds)
            if otherwise and not done.packets:
                file.seek(0)
                file.truncate()
                done = cut(otherwise, file, text=text, comment=comment, **bounds)
        temporary.replace(target)
    except OSError as error:
        raise UnreadableInput(place=Place(str(target)), reason=error.strerror or str(error)) from error
    finally:
        temporary.unlink(missing_ok=True)
    for problem in done.problems:
        complain(problem)
    if done.bound:
        note("cli.packets.bound", bound=done.bound)
    note("cli.packets.written", packets=f"{done.packets:,}", file=str(target))
    return done
