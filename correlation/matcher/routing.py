"""Three ways from rules to events: to our datasets with our names, to raw Windows events, or all to all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from correlation.rules.logsources import Names, Route, routes
from correlation.rules.model import LogSource

_RAW_NAMES = {"winlog.channel": "Channel", "event.code": "EventID"}
"""How raw Windows events call the fields that routes look at."""
_RAW_TABLES = frozenset({"windows", "windefend"})
"""Tables of names that only say where fields stand here: raw events have them as rules call them."""


@dataclass(frozen=True)
class Scheme:
    """Where rules of a log source go, and whether events tell their dataset."""

    routes: Callable[[LogSource], tuple[Route, ...]]
    by_dataset: bool

    @classmethod
    def mapped(cls) -> "Scheme":
        """To our datasets, under our names."""
        return cls(routes, by_dataset=True)

    @classmethod
    def raw(cls) -> "Scheme":
        """Windows rules to raw events by channel and event id, under the rules' own names."""
        return cls(_raw, by_dataset=False)

    @classmethod
    def everything(cls) -> "Scheme":
        """Every rule to every event, under the rules' own names."""
        return cls(lambda _: (Route("*", (), Names("")),), by_dataset=False)

    def key_fields(self, used: Iterable[Route]) -> tuple[str, ...]:
        """The fields that decide which bucket an event belongs to."""
        names = sorted({name for route in used for name, _ in route.where})
        return ("event.dataset", *names) if self.by_dataset else tuple(names)


def _raw(logsource: LogSource) -> tuple[Route, ...]:
    # A source whose fields need renaming (4688 for process creations) cannot be said in raw names.
    return tuple(
        Route("*", tuple((_RAW_NAMES[name], values) for name, values in route.where), Names(""))
        for route in routes(logsource)
        if route.names.table in _RAW_TABLES
    )
