"""Windows and signals as bytes and back, so that they survive a restart."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

import orjson

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
        "pending": [_signal(signal) for *_, signal in sorted(windows.pending)],
        "groups": _groups(windows.groups, names),
        "late_groups": _groups(windows.late_groups, names),
    }, option=orjson.OPT_NON_STR_KEYS)  # fmt: skip


def restore(windows: Windows, data: bytes) -> None:
    """Put into empty windows what `dump` wrote; windows of correlations that have changed since begin anew."""
    said = orjson.loads(data)
    windows.late = said["late"]
    windows.take(map(_read_signal, said["pending"]), 0)
    windows.watermark = said["watermark"]
    numbers = {fingerprint(one): number for number, one in enumerate(windows.plan.correlations)}
    for groups, kept in ((windows.groups, said["groups"]), (windows.late_groups, said["late_groups"])):
        for name, group, last, silent, entries in kept["watches"]:
            if name in numbers:
                groups.resume(numbers[name], tuple(group), last, silent, map(_read_entry, entries))
        for name, group, entries in kept["opened"]:
            for entry in entries if name in numbers else ():
                groups.open(numbers[name], tuple(group), _read_entry(entry))


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
            (names[number], group, watch.last, watch.silent, [_entry(entry) for entry in groups.kept(number, watch)])
            for number, watches in enumerate(groups.watches)
            for group, watch in watches.items()
        ],
        "opened": [
            (names[number], group, [_entry(entry) for entry in found.entries])
            for (number, group), found in groups.opened.items()
        ],
    }


def _signal(signal: Signal) -> tuple[Any, ...]:
    return *signal[:-1], orjson.Fragment(signal.proof)


def _read_signal(said: list[Any]) -> Signal:
    rule, time, key, values, proof = said
    return Signal(rule, time, key, values, orjson.dumps(proof))


def _entry(entry: Entry) -> tuple[Any, ...]:
    return *entry[:-1], orjson.Fragment(entry.proof)


def _read_entry(said: list[Any]) -> Entry:
    time, key, position, value, proof = said
    return Entry(time, key, position, tuple(value), orjson.dumps(proof))
