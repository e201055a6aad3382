"""Portions made for the tests of delivery: what a reader of numbered lines would hand over."""

from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from sensors.delivery.ledger import EVENTS, RECORDS
from sensors.delivery.ports import Outcome, Record
from sensors.event.identity import event_ids, fingerprint
from sensors.event.model import Batch, Source
from sensors.event.times import SECOND
from sensors.reading.files import check
from sensors.reading.model import Portion, Position, Reject

NOON = 1_700_000_000 * SECOND


def ticking(start: int = NOON) -> Any:
    """A clock that moves by one second with each look at it."""
    moments = count(start, SECOND)
    return lambda: next(moments)


def source(name: str = "a.log") -> Source:
    return Source(fingerprint(name.encode()), "text", name)


def batch(of: Source, first: int, contents: Sequence[bytes], dataset: str = "ecs.event") -> Batch:
    ordinals = range(first, first + len(contents))
    return Batch(
        dataset=dataset,
        source=of,
        received=NOON,
        times=np.full(len(contents), NOON, dtype=np.int64),
        ids=event_ids(of.id, ordinals, contents),
        ordinals=np.array(ordinals, dtype=np.int64),
        constants={"event.module": "ecs"},
        columns={"message": [content.decode("utf-8", "replace") for content in contents]},
    )


def reject(ordinal: int, raw: bytes = b"broken", reason: str = "line-broken") -> Reject:
    return Reject(ordinal, ordinal * 10, reason, "made so", raw, len(raw))


def portion(
    of: Source, begun: Position, events: int, *, rejects: int = 0, skipped: int = 0, text: bytes = b"line"
) -> Portion:
    """Events first, then rejects, then skipped lines, of ten bytes each."""
    lines = events + rejects + skipped
    counts = {(RECORDS, "read"): lines}
    batches: tuple[Batch, ...] = ()
    if events:
        contents = [text + b" %d" % (begun.ordinal + index) for index in range(events)]
        batches = tuple(
            batch(of, begun.ordinal + start, contents[start : start + 1_000]) for start in range(0, events, 1_000)
        )
        counts |= {(RECORDS, "event"): events, (EVENTS, "sensed"): events}
    if rejects:
        counts[RECORDS, "rejected"] = rejects
    if skipped:
        counts[RECORDS, "skipped"] = skipped
    return Portion(
        batches=batches,
        rejects=tuple(reject(begun.ordinal + events + index) for index in range(rejects)),
        counts=counts,
        position=Position(begun.offset + 10 * lines, begun.ordinal + lines, {"lines": begun.ordinal + lines - 1}),
    )


def portion_of_file(path: Path, of: Source, begun: Position, lines: int | None = None) -> Portion:
    """The next lines of a file, all of them events, with the check that real readers set."""
    data = path.read_bytes()[begun.offset :]
    texts = data.splitlines(keepends=True)[:lines]
    offsets = [begun.offset + sum(map(len, texts[:index])) for index in range(len(texts))]
    end = begun.offset + sum(map(len, texts))
    made = Batch(
        dataset="ecs.event",
        source=of,
        received=NOON,
        times=np.full(len(texts), NOON, dtype=np.int64),
        ids=event_ids(of.id, offsets, texts),
        ordinals=np.arange(begun.ordinal, begun.ordinal + len(texts), dtype=np.int64),
        constants={},
        columns={"message": [text.decode() for text in texts]},
    )
    return Portion(
        batches=(made,),
        rejects=(),
        counts={(RECORDS, "read"): len(texts), (RECORDS, "event"): len(texts), (EVENTS, "sensed"): len(texts)},
        position=Position(end, begun.ordinal + len(texts), None, check(path, end)),
    )


def stored(record: Record) -> Outcome:
    return Outcome(record.sequence, {(EVENTS, "stored"): record.events})
