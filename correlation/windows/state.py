"""Windows and signals as bytes and back, so that they survive a restart."""

from collections.abc import Iterable
from hashlib import blake2b
from heapq import heapify
from typing import Any

import orjson

from correlation.alerts.model import Evidence
from correlation.rules.model import Correlation
from correlation.windows.counting import Entry
from correlation.windows.engine import Windows
from correlation.windows.groups import Groups
from correlation.windows.model import Signal


def dump_signals(signals: Iterable[Signal]) -> bytes:
    """Signals as JSON."""
    return orjson.dumps([_signal(signal) for signal in signals], option=orjson.OPT_NON_STR_KEYS)


def load_signals(data: bytes) -> list[Signal]:
    """What `dump_signals` wrote."""
    return [_read_signal(one) for one in orjson.loads(data)]


def dump(windows: Windows) -> bytes:
    """All that windows hold, as JSON."""
    names = [fingerprint(one) for one in windows.plan.correlations]
    return orjson.dumps({
        "watermark": windows.watermark,
        "late": windows.late,
        "pending": [_signal(signal) for *_, signal in sorted(windows.pending, key=lambda one: one[:3])],
        "groups": _groups(windows.groups, names),
        "late_groups": _groups(windows.late_groups, names),
    }, option=orjson.OPT_NON_STR_KEYS)  # fmt: skip


def restore(windows: Windows, data: bytes) -> None:
    """Put into empty windows what `dump` wrote; windows of correlations that have changed since begin anew."""
    said = orjson.loads(data)
    windows.watermark, windows.late = said["watermark"], said["late"]
    wait_for(windows, map(_read_signal, said["pending"]))
    numbers = {fingerprint(one): number for number, one in enumerate(windows.plan.correlations)}
    for groups, kept in ((windows.groups, said["groups"]), (windows.late_groups, said["late_groups"])):
        for name, group, last, silent, entries in kept["watches"]:
            if name in numbers:
                groups.resume(numbers[name], tuple(group), last, silent, map(_read_entry, entries))
        for name, group, entries in kept["opened"]:
            for entry in entries if name in numbers else ():
                groups.open(numbers[name], tuple(group), _read_entry(entry))


def wait_for(windows: Windows, signals: Iterable[Signal]) -> None:
    """Let signals wait as they did."""
    windows.pending += [(signal.time, signal.rule, signal.key, signal) for signal in signals]
    heapify(windows.pending)
    windows.waiting |= {(rule, key) for _, rule, key, _ in windows.pending}


def fingerprint(correlation: Correlation) -> str:
    """Tells apart correlations whose windows cannot be exchanged."""
    said = (
        correlation.id, correlation.type, correlation.rules, correlation.group_by, correlation.timespan,
        sorted((name, sorted(mapping.items())) for name, mapping in correlation.aliases.items()), correlation.threshold,
        correlation.expression,
    )  # fmt: skip
    return blake2b(repr(said).encode(), digest_size=16, person=b"hanwatch.window").hexdigest()


def _groups(groups: Groups, names: list[str]) -> dict[str, Any]:
    return {
        "watches": [
            (names[number], group, watch.last, watch.silent, [_entry(entry) for entry in watch.window.entries()])
            for (number, group), watch in groups.watches.items()
        ],
        "opened": [
            (names[number], group, [_entry(entry) for entry in found.entries])
            for (number, group), found in groups.opened.items()
        ],
    }


def _signal(signal: Signal) -> tuple[Any, ...]:
    return signal.rule, signal.time, signal.key, dict(signal.values), [_proof(one) for one in signal.evidence]


def _read_signal(said: list[Any]) -> Signal:
    rule, time, key, values, evidence = said
    return Signal(rule, time, key, values, tuple(_read_proof(one) for one in evidence))


def _entry(entry: Entry) -> tuple[Any, ...]:
    return entry.time, entry.key, entry.position, entry.value, [_proof(one) for one in entry.evidence]


def _read_entry(said: list[Any]) -> Entry:
    time, key, position, value, evidence = said
    return Entry(time, key, position, tuple(value), tuple(_read_proof(one) for one in evidence))


def _proof(evidence: Evidence) -> tuple[Any, ...]:
    # In the order of its fields; `dataclasses.astuple` would copy each value, which took half of all correlating.
    return (
        evidence.event_id, evidence.dataset, evidence.time, evidence.source_id, evidence.source_name, evidence.unit,
        evidence.ordinal, evidence.summary,
    )  # fmt: skip


def _read_proof(said: list[Any]) -> Evidence:
    return Evidence(*said)
