"""Alerts and the ledger as JSON documents: the same form from the API and from `--json`."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from correlation.alerts.model import Alert
from sensors.delivery.ledger import ALERTS, CONVERSION, LOST
from sensors.event.times import SECOND, iso

if TYPE_CHECKING:
    # They are read, never made here; loading them loads the columns of events, which a list of alerts has no use for.
    from correlation.ports import Dropped
    from sensors.delivery.activity import SourceActivity
    from sensors.delivery.devices import DeviceActivity
    from sensors.delivery.report import SourceReport
    from sensors.delivery.rhythm import Rhythm

DAY = 86_400 * SECOND


def alert_document(alert: Alert) -> dict[str, Any]:
    """An alert as JSON: times as ISO 8601, evidence with its place."""
    return {
        "id": alert.id,
        "time": iso(alert.time),
        "created": iso(alert.created),
        "level": alert.level,
        "state": alert.state,
        "rule": {"id": alert.rule_id, "title": alert.title, "title_zh": alert.title_zh},
        "attack": list(alert.attack),
        "evidence": [
            {
                "event_id": proof.event_id,
                "dataset": proof.dataset,
                "time": iso(proof.time),
                "source": {"id": proof.source_id, "name": proof.source_name},
                "position": {"unit": proof.unit, "number": proof.ordinal},
                "summary": dict(proof.summary),
            }
            for proof in alert.evidence
        ],
    }


def ledger_document(
    reports: Sequence["SourceReport"], dropped: Sequence["Dropped"] = (), hidden: int | None = 0
) -> dict[str, Any]:
    """The ledger as JSON: the balances of each source and of all together, and the conversion rows between them.

    `missing` counts what is unaccounted for, whatever its sign, over all balances of all sources: 0 says complete.
    `lost` counts what was sent and never read, by where it was noticed: it is no part of what was read.
    `excepted` counts what rules found and nobody wanted to be told, with the `hidden` alerts of correlations; it is
    None where these are not known.
    `dropped` tells what retention has removed from the store since, by day.
    """
    totals: dict[str, dict[str, Any]] = {}
    conversion: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    missing = excepted = 0
    sources = []
    for report in reports:
        balances = {}
        for balance in report.balances:
            balances[balance.name] = {
                "total": balance.total,
                "parts": dict(balance.parts),
                "missing": balance.missing,
            }
            missing += abs(balance.missing)
            whole = totals.setdefault(balance.name, {"total": 0, "parts": Counter(), "missing": 0})
            whole["total"] += balance.total
            whole["parts"].update(balance.parts)
            whole["missing"] += abs(balance.missing)
        conversion.update({bucket: number for (stage, bucket), number in report.counts.items() if stage == CONVERSION})
        lost.update({bucket: number for (stage, bucket), number in report.counts.items() if stage == LOST})
        excepted += report.counts.get((ALERTS, "excepted"), 0)
        sources.append({"id": report.source.id, "name": report.source.name, "balances": balances})
    return {
        "complete": missing == 0,
        "missing": missing,
        "totals": {name: whole | {"parts": dict(whole["parts"])} for name, whole in totals.items()},
        "conversion": dict(conversion),
        "lost": {bucket: number for bucket, number in lost.items() if number},
        "excepted": None if hidden is None else excepted + hidden,
        "dropped": [
            {"at": iso(one.at), "day": iso(one.day * DAY)[:10], "events": one.events, "reason": one.reason}
            for one in dropped
        ],
        "sources": sources,
    }


def source_document(found: "SourceActivity", owner_of: Callable[[str], str | None]) -> dict[str, Any]:
    """A source as JSON: times as ISO 8601, durations in seconds; `owner_of` says who is responsible, by name.

    Behind a listener are `devices`, of which at most some thousands are told apart; the entry of the rest has neither
    address nor host.
    """
    owner = owner_of(found.source.name)
    return {
        "id": found.source.id,
        "variant": found.source.variant,
        "kind": found.source.kind,
        "name": found.source.name,
        "format": found.format,
        "owner": owner,
        "first_seen": iso(found.first_seen),
        "last_heard": None if found.rhythm is None else iso(found.rhythm.last),
        "newest_event": None if found.newest is None else iso(found.newest),
        "lag_seconds": _seconds(found.lag),
        "events": {"hour": found.events[0], "day": found.events[1]},
        "rejected": {"day": found.rejected},
        "parsed": found.parsed,
        "rhythm": _rhythm(found.rhythm),
        "silent": found.silent,
        "devices": [
            _device_document(device, owner_of(device.path(found.source.name)) or owner) for device in found.devices
        ],
    }


def _device_document(device: "DeviceActivity", owner: str | None) -> dict[str, Any]:
    return {
        "address": device.address or None,
        "host": device.host or None,
        "owner": owner,
        "first_seen": iso(device.first_seen),
        "last_heard": iso(device.rhythm.last),
        "newest_event": None if device.newest is None else iso(device.newest),
        "lag_seconds": _seconds(device.lag),
        "skew_seconds": _seconds(device.skew),
        "events": {"hour": device.events[0], "day": device.events[1]},
        "unknown": {"day": device.unknown},
        "rejected": {"day": device.rejected},
        "parsed": device.parsed,
        "rhythm": _rhythm(device.rhythm),
        "silent": device.silent,
    }


def _rhythm(rhythm: "Rhythm | None") -> dict[str, Any] | None:
    return None if rhythm is None else {
        "beats": rhythm.beats,
        "usual_pause_seconds": rhythm.pause / SECOND,
        "longest_usual_pause_seconds": rhythm.longest / SECOND,
    }


def _seconds(nanoseconds: int | None) -> float | None:
    return None if nanoseconds is None else nanoseconds / SECOND
