"""Beacons: an inside address calls the same service abroad again and again, as a clock does.

After RITA's way of scoring (Active Countermeasures, https://github.com/activecm/rita): how little the intervals and the
amounts sent differ from their median. Measured here by the median absolute deviation in relation to the median, so
that a few missed or doubled calls do not hide a beacon. Services that many inside addresses call are no beacons:
clocks, updates and portals are called by everybody.
"""

import itertools
from collections.abc import Iterator
from statistics import median
from typing import Final

from correlation.detectors.memory import Bounded, Distinct, Quiet
from correlation.detectors.model import Detection, State
from correlation.detectors.places import Places
from correlation.detectors.reading import FLOWS, ONE_WAY, Reading
from correlation.rules.model import Described
from sensors.event.times import SECOND

CALLS: Final = 20
"""So many calls are looked at, the newest; fewer say nothing."""
LEAST_INTERVAL: Final = 10 * SECOND
"""Shorter ones are one session's connections, not a clock's."""
MOST_INTERVAL: Final = 6 * 3_600 * SECOND
JITTER: Final = 0.2
"""How much the intervals may differ from their median; a jitter of so many per cent makes half as much."""
UNEVEN: Final = 0.3
"""How much the amounts sent may differ from their median."""
MOST_SENT: Final = 1_000_000
"""A call that usually sends more octets than this carries something: it is a copy, not a question for orders."""
MANY: Final = 5
"""A service that more inside addresses than these call within a day is everybody's."""
_EVERYBODYS_PORTS: Final = frozenset({53, 123})
"""Names and clocks are asked regularly by design."""
_MOST_KEYS: Final = 100_000
_DAY: Final = 86_400 * SECOND


class Beaconing:
    """Looks at flows from inside to abroad."""

    about = Described(
        id="1c8fefe2-f140-5ce5-95ba-db0d5ced1b6d",
        name="beacon",
        title="A host calls a rare service abroad at regular intervals",
        title_zh="主机定时回连罕见的外部服务（疑似信标）",
        level="high",
        tags=("attack.command-and-control", "attack.t1071"),
    )
    datasets = FLOWS | ONE_WAY

    def __init__(self, places: Places) -> None:
        self._places = places
        self._calls: Bounded[list[tuple[int, int]]] = Bounded(_MOST_KEYS)
        self._callers: Distinct[None] = Distinct(MANY + 1, _DAY, _MOST_KEYS)
        self._told = Quiet(_DAY)

    @property
    def given_up(self) -> int:
        """As in `Detector`."""
        return self._calls.given_up

    def look(self, reading: Reading) -> Iterator[Detection]:
        """As in `Detector`."""
        for flow in reading.conversations:
            if flow.port is None or flow.port in _EVERYBODYS_PORTS or not flow.first:
                continue
            if not self._places.leaves(flow.source, flow.destination):
                continue
            service = (flow.destination, flow.port, flow.transport)
            everybodys = self._callers.add(service, flow.source, flow.time, None) is not None
            calls = self._noted((flow.source, *service), flow.time, flow.sent)
            if everybodys or calls is None:
                continue
            beat = rhythm(calls)
            if beat is None or not self._told.tell((flow.source, *service), flow.time):
                continue
            seconds, jitter, uneven = beat
            figures = f"{seconds:.0f} s ± {jitter:.0%}"
            yield Detection(
                self.about, (flow.row,),
                f"{flow.source} called {flow.destination}:{flow.port} {len(calls)} times every {figures}, sending"
                f" amounts that differ by {uneven:.0%}; no more than {MANY} hosts call it",
                f"{flow.source} 每 {figures} 回连 {flow.destination}:{flow.port}，共 {len(calls)} 次，"
                f"发送量偏差 {uneven:.0%}；一天内访问者不超过 {MANY} 台",
                f'source.ip:"{flow.source}" AND destination.ip:"{flow.destination}"'
                f" AND destination.port:{flow.port}",
            )  # fmt: skip

    def _noted(self, key: tuple[str | int | None, ...], time: int, sent: int) -> list[tuple[int, int]] | None:
        """The calls of a key with this one; None where there are too few, or it is part of the call before."""
        calls = self._calls.get(key)
        if calls is None:
            self._calls.put(key, [(time, sent)])
            return None
        if time - calls[-1][0] < SECOND:
            return None
        calls.append((time, sent))
        if len(calls) > CALLS:
            del calls[0]
        return calls if len(calls) == CALLS else None

    def dump(self) -> State:
        """As in `Detector`."""
        return {"calls": self._calls.dump(), "callers": self._callers.dump(), "told": self._told.dump()}

    def load(self, state: State) -> None:
        """As in `Detector`."""
        self._calls.load(state["calls"], lambda calls: [(time, sent) for time, sent in calls])
        self._callers.load(state["callers"])
        self._told.load(state["told"])


def rhythm(calls: list[tuple[int, int]]) -> tuple[float, float, float] | None:
    """The interval of calls in seconds, and how much intervals and amounts differ from it; None if it is no clock's.

    Args:
        calls: time in ns and octets sent of each, in order of time.
    """
    intervals = [later - earlier for (earlier, _), (later, _) in itertools.pairwise(calls)]
    usual = median(intervals)
    if not LEAST_INTERVAL <= usual <= MOST_INTERVAL:
        return None
    amounts = [sent for _, sent in calls]
    jitter, uneven = _deviation(intervals), _deviation(amounts)
    if jitter > JITTER or uneven > UNEVEN or median(amounts) > MOST_SENT:
        return None
    return usual / SECOND, jitter, uneven


def _deviation(numbers: list[int]) -> float:
    """Median absolute deviation in relation to the median."""
    usual = median(numbers)
    return float(median(abs(number - usual) for number in numbers) / usual) if usual else 0.0
