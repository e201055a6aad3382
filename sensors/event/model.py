"""The event as it passes from stage to stage: columns of ECS fields, one dataset and one layout of keys to a batch.

A batch holds events that came from one source, carry the same keys and often share some values (`constants`). Absent
and null stay apart: a field that an event lacks is not in the layout, a field that is null is in it with `None`.
Row dicts are made only where somebody needs one event (`Batch.row`). What was measured: docs/decisions/0002.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from sensors.event.times import iso

ECS_VERSION = "9.2.0"
BATCH_ROWS = 1_000
"""No batch is longer than this: larger ones fall out of the processor's cache (measured, docs/decisions/0002)."""

Column: TypeAlias = Sequence[Any] | npt.NDArray[Any]
"""Values of one field, one for each row: a list where text or JSON came in, an array where a decoder made numbers.

A value is None, bool, int, float, str, or a list or dict of these; never bytes, never NaN.
"""


@dataclass(frozen=True, slots=True)
class Source:
    """An input that events come from.

    `id` is the input's identity, 32 hexadecimal digits: for a file its fingerprint (sensors.event.identity), never its
    name. `kind` says what it holds, and so what its ordinals count: "text" lines, "records" records, "capture" packets
    ("file" until its format is known). `name` is what a person calls it: the path. `variant` tells files apart that
    begin alike and so share an id; delivery gives it (sensors.delivery.sources), it is no part of an event's identity.
    """

    id: str
    kind: str
    name: str
    variant: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """Events of one dataset, one source and one layout.

    Attributes:
        dataset: ECS event.dataset, such as `network.flow` or `windows.sysmon`.
        source: where they come from.
        received: receipt time, ns since 1970 (ECS event.created), the same for all rows.
        times: event time of each row, ns since 1970 (@timestamp), int64.
        ids: deterministic id of each row (event.id), 32 hexadecimal digits.
        ordinals: number of each row in its source, from 1: a line, a record or a packet (event.sequence), int64.
        constants: fields that have the same value in every row (event.module, event.code, winlog.channel …).
        columns: the other fields by dotted ECS name, each as long as the batch.
    """

    dataset: str
    source: Source
    received: int
    times: npt.NDArray[np.int64]
    ids: Sequence[str]
    ordinals: npt.NDArray[np.int64]
    constants: Mapping[str, Any]
    columns: Mapping[str, Column]

    def __post_init__(self) -> None:
        rows = len(self.ids)
        if not 0 < rows <= BATCH_ROWS:
            raise ValueError(f"a batch has 1 to {BATCH_ROWS} rows, not {rows}")
        if len(self.times) != rows or len(self.ordinals) != rows:
            raise ValueError(f"{self.dataset}: times and ordinals must be as long as the ids ({rows})")
        for name, column in self.columns.items():
            if len(column) != rows:
                raise ValueError(f"{self.dataset}: column {name} has {len(column)} values for {rows} rows")
            if name in self.constants:
                raise ValueError(f"{self.dataset}: {name} is both a constant and a column")

    def __len__(self) -> int:
        return len(self.ids)

    def row(self, index: int) -> dict[str, Any]:
        """One event as a flat dict of dotted ECS names, all of its fields, times as ISO 8601 text in UTC."""
        event: dict[str, Any] = {
            "@timestamp": iso(int(self.times[index])),
            "ecs.version": ECS_VERSION,
            "event.id": self.ids[index],
            "event.dataset": self.dataset,
            "event.created": iso(self.received),
            "event.sequence": int(self.ordinals[index]),
            "hanwatch.source.id": self.source.id,
            "hanwatch.source.kind": self.source.kind,
            "log.file.path": self.source.name,
        }
        event.update(self.constants)
        for name, column in self.columns.items():
            value = column[index]
            event[name] = value.item() if isinstance(value, np.generic) else value
        return event

    def rows(self) -> Iterator[dict[str, Any]]:
        """Every event as `row` gives it, in order."""
        return (self.row(index) for index in range(len(self)))

    def take(self, indices: Sequence[int]) -> "Batch":
        """The batch of the chosen rows, in the order given; there must be at least one."""
        chosen = np.asarray(indices, dtype=np.int64)
        return replace(
            self,
            times=self.times[chosen],
            ordinals=self.ordinals[chosen],
            ids=[self.ids[index] for index in indices],
            columns={
                name: column[chosen] if isinstance(column, np.ndarray) else [column[index] for index in indices]
                for name, column in self.columns.items()
            },
        )
