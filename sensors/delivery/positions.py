"""The sources in the spool's database, each with the position where reading it goes on.

Every function here runs inside a transaction that the caller holds.
"""

import sqlite3
from dataclasses import dataclass
from typing import Any

import orjson

from sensors.delivery.errors import Superseded
from sensors.delivery.ports import Delivery
from sensors.delivery.sources import NOTHING, Known, Sighting, candidate_ids, recognise
from sensors.errors import Place
from sensors.event.identity import fingerprint
from sensors.event.model import Source
from sensors.reading.model import Position

_MOST = 16
"""Files that may have stood at a path one after the other and are still looked for."""

# The different lengths, one step in the index for each; DISTINCT would walk through every source.
_LENGTHS = """
    WITH RECURSIVE lengths (length) AS (
        SELECT min(head) FROM sources WHERE head > 0
        UNION ALL SELECT (SELECT min(head) FROM sources WHERE head > length) FROM lengths WHERE length IS NOT NULL
    )
    SELECT length FROM lengths WHERE length IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A source in the database: its number there, its position, the sequence number of its last record."""

    number: int
    position: Position | None
    last_sequence: int


def row(connection: sqlite3.Connection, source: Source) -> Row | None:
    """The row of a source; None if it is not known."""
    found = connection.execute(
        "SELECT number, last_sequence, offset, ordinal, state, check_digest FROM sources WHERE id = ? AND variant = ?",
        (source.id, source.variant),
    ).fetchone()
    return Row(found[0], _position(*found[2:]), found[1]) if found else None


def find(connection: sqlite3.Connection, sighting: Sighting, name: str) -> tuple[int | None, Known]:
    """The known source that a file is, with its number, or a new one, not yet in the database, without number."""
    lengths = [length for (length,) in connection.execute(_LENGTHS)]
    rows = connection.execute(
        "SELECT number, id, kind, name, variant, head, path, file, offset, ordinal, state, check_digest FROM sources "
        "WHERE id IN (SELECT value FROM json_each(?)) AND head IS NOT NULL",
        (orjson.dumps(candidate_ids(sighting, lengths)),),
    )
    candidates = {
        (identity, variant): (
            number, Known(Source(identity, kind, known_name, variant), head, path, file, _position(*position))
        )
        for number, identity, kind, known_name, variant, head, path, file, *position in rows
    }
    recognised = recognise(sighting, (known for _, known in candidates.values()))
    if recognised:
        return candidates[_key(recognised.source)]
    identity = fingerprint(sighting.head)
    (taken,) = connection.execute("SELECT max(variant) FROM sources WHERE id = ?", (identity,)).fetchone()
    source = Source(identity, "file", name, 0 if taken is None else taken + 1)
    return None, Known(source, len(sighting.head), sighting.path, sighting.file, None)


def stood_at(connection: sqlite3.Connection, path: bytes) -> list[Known]:
    """The files that were last seen at a path, the latest first."""
    rows = connection.execute(
        "SELECT id, kind, name, variant, head, file, offset, ordinal, state, check_digest FROM sources "
        "WHERE path = ? AND head > 0 ORDER BY last_seen DESC, number DESC LIMIT ?",
        (path, _MOST),
    )
    return [
        Known(Source(identity, kind, name, variant), head, path, file, _position(*position))
        for identity, kind, name, variant, head, file, *position in rows
    ]


def register(connection: sqlite3.Connection, known: Known, now: int) -> None:
    """Remember a new source that `find` made."""
    connection.execute(
        "INSERT INTO sources (id, variant, kind, name, head, path, file, first_seen, last_seen) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*_key(known.source), known.source.kind, known.source.name, known.head, known.path, known.file, now, now),
    )


def moved(connection: sqlite3.Connection, number: int, sighting: Sighting, name: str, now: int) -> None:
    """Remember that a known file stands elsewhere now."""
    connection.execute(
        "UPDATE sources SET path = ?, file = ?, name = ?, last_seen = ? WHERE number = ?",
        (sighting.path, sighting.file, name, now, number),
    )


def advance(connection: sqlite3.Connection, delivery: Delivery, parser: str, now: int) -> Row:
    """Move a source's position from where the portion began to where it ends; returns the row as it was before.

    Raises:
        Superseded: the position is not the one from which the portion was read.
    """
    source, position = delivery.source, delivery.portion.position
    if source.id == NOTHING:
        # It was empty when it was looked at and has grown since: it wants to be looked at again.
        raise Superseded(place=Place(source.name), source=source.id)
    before = row(connection, source)
    if before is None:
        connection.execute(
            "INSERT INTO sources (id, variant, kind, name, first_seen, last_seen) VALUES (?,?,?,?,?,?)",
            (*_key(source), source.kind, source.name, now, now),
        )
        before = row(connection, source)
        assert before
    if not same(before.position or Position(), delivery.begun):
        raise Superseded(place=Place(source.name), source=source.id)
    connection.execute(
        "UPDATE sources SET kind = ?, format = ?, parser = ?, offset = ?, ordinal = ?, state = ?, check_digest = ?, "
        "last_seen = ? WHERE number = ?",
        (
            source.kind, delivery.format, parser, position.offset, position.ordinal, _json(position.state),
            position.check, now, before.number,
        ),
    )
    return before


def same(one: Position, other: Position) -> bool:
    """Whether two positions are equal once their states have been through JSON."""
    return (one.offset, one.ordinal, one.check) == (other.offset, other.ordinal, other.check) and (
        _json(one.state) == _json(other.state)
    )


def _json(state: Any) -> str:
    return orjson.dumps(state, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS).decode()


def _position(offset: int | None, ordinal: int, state: str, check_digest: str) -> Position | None:
    return None if offset is None else Position(offset, ordinal, orjson.loads(state), check_digest)


def _key(source: Source) -> tuple[str, int]:
    return source.id, source.variant
