"""Log sources: which of our datasets a rule goes to, and what its fields are called there.

A route is a dataset pattern, the values an event must carry, and a table of names. The data is in logsources.yml.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from correlation.rules.model import LogSource

OWN_PRODUCT = "hanwatch"
"""Rules of this product speak of our datasets: `service` is the dataset, or its first part; fields are ECS names."""


@dataclass(frozen=True)
class Names:
    """How one source's fields are called: renamed where `names` has them, else with `prefix` in front."""

    table: str
    names: Mapping[str, str] = field(default_factory=dict, compare=False)
    prefix: str = field(default="", compare=False)

    def __call__(self, name: str) -> str:
        """What a field that rules call `name` is called here."""
        found = self.names.get(name)
        return self.prefix + name if found is None else found


@dataclass(frozen=True)
class Route:
    """Events of `dataset` (a name, or a beginning and `*`) whose constants have one of the given values, lowered."""

    dataset: str
    where: tuple[tuple[str, frozenset[str]], ...]
    names: Names

    def takes(self, dataset: str) -> bool:
        """Whether the route leads to a dataset of this name."""
        if self.dataset.endswith("*"):
            return dataset.startswith(self.dataset[:-1])
        return dataset == self.dataset


@dataclass(frozen=True)
class _Source:
    logsource: LogSource
    routes: tuple[Route, ...]

    def serves(self, asked: LogSource) -> bool:
        """Whether this source has everything that a rule asks for."""
        mine = self.logsource
        return (
            asked.product in (None, mine.product)
            and asked.category in (None, mine.category)
            and asked.service in (None, mine.service)
        )


@cache
def routes(logsource: LogSource) -> tuple[Route, ...]:
    """Where events of this log source are; none if no dataset of ours carries it."""
    if logsource.product == OWN_PRODUCT:
        return _own(logsource)
    found = [source for source in _sources() if source.serves(logsource)]
    exact = [source for source in found if source.logsource == logsource]
    if not found and logsource.category and logsource.service:
        return _narrowed(logsource)
    return tuple(dict.fromkeys(route for source in exact or found for route in source.routes))


def _own(logsource: LogSource) -> tuple[Route, ...]:
    if logsource.category is not None:
        return ()
    service = logsource.service
    patterns = ("*",) if service is None else (service, f"{service}.*")
    return tuple(Route(pattern, (), Names("ecs")) for pattern in patterns)


def _narrowed(logsource: LogSource) -> tuple[Route, ...]:
    """A category within a service: the category's routes as far as they lie in the service's."""
    wide = routes(LogSource(logsource.product, logsource.category))
    limits = [dict(route.where) for route in routes(LogSource(logsource.product, None, logsource.service))]
    return tuple(
        route for route in wide
        if any(all(values <= limit.get(name, values) for name, values in route.where) for limit in limits)
    )


@cache
def _sources() -> tuple[_Source, ...]:
    data = yaml.safe_load(files("correlation.rules").joinpath("logsources.yml").read_text(encoding="utf-8"))
    tables = {name: _table(name, data["tables"]) for name in data["tables"]}
    return (*_windows(data["windows"], tables), *(_source(entry, tables) for entry in data["sources"]))


def _table(name: str, tables: Mapping[str, Any]) -> Names:
    entry = tables[name] or {}
    base = _table(entry["base"], tables) if "base" in entry else Names("")
    return Names(name, {**base.names, **entry.get("names", {})}, entry.get("prefix", base.prefix))


def _windows(data: Mapping[str, Any], tables: Mapping[str, Names]) -> Iterable[_Source]:
    dataset, table = data["dataset"], tables[data["table"]]
    channels = {name: ("winlog.channel", _texts(values)) for name, values in data["services"].items()}
    yield _Source(LogSource("windows"), (Route(dataset, (), table),))
    for service, channel in channels.items():
        own = tables[data["tables_of_services"].get(service, data["table"])]
        yield _Source(LogSource("windows", None, service), (Route(dataset, (channel,), own),))
    for category, places in data["categories"].items():
        yield _Source(LogSource("windows", category), tuple(
            Route(
                dataset,
                (channels[place["service"]], ("event.code", _texts(place["events"]))),
                tables[place["table"]] if "table" in place else table,
            )
            for place in places
        ))


def _source(entry: Mapping[str, Any], tables: Mapping[str, Names]) -> _Source:
    where = tuple((name, _texts(values)) for name, values in entry.get("where", {}).items())
    return _Source(
        LogSource(entry.get("product"), entry.get("category"), entry.get("service")),
        tuple(Route(dataset, where, tables[table]) for dataset, table in entry["datasets"].items()),
    )


def _texts(values: Iterable[Any]) -> frozenset[str]:
    return frozenset(str(value).lower() for value in values)
