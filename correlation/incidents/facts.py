"""From an alert to what joining and severity look at: who, to whom, which tactics, how much it matters.

All of it stands in the summaries of the alert's evidence. Values keep the address space that the event was in, since a
private address means another host in each.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

from correlation.alerts.model import LEVELS, Alert
from correlation.incidents.model import Facts, Key, Kind
from correlation.incidents.tactics import tactics_of

MOST_EVIDENCE: Final = 200
"""Events of an alert that are looked at: a correlation may have thousands, which name the same few."""

_ACTORS: Final[tuple[tuple[str, Kind], ...]] = (
    ("source.ip", "address"), ("hanwatch.source.asset", "asset"), ("user.name", "user"),
)  # fmt: skip
_VICTIMS: Final[tuple[tuple[str, Kind], ...]] = (
    ("destination.ip", "address"), ("host.name", "host"), ("hanwatch.destination.asset", "asset"),
    ("hanwatch.host.asset", "asset"),
)  # fmt: skip
_SYSTEMS: Final[tuple[tuple[str, Kind], ...]] = (
    ("hanwatch.destination.system", "system"), ("hanwatch.host.system", "system"),
)  # fmt: skip
_UNITS: Final[tuple[tuple[str, Kind], ...]] = (
    ("hanwatch.destination.unit", "unit"), ("hanwatch.host.unit", "unit"), ("hanwatch.source.unit", "unit"),
)  # fmt: skip
_SIDES: Final = ("source", "destination", "host")
_SITE_WIDE: Final = frozenset({"system", "unit"})
"""Names that mean the same in every address space."""
_SAID_BY_PEOPLE: Final = frozenset({"asset", "system", "unit"})
"""Names that stand as the inventory spells them; what machines say is compared without case."""


def facts_of(alert: Alert, most: int) -> Facts:
    """What an alert is about; `most` entities of each side are kept, more of one kind make it a sweep."""
    summaries = [proof.summary for proof in islice(alert.evidence, MOST_EVIDENCE)]
    actors, many_actors = _named(summaries, _ACTORS, most)
    victims, many_victims = _named(summaries, _VICTIMS, most)
    return Facts(
        alert_id=alert.id,
        time=alert.time,
        rule_id=alert.rule_id,
        level=LEVELS.index(alert.level),
        tactics=tuple(one.name for one in tactics_of(alert.attack)),
        actors=actors,
        victims=victims,
        systems=_named(summaries, _SYSTEMS, most)[0],
        units=_named(summaries, _UNITS, most)[0],
        sweeping=(*(("actor", kind) for kind in many_actors), *(("victim", kind) for kind in many_victims)),
        grade=max((_number(one.get(f"hanwatch.{side}.grade"), 0) for one in summaries for side in _SIDES), default=0),
        cii=any(one.get(f"hanwatch.{side}.cii") is True for one in summaries for side in _SIDES),
        indicator=max((_number(one.get("hanwatch.indicator.confidence"), -1) for one in summaries), default=-1),
    )


def _named(
    summaries: list[Mapping[str, Any]], fields: tuple[tuple[str, Kind], ...], most: int
) -> tuple[tuple[Key, ...], list[Kind]]:
    """The entities of some fields in the order in which they are met, and the kinds that have more than `most`."""
    found: dict[Key, None] = {}
    kinds: dict[Kind, int] = {}
    for summary in summaries:
        space = summary.get("hanwatch.space")
        for name, kind in fields:
            for text in _texts(summary.get(name)):
                value = text if kind in _SAID_BY_PEOPLE else text.lower()
                key = Key(kind, f"{space}/{value}" if space and kind not in _SITE_WIDE else value)
                if key not in found:
                    kinds[kind] = kinds.get(kind, 0) + 1
                    if kinds[kind] <= most:
                        found[key] = None
    return tuple(found), [kind for kind, number in kinds.items() if number > most]


def _texts(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list | tuple) else (value,):
        if one not in (None, ""):
            yield str(one)


def _number(value: Any, otherwise: int) -> int:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else otherwise
