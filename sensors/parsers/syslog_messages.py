"""What follows the header of a syslog line: an event of `system.syslog`, or of a declared format that takes it."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from sensors.parsers.assembly import Assembly
from sensors.parsers.declared.inside import Inside
from sensors.parsers.layouts import pick
from sensors.parsers.syslog_texts import CONSTANTS


def add_messages(  # noqa: PLR0913 - the parts of a syslog line, by keyword
    assembly: Assembly,
    inside: Inside,
    *,
    rows: Sequence[int],
    programs: Sequence[str | None],
    moments: Sequence[int | None],
    columns: Mapping[str, Sequence[Any]],
    optional: Sequence[tuple[str, ...]],
    spoken: Sequence[str | None],
    received: int,
    zone: tzinfo,
) -> None:
    """Put the messages of these rows together with their headers.

    `columns` are the header's, `message` and `event.original`; of two that say the same field the format's wins. The
    header's time holds where the message says none of its own. A message that is all
    parts is kept in `event.original` alone.
    """
    messages = columns["message"]
    texts = messages if None not in messages else [message or "" for message in messages]
    parts, left = inside.parts(programs, texts, received, zone)
    for part in parts:
        here = {
            name: pick(column, part.rows)
            for name, column in columns.items()
            if name not in part.constants and (part.prose or name != "message")
        } | part.columns
        if part.after and "process.name" in here:
            here["process.name"] = [_program(name, part.after) for name in here["process.name"]]
        times, said = pick(moments, part.rows), ("log.syslog.time", pick(spoken, part.rows))
        if part.moments is not None:
            times = [other if own is None else own for own, other in zip(part.moments, times, strict=True)]
            said = part.spoken or said
        assembly.add(
            part.dataset,
            constants=part.constants,
            rows=pick(rows, part.rows),
            moments=times,
            columns=here,
            optional=[
                names
                for each in optional
                if (names := tuple(name for name in each if name in here and name not in part.columns))
            ],
            spoken_time=said,
            wordless=True,
        )
    if left is None or left:
        said = ("log.syslog.time", pick(spoken, left))
        assembly.add(
            "system.syslog",
            constants=CONSTANTS,
            rows=pick(rows, left),
            moments=pick(moments, left),
            columns={name: pick(column, left) for name, column in columns.items()},
            optional=optional,
            spoken_time=said,
            wordless=True,
        )


def _program(name: str | None, after: Sequence[str]) -> str | None:
    """The name of a program, None where the format's own text stands in its place."""
    return None if name is not None and any(anchor in f"{name}:" for anchor in after) else name
