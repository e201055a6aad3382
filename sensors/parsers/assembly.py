"""Columns of parsed records put together as batches: identity, time, size, and no layout with holes in it.

Rows part here for three reasons: a field that some of them lack, a time that cannot be used, an encoding that was not
UTF-8. Each reason is a constant or a column of the batches that it makes.
"""

from collections.abc import Mapping, Sequence
from types import NoneType
from typing import Any

import numpy as np

from sensors.event.identity import event_ids
from sensors.event.model import BATCH_ROWS, Batch, Source
from sensors.event.times import EARLIEST, LATEST
from sensors.parser import Lines
from sensors.parsers.compiling import block_of
from sensors.parsers.encoding import Encoding
from sensors.parsers.layouts import grouped, pick
from sensors.reading.model import MAX_REJECT_BYTES, Reject

_NOTHING = {NoneType}
_FINE, _LATE, _WORDLESS = range(3)
"""A row's time can be used; it cannot, and these are its words; it says none at all."""


def reject(lines: Lines, index: int, reason: str, detail: str = "") -> Reject:
    """The reject of one line."""
    text = lines.texts[index]
    return Reject(
        ordinal=lines.number(index),
        offset=lines.offsets[index],
        reason=reason,
        detail=detail[:500],
        raw=text[:MAX_REJECT_BYTES],
        size=len(text),
    )


class Assembly:
    """Collects the batches of one portion; rows are named by their index in the portion's records."""

    def __init__(
        self, source: Source, received: int, first: int, ids: Sequence[str], encodings: Mapping[int, Encoding]
    ) -> None:
        self._source = source
        self._received = received
        self._first = first
        self._numbers: Sequence[int] | None = None
        self._ids = ids
        self._encodings = encodings
        self.batches: list[Batch] = []

    @classmethod
    def of(cls, lines: Lines, encodings: Mapping[int, Encoding]) -> "Assembly":
        """The assembly of some lines: every line's id follows from its offset and its bytes."""
        block = block_of(lines)
        if lines.encoding is not None:
            encodings = dict.fromkeys(range(len(lines.texts)), lines.encoding)
        if block is None:
            ids = event_ids(lines.source.id, lines.offsets, lines.texts)
        else:
            from sensors.capture.identifying import line_ids  # noqa: PLC0415 - loads for a second

            ids = line_ids(lines.source.id, np.asarray(lines.offsets, np.int64), block)
        assembly = cls(lines.source, lines.received, lines.first, ids, encodings)
        assembly._numbers = lines.numbers
        return assembly

    def add(  # noqa: PLR0913, C901 - the parts of a batch, by keyword
        self,
        dataset: str,
        *,
        constants: Mapping[str, Any],
        rows: Sequence[int],
        moments: Sequence[int | None],
        columns: Mapping[str, Sequence[Any]],
        optional: Sequence[tuple[str, ...]] = (),
        spoken_time: tuple[str, Sequence[Any]] | None = None,
        wordless: bool = False,
    ) -> None:
        """Make batches of rows that share dataset, constants and layout.

        `moments` are event times in ns, None or out of range where there is none. In the columns that `optional` names
        None says that the row lacks the field; those named together a row lacks together. `spoken_time` is the column
        that says the time in the source's words: it is kept where the time could not be used; with `wordless` None in
        it says that none was said, else it is null.
        """
        keys: list[Sequence[Any]] = []
        late = set(map(type, moments)) != {int} or min(moments) < EARLIEST or max(moments) >= LATEST  # type: ignore[type-var, operator]
        partial = []
        for names in optional:
            # Asking for the types is faster than asking for None: no comparison with every value.
            types = set(map(type, columns[names[0]]))
            if types == _NOTHING:
                columns = {name: column for name, column in columns.items() if name not in names}
            elif NoneType in types:
                partial.append(names)
        if late:
            words = spoken_time[1] if spoken_time is not None and wordless else [""] * len(rows)
            keys.append(
                [
                    _FINE
                    if moment is not None and EARLIEST <= moment < LATEST
                    else (_WORDLESS if word is None else _LATE)
                    for moment, word in zip(moments, words, strict=True)
                ]
            )
        if self._encodings:
            keys.append([self._encodings.get(row) for row in rows])
        keys.extend([value is None for value in columns[names[0]]] for names in partial)
        if not keys:
            self._cut(dataset, constants, rows, moments, columns)
            return
        for key, chosen in grouped(list(zip(*keys, strict=True))).items():
            marks = list(key)
            fixed = dict(constants)
            kept = dict(columns)
            times = pick(moments, chosen)
            if late and (mark := marks.pop(0)):
                fixed["hanwatch.time.origin"] = "received"
                times = [self._received] * len(chosen)
                if spoken_time is not None and mark == _LATE:
                    kept[spoken_time[0]] = spoken_time[1]
            if self._encodings and (encoding := marks.pop(0)):
                fixed["hanwatch.encoding"] = encoding
            for names, absent in zip(partial, marks, strict=True):
                for name in names if absent else ():
                    del kept[name]
            self._cut(
                dataset, fixed, pick(rows, chosen), times, {name: pick(column, chosen) for name, column in kept.items()}
            )

    def _cut(
        self,
        dataset: str,
        constants: Mapping[str, Any],
        rows: Sequence[int],
        moments: Sequence[int | None],
        columns: Mapping[str, Sequence[Any]],
    ) -> None:
        for begin in range(0, len(rows), BATCH_ROWS):
            end = min(begin + BATCH_ROWS, len(rows))
            some = rows[begin:end]
            self.batches.append(
                Batch(
                    dataset=dataset,
                    source=self._source,
                    received=self._received,
                    times=np.array(moments[begin:end], dtype=np.int64),
                    ids=pick(self._ids, some),
                    ordinals=np.array(some, dtype=np.int64) + self._first if self._numbers is None else np.array(
                        pick(self._numbers, some), dtype=np.int64
                    ),
                    constants=constants,
                    columns={name: column[begin:end] for name, column in columns.items()},
                )
            )
