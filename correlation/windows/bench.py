"""How many signals a second windows take: few groups that fill, and as many as are watched at once.

Signals are made by a seeded generator, a millisecond apart, with one event each behind them, as rules find them.
Making them is not counted.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from time import process_time
from typing import Any, Final, TypeAlias

import numpy as np

from correlation.alerts.model import Evidence
from correlation.rules.model import Correlation, Threshold
from correlation.windows.engine import Windows
from correlation.windows.groups import MOST_GROUPS
from correlation.windows.model import Signal
from correlation.windows.proofs import pack
from sensors.event.times import SECOND

Result: TypeAlias = dict[str, Any]

SIGNALS: Final = 1_500_000
AT_ONCE: Final = 20_000
START: Final = 1_767_225_600 * SECOND
_SEED: Final = 20_261_129
_GROUPS: Final = (("few", 1_000), ("many", MOST_GROUPS))


def bench(events: int = SIGNALS) -> Iterator[Result]:
    """Measure on `events` signals counting by one field: ten within an hour.

    Yields:
        One result for a thousand groups, and one for a million: signals, groups that are watched at the end, findings,
        seconds of CPU.
    """
    counting = Correlation(
        id="bench", title="bench", type="event_count", rules=("rule",), group_by=("source.ip",),
        timespan=3_600 * SECOND, threshold=Threshold("gte", 10.0),
    )  # fmt: skip
    for name, groups in _GROUPS:
        windows = Windows([counting], 30 * SECOND)
        cpu, findings = 0.0, 0
        made = _signals(events, groups)
        while portion := list(islice(made, AT_ONCE)):
            begun = process_time()
            findings += _taken(windows, portion)
            cpu += process_time() - begun
        begun = process_time()
        findings += len(windows.settle())
        cpu += process_time() - begun
        yield {
            "bench": f"windows.{name}", "events": events, "groups": windows.groups.watched, "findings": findings,
            "cpu_seconds": cpu,
        }  # fmt: skip


def _taken(windows: Windows, signals: Sequence[Signal]) -> int:
    return len(windows.take(signals, signals[-1].time))


def _signals(count: int, groups: int) -> Iterator[Signal]:
    drawn = np.random.default_rng(_SEED).integers(0, groups, count).tolist()
    for number, group in enumerate(drawn, 1):
        time, key = START + number * SECOND // 1_000, f"{number:032x}"
        proof = Evidence(key, "network.flow", time, "00" * 16, "bench", "packet", number, {"source.ip": f"{group}"})
        yield Signal("rule", time, key, {"source.ip": f"{group}"}, pack([proof]))
