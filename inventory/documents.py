"""Records as documents of JSON, for the command line and the API alike."""

from collections.abc import Mapping, Sequence
from typing import Any

from inventory.exporting.rows import spelled
from inventory.model import EVER, OPEN, Batch, Moment, Record, Recorded, Register
from inventory.ports import Known
from sensors.event.times import iso


def record_document(
    register: Register, record: Record, texts: Sequence[str], batches: Mapping[int, Batch] | None = None
) -> dict[str, Any]:
    """A record: its values as they are kept and as people read them, and who said each where `batches` are given."""
    version = record.version
    made: dict[str, Any] = {
        "register": register.name, "id": record.id, "valid_from": when(version.valid_from),
        "valid_to": when(version.valid_to), "values": dict(version.values),
        "texts": {field.key: text for field, text in zip(register.fields, texts, strict=True) if text},
        "locked": sorted(version.locked),
    }  # fmt: skip
    if batches is not None:
        numbers = {field.key: version.batch_of(field.key) for field in register.fields}
        made["said"] = {key: batch_document(batches[number]) for key, number in numbers.items() if key in made["texts"]}
    return made


def history_documents(
    known: Known, register: Register, id: str, moment: Moment, language: str  # noqa: A002 - what it is called everywhere
) -> list[dict[str, Any]]:
    """All that was ever known of a record, with what changed against what was known before of the same time."""
    history = known.history(register, id)
    batches = known.batches({number for one in history for number in one.version.said.values()})
    by_moment = {one.at: one for one in batches.values()}
    made = []
    for one in history:
        ((_, texts),) = spelled(known, register, [Record(id, one.version)], moment, language)
        before = _before(history, one)
        (_, old) = next(spelled(known, register, [Record(id, before.version)], moment, language)) if before else (0, [])
        changes = {
            field.key: text
            for place, (field, text) in enumerate(zip(register.fields, texts, strict=True))
            if text != (old[place] if old else "")
        }
        batch = by_moment.get(one.recorded_from)
        made.append({
            "recorded_from": iso(one.recorded_from), "recorded_to": when(one.recorded_to),
            "valid_from": when(one.version.valid_from), "valid_to": when(one.version.valid_to),
            "by": batch.by if batch else "", "source": batch.source if batch else "",
            "reason": batch.reason if batch else "", "changes": changes,
        })  # fmt: skip
    return made


def batch_document(batch: Batch) -> dict[str, Any]:
    """What was written together."""
    return {
        "batch": batch.number, "at": iso(batch.at), "by": batch.by, "source": batch.source, "reason": batch.reason,
    }  # fmt: skip


def when(moment: int) -> str | None:
    """A moment as a text; None for what has no beginning or end."""
    return None if moment in {EVER, OPEN} else iso(moment)


def _before(history: Sequence[Recorded], one: Recorded) -> Recorded | None:
    """What a version followed: what was known until then of its beginning, else what was so before it."""
    replaced = [
        other for other in history
        if other.recorded_to == one.recorded_from
        and other.version.valid_from <= one.version.valid_from < other.version.valid_to
    ]  # fmt: skip
    earlier = [
        other for other in history
        if other.recorded_from <= one.recorded_from < other.recorded_to
        and other.version.valid_to == one.version.valid_from
    ]  # fmt: skip
    # What was so just before it tells more: it may have been cut out of the very version that it replaces.
    found = earlier or replaced
    return found[-1] if found else None
