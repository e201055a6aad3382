"""Which alerts go where: routes are asked in their order, and a channel gets an alert by the first that names it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from correlation.alerts.model import LEVELS, Alert
from correlation.notifying.settings import NotifySettings, RouteSettings, hours_of
from sensors.event.times import SECOND

SIDES = ("source", "destination", "host")


class Router:
    """The routes of the settings."""

    def __init__(self, settings: NotifySettings) -> None:
        self._routes = [(route, hours_of(route.hours)) for route in settings.routes]
        self._zone = ZoneInfo(settings.zone)

    @property
    def lowest(self) -> int:
        """Place in LEVELS of the lowest level that any route wants."""
        return min((LEVELS.index(route.level) for route, _ in self._routes), default=len(LEVELS))

    def targets(self, alert: Alert, now: int) -> list[tuple[str, RouteSettings]]:
        """Channels that get this alert, each with the route that leads there; `now` in ns decides the time of day."""
        moment = datetime.fromtimestamp(now // SECOND, self._zone).time()
        found: dict[str, RouteSettings] = {}
        for route, hours in self._routes:
            if _open(hours, moment) and fits(route, alert):
                for channel in route.channels:
                    found.setdefault(channel, route)
        return list(found.items())


def fits(route: RouteSettings, alert: Alert) -> bool:
    """Whether all conditions of a route hold, those about time aside."""
    if LEVELS.index(alert.level) < LEVELS.index(route.level):
        return False
    return (
        _any(route.rules, [alert.rule_id])
        and _any(route.tags, [tag for one in alert.attack for tag in (one, f"attack.{one.lower()}")])
        and _any(route.datasets, (proof.dataset for proof in alert.evidence))
        and _any(route.units, _known(alert, "unit"))
        and _any(route.districts, _known(alert, "district"))
    )


def _known(alert: Alert, what: str) -> Iterable[str]:
    """What context says of the evidence's source, destination and host."""
    for proof in alert.evidence:
        for side in SIDES:
            if isinstance(value := proof.summary.get(f"hanwatch.{side}.{what}"), str):
                yield value


def _any(patterns: Sequence[str], values: Iterable[str]) -> bool:
    return not patterns or any(fnmatchcase(value, pattern) for value in values for pattern in patterns)


def _open(hours: tuple[time, time] | None, moment: time) -> bool:
    if hours is None:
        return True
    begin, end = hours
    return begin <= moment < end if begin < end else moment >= begin or moment < end
