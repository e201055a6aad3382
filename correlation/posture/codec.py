"""Facts and postures as bytes: canonical JSON, so that the same values have the same digest on every machine."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import orjson

from correlation.posture.model import Cell, Facts, Gap, OpenIncident, Posture, Touch


def facts_bytes(facts: Facts) -> bytes:
    """Facts as JSON: rows without names, since a city has thousands of them."""
    said = {
        "cells": sorted([*one] for one in map(_fields, facts.cells)),
        "incidents": sorted(
            [one.id, one.severity, one.state, one.assigned, one.last, _rows(one.touches)] for one in facts.incidents
        ),
        "gaps": sorted([one.kind, one.subject, one.share, _rows(one.touches), _rows(one.said)] for one in facts.gaps),
        "tenants": sorted(map(list, facts.tenants)),
        "counted": sorted(map(list, facts.counted)),
    }
    return orjson.dumps(said)


def facts_from(text: bytes) -> Facts:
    """The facts of such bytes."""
    said = orjson.loads(text)
    return Facts(
        tuple(Cell(*(*row, tuple(unseen))) for *row, unseen in said["cells"]),
        tuple(OpenIncident(*(*row, _touches(touches))) for *row, touches in said["incidents"]),
        tuple(
            Gap(kind, subject, share, _touches(touches), tuple((name, value) for name, value in words))
            for kind, subject, share, touches, words in said["gaps"]
        ),
        tuple((name, heard) for name, heard in said["tenants"]),
        tuple((source, lost, taken) for source, lost, taken in said["counted"]),
    )


def posture_rows(posture: Posture) -> list[list[Any]]:
    """Every scope with its score, grade, coverage and confidence, in the order of their names."""
    return [
        [*one.scope, one.score, one.grade, one.coverage, one.confidence]
        for one in sorted(posture.standings.values(), key=lambda one: one.scope)
    ]


def posture_digest(posture: Posture) -> str:
    """A digest of everything that a posture says: scores, coverage and every item with its computation."""
    found = sha256(orjson.dumps([posture.moment, posture.version, posture.policy]))
    for scope in sorted(posture.standings):
        one = posture.standings[scope]
        items = [
            [item.kind, item.code, item.subject, item.points, _rows(item.steps), _rows(item.passed), _rows(item.said)]
            for item in one.items
        ]
        said = [*scope, one.score, one.grade, one.coverage, one.confidence, one.declared, one.seen, items]
        found.update(orjson.dumps(said))
    return found.hexdigest()


def _fields(cell: Cell) -> tuple[Any, ...]:
    return (
        cell.unit, cell.district, cell.space, cell.sector, cell.grade, cell.cii, cell.declared, cell.seen, cell.heard,
        list(cell.unseen),
    )  # fmt: skip


def _rows(of: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(one) for one in of]


def _touches(rows: Sequence[Sequence[str]]) -> tuple[Touch, ...]:
    return tuple(Touch(*row) for row in rows)
