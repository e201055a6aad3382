"""Alerts as they are made: evidence of events, with the few fields that tell a person at a glance what happened."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from correlation.alerts.model import Alert, Evidence, Unit, alert_id
from correlation.rules.model import Described
from sensors.event.model import Batch, Column

_KNOWN_OF_SIDES = ("asset", "system", "unit", "district", "grade", "cii")
SUMMARY_FIELDS = (
    "host.name",
    "user.name",
    "process.executable",
    "process.command_line",
    "process.parent.executable",
    "source.ip",
    "source.port",
    "destination.ip",
    "destination.port",
    "network.transport",
    "dns.question.name",
    "tls.client.server_name",
    "http.request.method",
    "url.domain",
    "url.original",
    "url.path",
    "http.response.status_code",
    "user_agent.original",
    "file.path",
    "registry.path",
    "rule.name",
    "event.action",
    "hanwatch.space",
    *(f"hanwatch.{side}.{name}" for side in ("source", "destination", "host") for name in _KNOWN_OF_SIDES),
    "threat.indicator.name",
    "threat.indicator.provider",
    "hanwatch.indicator.confidence",
    "message",
)
"""What a person wants to see of an event at a glance, in this order; an alert carries those that the event has.

Incidents and messages are made of these as well: of addresses, hosts, users, and what is known about them.
"""

UNITS: Mapping[str, Unit] = {"text": "line", "records": "record", "capture": "packet"}
"""What the ordinals of a source count, by its kind."""

_SUMMARY_TEXT = 300


class Witness:
    """Makes evidence of the events of a batch; what they share is looked up once."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._unit = UNITS.get(batch.source.kind, "record")
        self._shown = _shown(batch)

    def evidence(self, row: int) -> Evidence:
        """One event of the batch as evidence."""
        batch = self._batch
        source = batch.source
        return Evidence(
            batch.ids[row], batch.dataset, int(batch.times[row]), source.id, source.name, self._unit,
            int(batch.ordinals[row]), self._summary(row),
        )  # fmt: skip

    def _summary(self, row: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, column, constant in self._shown:
            value = column[0] if constant else column[row]
            if value.__class__ is str:
                found[name] = value[:_SUMMARY_TEXT]
            elif value is not None:
                # Numbers of a capture stand in arrays until they have been through the spool, and JSON knows none of
                # their types.
                found[name] = value.item() if isinstance(value, np.generic) else value
        return found


def alert(rule: Described, proofs: Sequence[Evidence], created: int) -> Alert:
    """The alert of a rule on its evidence."""
    proofs = tuple(proofs)
    return Alert(
        id=alert_id(rule.id, tuple(proof.event_id for proof in proofs)),
        rule_id=rule.id,
        title=rule.title,
        title_zh=rule.title_zh,
        level=rule.level,
        attack=(*rule.tactics, *rule.techniques),
        time=max(proof.time for proof in proofs),
        created=created,
        evidence=proofs,
    )


def _shown(batch: Batch) -> list[tuple[str, Column, bool]]:
    """The fields of a batch that people want to see: constants as columns of one value, then with True."""
    return [
        (name, (batch.constants[name],) if name in batch.constants else batch.columns[name], name in batch.constants)
        for name in SUMMARY_FIELDS
        if name in batch.constants or name in batch.columns
    ]
