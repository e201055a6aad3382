"""From alerts to notices: a topic is told once in a quiet time, what follows is counted and told in one digest.

A window opens for a channel and route with the first notice and lasts the route's quiet time. In it every new topic is
told, up to the route's burst; all else is counted. At its end there is one digest, if anything was counted, and topics
of which something came stay known in the next window. So a channel gets at most burst + 1 notices of a route in a
quiet time, however many alerts there are. No clock and no database: time is passed in, and what has changed is said.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from correlation.alerts.model import LEVELS, Alert
from correlation.notifying.model import Notice, Topic, digest_of
from correlation.notifying.settings import RouteSettings
from correlation.notifying.topics import key_of, shown, topic_of_alert
from sensors.event.times import SECOND

MOST_TOPICS: Final = 1_000
"""Topics of a window that are told apart; of what comes beyond them only the rule is."""
MOST_LISTED: Final = 20
MOST_ALERTS: Final = 5

Lane: TypeAlias = tuple[str, str]
"""A channel and a route, by name."""


@dataclass(slots=True)
class Counted:
    """A topic of a window: what is not told yet (`topic.count` alerts, perhaps none), and whether anything came."""

    topic: Topic
    seen: bool = True


@dataclass(slots=True)
class Window:
    """A quiet time of a lane: when it opened and ends (ns), how many notices it has had, and its topics by key."""

    opened: int
    until: int
    told: int = 0
    topics: dict[str, Counted] = field(default_factory=dict)


class Folding:
    """The windows of all lanes."""

    def __init__(self, windows: dict[Lane, Window] | None = None) -> None:
        self.windows = {} if windows is None else windows
        self.changed: set[tuple[Lane, str]] = set()
        """Topics that have changed since this was emptied, by lane and key; the key is empty for the window itself."""

    def take(self, alert: Alert, targets: Iterable[tuple[str, RouteSettings]], now: int) -> Iterator[Notice]:
        """Give an alert to its targets; the notices that are due at once."""
        for channel, route in targets:
            topic = topic_of_alert(alert, route.by)
            lane = channel, route.name
            if route.quiet == 0 or self._counted(lane, route, topic, now):
                yield _first(lane, shown(topic, alert), now)

    def close(self, now: int) -> Iterator[Notice]:
        """End the windows whose time is over; their digests."""
        for lane, window in list(self.windows.items()):
            if window.until <= now:
                waiting = [counted.topic for counted in window.topics.values() if counted.topic.count]
                if waiting:
                    yield _digest(lane, window, waiting, now)
                self._renew(lane, window, now)

    def _counted(self, lane: Lane, route: RouteSettings, topic: Topic, now: int) -> bool:
        """Count a topic; whether it is told at once instead."""
        window = self.windows.get(lane)
        if window is None:
            window = self.windows[lane] = Window(now, now + round(route.quiet * SECOND))
            self.changed.add((lane, ""))
        key = key_of(topic)
        known = window.topics.get(key)
        if known is None and len(window.topics) >= MOST_TOPICS:
            topic = replace(topic, entities={})
            key = key_of(topic)
            known = window.topics.get(key)
        self.changed.add((lane, key))
        if known is not None:
            known.topic = _joined(known.topic, topic)
            known.seen = True
        elif window.told < route.burst and len(window.topics) < MOST_TOPICS:
            window.told += 1
            self.changed.add((lane, ""))
            window.topics[key] = Counted(_bare(topic))
            return True
        else:
            window.topics[key] = Counted(topic)
        return False

    def _renew(self, lane: Lane, window: Window, now: int) -> None:
        """The next window knows the topics of which something came in this one; without any there is none."""
        self.changed.update((lane, key) for key in window.topics)
        self.changed.add((lane, ""))
        kept = {key: counted for key, counted in window.topics.items() if counted.seen}
        if not kept:
            del self.windows[lane]
            return
        for counted in kept.values():
            counted.topic = _bare(counted.topic)
            counted.seen = False
        self.windows[lane] = Window(now, now + window.until - window.opened, 0, kept)


def _bare(topic: Topic) -> Topic:
    """A topic of which nothing waits to be told."""
    return replace(topic, count=0, alerts=())


def _joined(known: Topic, more: Topic) -> Topic:
    fresh = known.count == 0
    return replace(
        known,
        level=more.level if fresh else max(known.level, more.level, key=LEVELS.index),
        count=known.count + more.count,
        first=more.first if fresh else min(known.first, more.first),
        last=more.last if fresh else max(known.last, more.last),
        alerts=(*known.alerts, *more.alerts)[:MOST_ALERTS],
    )


def _first(lane: Lane, topic: Topic, now: int) -> Notice:
    channel, route = lane
    return Notice(
        digest_of("alert", channel, route, *topic.alerts), "alert", channel, route, now, topic.level, 1, (topic,)
    )


def _digest(lane: Lane, window: Window, waiting: list[Topic], now: int) -> Notice:
    channel, route = lane
    waiting.sort(key=lambda topic: (-LEVELS.index(topic.level), -topic.count, topic.first))
    return Notice(
        id=digest_of("digest", channel, route, str(window.opened)),
        kind="digest",
        channel=channel,
        route=route,
        created=now,
        level=waiting[0].level,
        count=sum(topic.count for topic in waiting),
        topics=tuple(waiting[:MOST_LISTED]),
        more=max(len(waiting) - MOST_LISTED, 0),
    )
