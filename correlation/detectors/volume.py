"""Unusual volume: a host sends far more abroad within an hour than it ever did.

Each host's own hours are its measure, hours in which it sent nothing among them: mean and variance are kept
by Welford's way, older hours count less and less.
"""

from collections.abc import Iterator
from math import sqrt
from typing import Final

from correlation.detectors.memory import Bounded
from correlation.detectors.model import Detection, State
from correlation.detectors.places import Places
from correlation.detectors.reading import FLOWS, ONE_WAY, Reading
from correlation.rules.model import Described
from sensors.event.times import SECOND

LEAST_BYTES: Final = 200_000_000
"""Less than this within an hour is never unusual enough."""
LEAST_HOURS: Final = 24
"""A host that is known for fewer hours has no habits yet."""
DEVIATIONS: Final = 6.0
TIMES: Final = 5.0
"""And so many times the mean: of a host that always sends the same, the deviation is next to nothing."""
_MEMORY: Final = 1 / 168
"""How much the newest hour counts at least: a week's hours."""
_HOUR: Final = 3_600 * SECOND
_MOST_HOSTS: Final = 100_000


class _Habit:
    """What a host sends in an hour: hours seen, mean, variance, the hour at hand, and whether it was told of."""

    __slots__ = ("hour", "hours", "mean", "sent", "told", "variance")

    def __init__(self, hour: int) -> None:
        self.hours, self.mean, self.variance = 0, 0.0, 0.0
        self.hour, self.sent, self.told = hour, 0, False

    def turn(self, hour: int) -> None:
        """A later hour begins: the one at hand and those without anything in between become habit."""
        self._learn(self.sent)
        for _ in range(min(hour - self.hour - 1, 1_000)):
            self._learn(0)
        self.hour, self.sent, self.told = hour, 0, False

    def _learn(self, sent: int) -> None:
        self.hours += 1
        weight = max(1 / self.hours, _MEMORY)
        away = sent - self.mean
        self.mean += weight * away
        self.variance = (1 - weight) * (self.variance + weight * away * away)

    @property
    def most(self) -> float:
        """More than this in an hour is unusual."""
        return max(LEAST_BYTES, self.mean + DEVIATIONS * sqrt(self.variance), TIMES * self.mean)


class Volume:
    """Looks at flows from inside to abroad; an hour counts by when its flows began."""

    about = Described(
        id="b315a776-5b13-5e1f-bcf7-50ca22f0da5a",
        name="unusual_volume",
        title="A host sends unusually much abroad",
        title_zh="主机对外发送数据量异常",
        level="high",
        tags=("attack.exfiltration", "attack.t1041"),
    )
    datasets = FLOWS | ONE_WAY

    def __init__(self, places: Places) -> None:
        self._places = places
        self._habits: Bounded[_Habit] = Bounded(_MOST_HOSTS)

    @property
    def given_up(self) -> int:
        """As in `Detector`."""
        return self._habits.given_up

    def look(self, reading: Reading) -> Iterator[Detection]:
        """As in `Detector`."""
        for flow in reading.conversations:
            if not self._places.leaves(flow.source, flow.destination):
                continue
            hour = flow.time // _HOUR
            habit = self._habits.get((flow.source,))
            if habit is None:
                habit = _Habit(hour)
                self._habits.put((flow.source,), habit)
            if hour > habit.hour:
                habit.turn(hour)
            # What comes late counts for the hour at hand: it was sent, if earlier.
            habit.sent += flow.sent
            if habit.told or habit.hours < LEAST_HOURS or habit.sent <= habit.most:
                continue
            habit.told = True
            yield Detection(
                self.about, (flow.row,),
                f"{flow.source} sent {habit.sent:,} bytes abroad within an hour; usual are {habit.mean:,.0f}"
                f" ± {sqrt(habit.variance):,.0f} in {habit.hours} hours",
                f"{flow.source} 一小时内对外发送 {habit.sent:,} 字节；以往 {habit.hours} 小时平均 {habit.mean:,.0f}"
                f" ± {sqrt(habit.variance):,.0f}",
                f'source.ip:"{flow.source}"',
            )  # fmt: skip

    def dump(self) -> State:
        """As in `Detector`."""
        return {"habits": self._habits.dump(lambda habit: [getattr(habit, name) for name in _Habit.__slots__])}

    def load(self, state: State) -> None:
        """As in `Detector`."""
        self._habits.load(state["habits"], _habit)


def _habit(said: list[float]) -> _Habit:
    habit = _Habit(0)
    for name, value in zip(_Habit.__slots__, said, strict=True):
        setattr(habit, name, value)
    return habit
