"""An alert: a rule that matched, and the events that are its evidence, each with the place it came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal, NamedTuple, TypeAlias

Level: TypeAlias = Literal["informational", "low", "medium", "high", "critical"]
"""Sigma's levels, in rising order; a rule without one counts as medium."""

Unit: TypeAlias = Literal["line", "record", "packet"]
"""What the ordinal of an event counts in its source."""

LEVELS: tuple[Level, ...] = ("informational", "low", "medium", "high", "critical")


class Evidence(NamedTuple):
    """One event of an alert: its id, dataset and time, and where it stands in its source.

    A tuple, since every event that a correlation looks at becomes one. `ordinal` counts from 1 what `unit` says: a
    line, a record or a packet of `source_name`. `summary` holds the few fields that tell a person at a glance what
    happened.
    """

    event_id: str
    dataset: str
    time: int
    source_id: str
    source_name: str
    unit: Unit
    ordinal: int
    summary: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Alert:
    """A match that people see.

    `id` is derived from the rule and its evidence, so the same match is one alert however often it is found; `time` is
    the event time of the newest evidence, `created` when it was found, both ns since 1970. `title_zh` is the rule's
    Chinese title where it has one.
    """

    id: str
    rule_id: str
    title: str
    level: Level
    attack: tuple[str, ...]
    time: int
    created: int
    evidence: tuple[Evidence, ...]
    title_zh: str = ""
    state: str = "new"

    def __post_init__(self) -> None:
        if not self.evidence:
            raise ValueError("an alert has evidence")
        if self.level not in LEVELS:
            raise ValueError(f"no such level: {self.level}")


class Hidden(NamedTuple):
    """An alert of a correlation that an exception hid.

    `alert_id` is what its id would have been, `exception` the exception's id, `time` the event time in ns since 1970.
    """

    alert_id: str
    exception: str
    rule_id: str
    time: int


def alert_id(rule_id: str, event_ids: tuple[str, ...]) -> str:
    """The id of the alert of this rule on these events in the rule's own order: 32 hexadecimal digits."""
    digest = blake2b(rule_id.encode(), digest_size=16, person=b"hanwatch.alert")
    for event_id in event_ids:
        digest.update(b"\0" + event_id.encode())
    return digest.hexdigest()
