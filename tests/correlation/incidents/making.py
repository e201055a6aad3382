"""Alerts for tests of incidents, said in a line each."""

from collections.abc import Sequence
from typing import Any

from correlation.alerts.model import Alert, Evidence, Level, alert_id
from sensors.event.times import SECOND, from_iso

NOON = from_iso("2026-11-22T12:00:00Z")
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
_NAMES = {
    "source": "source.ip", "destination": "destination.ip", "host": "host.name", "user": "user.name",
    "asset": "hanwatch.destination.asset", "system": "hanwatch.destination.system", "unit": "hanwatch.destination.unit",
    "cii": "hanwatch.destination.cii", "grade": "hanwatch.destination.grade", "space": "hanwatch.space",
    "from_asset": "hanwatch.source.asset", "indicator": "hanwatch.indicator.confidence",
}  # fmt: skip


def alert(
    minute: float, rule: str = "r", tactics: Sequence[str] = (), level: Level = "high", number: int = 0, **said: Any
) -> Alert:
    """An alert so many minutes after noon, about what is said; a list makes an event for each of its values."""
    time = NOON + round(minute * MINUTE)
    many = max((len(value) for value in said.values() if isinstance(value, list)), default=1)
    proofs = tuple(
        Evidence(
            f"{rule}-{minute}-{number}-{place}", "web.access", time, "00" * 16, "/logs/access.log", "line", place + 1,
            {_NAMES[key]: value[place] if isinstance(value, list) else value for key, value in said.items()},
        )
        for place in range(many)
    )  # fmt: skip
    name = alert_id(rule, (*(proof.event_id for proof in proofs), repr(sorted(said.items()))))
    return Alert(name, rule, f"Rule {rule}", level, tuple(tactics), time, 7, proofs, f"规则 {rule}")
