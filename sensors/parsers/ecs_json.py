"""JSON lines that follow the Elastic Common Schema already, nested or with dotted names (ECS reference, "Guidelines").

What identifies an event and says where it came from is ours: a sender's own values of those fields are kept below
`hanwatch.client.`, and so is a value that is not of its field's type or stands where ECS has an object.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import orjson

from sensors.event.fields import fields
from sensors.parser import Lines, Parsed
from sensors.parsers.assembly import Assembly
from sensors.parsers.instants import epoch_moment, iso_moment
from sensors.parsers.jsonlines import load
from sensors.parsers.layouts import pick
from sensors.parsers.renaming import Rename, Renaming

DATASET = "ecs.event"
"""The dataset of events that name none that could be one."""

_DATASET = re.compile(r"[a-z][a-z0-9_-]{0,39}(?:\.[a-z0-9][a-z0-9_-]{0,39}){0,3}")
_CLIENT = "hanwatch.client."
_OURS = (
    "event.id", "event.dataset", "event.created", "event.sequence", "ecs.version", "log.file.path",
)  # fmt: skip
_TIME = "@timestamp"


def _own(path: str) -> str:
    """The name of a field that is not ours to believe, or of a value that does not fit it."""
    parts = path.split(".")
    above = {".".join(parts[:end]) for end in range(1, len(parts))}
    if path in fields() or path in _objects() or path.startswith("hanwatch.") or "" in parts or above & fields().keys():
        return _CLIENT + path.removeprefix("hanwatch.").replace("@", "").replace(".", "_")
    return path


@cache
def _objects() -> frozenset[str]:
    """Names that are objects in ECS, because declared fields stand below them: they cannot be values too."""
    names = [name.split(".") for name in fields()]
    return frozenset(".".join(parts[:end]) for parts in names for end in range(1, len(parts)))


class EcsJson:
    """JSON lines in ECS."""

    name = "ecs.json"

    def __init__(self) -> None:
        table = {
            name: Rename(name)
            for name in fields()
            if not name.endswith(".*") and not name.startswith("hanwatch.") and name not in _OURS
        }
        self._renaming = Renaming(table, _own, dropped=frozenset({_TIME}))

    def recognises(self, head: Sequence[bytes]) -> bool:
        """Whether most of these lines are objects with `@timestamp`."""
        return sum(map(_is_ecs, head)) * 2 > len(head)

    def parse(self, lines: Lines, state: Any) -> Parsed:  # noqa: ARG002 - this format has no state
        """Every object is an event of the dataset that it names, else of `ecs.event`."""
        loaded = load(lines)
        assembly = Assembly.of(lines, loaded.encodings)
        for layout in (part for one in loaded.layouts(lines) for part in one.by(("event.dataset",), _dataset)):
            rows = layout.rows
            said = dict(zip(layout.names, layout.columns, strict=True)).get(_TIME)
            moments = [None] * len(rows) if said is None else list(map(_moment, said))
            for chosen, columns in self._renaming.apply(layout.names, layout.columns):
                if layout.key != DATASET:
                    columns.pop(f"{_CLIENT}event_dataset", None)
                assembly.add(
                    str(layout.key),
                    constants={},
                    rows=pick(rows, chosen),
                    moments=pick(moments, chosen),
                    columns=columns,
                    spoken_time=None if said is None else (f"{_CLIENT}timestamp", pick(said, chosen)),
                )
        return Parsed(tuple(assembly.batches), tuple(loaded.rejects), loaded.skipped)


def _is_ecs(line: bytes) -> bool:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return b'"@timestamp"' in line
    return value.__class__ is dict and _TIME in value


def _dataset(named: Any) -> str:
    return named if named.__class__ is str and _DATASET.fullmatch(named) else DATASET


def _moment(value: Any) -> int | None:
    """ISO 8601, or milliseconds since 1970 as Elasticsearch takes them (strict_date_optional_time, epoch_millis)."""
    if value.__class__ is int:
        return value * 1_000_000 if abs(value) < 10**15 else None
    if value.__class__ is str and value.isdecimal():
        seconds = epoch_moment(value)
        return None if seconds is None else seconds // 1_000
    return iso_moment(value)
