"""Alerts as rows of their tables, and back."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from correlation.alerts.model import LEVELS, Alert, Evidence
from correlation.alerts.tables import evidence

CHUNK: Final = 500
"""Ids to a statement: SQLite takes 32,766 parameters, PostgreSQL twice that."""


def alert_row(found: Alert) -> dict[str, object]:
    """An alert as a row of its table, without its evidence."""
    return {
        "id": found.id,
        "rule_id": found.rule_id,
        "title": found.title,
        "title_zh": found.title_zh,
        "level": LEVELS.index(found.level),
        "attack": list(found.attack),
        "time": found.time,
        "created": found.created,
        "state": found.state,
    }


def evidence_row(alert_id: str, place: int, item: Evidence) -> dict[str, object]:
    """A piece of an alert's evidence as a row of its table; `place` counts them from 0."""
    return {
        "alert_id": alert_id,
        "place": place,
        "event_id": item.event_id,
        "dataset": item.dataset,
        "time": item.time,
        "source_id": item.source_id,
        "source_name": item.source_name,
        "unit": item.unit,
        "ordinal": item.ordinal,
        "summary": dict(item.summary),
    }


def alerts_of(connection: Connection, rows: Sequence[Row[Any]], most: int | None = None) -> list[Alert]:
    """The alerts of their rows, in that order, each with its evidence: the first `most` events, or all."""
    ids = [row.id for row in rows]
    by_alert: dict[str, list[Evidence]] = {found: [] for found in ids}
    for first in range(0, len(ids), CHUNK):
        chosen = select(evidence).where(evidence.c.alert_id.in_(ids[first : first + CHUNK]))
        if most is not None:
            chosen = chosen.where(evidence.c.place < most)
        for item in connection.execute(chosen.order_by(evidence.c.alert_id, evidence.c.place)):
            by_alert[item.alert_id].append(
                Evidence(
                    item.event_id,
                    item.dataset,
                    item.time,
                    item.source_id,
                    item.source_name,
                    item.unit,
                    item.ordinal,
                    item.summary,
                )
            )
    return [
        Alert(
            row.id,
            row.rule_id,
            row.title,
            LEVELS[row.level],
            tuple(row.attack),
            row.time,
            row.created,
            tuple(by_alert[row.id]),
            row.title_zh,
            row.state,
        )
        for row in rows
    ]
