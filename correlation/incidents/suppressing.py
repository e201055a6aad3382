"""Maintenance windows and drills: alerts that were announced. They are grouped and counted, and raise nothing.

A window is a log like an incident's (`window/<id>`): announced, and perhaps ended early. It holds for an alert when
its time is inside and every kind of entity that the window names is among those of the alert: a drill that names the
red team's network and the units that take part leaves other attacks on these units alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from ipaddress import ip_address, ip_network
from typing import Any, Final, Literal, TypeAlias

import orjson

from correlation.incidents.errors import ChangeRefused
from correlation.incidents.log import Change, text
from correlation.incidents.model import Facts, Key

Purpose: TypeAlias = Literal["maintenance", "drill"]
PURPOSES: Final[tuple[Purpose, ...]] = ("maintenance", "drill")
SCOPES: Final = ("network", "host", "user", "asset", "system", "unit")
"""What a window can name, in the order in which it is shown."""
SUBJECT: Final = "window/"
LONGEST: Final = 31 * 86_400 * 1_000_000_000
"""A window that never ends would be an exception, which is no window."""


@dataclass(frozen=True, slots=True)
class Window:
    """A window: from `begins` (included) to `ends`, ns since 1970.

    Attributes:
        scope: names by kind, each kind of `SCOPES`; networks of the default address space.
        announced: when it was entered: a window that was announced after it had begun says so.
        ended_by: who ended it early, empty for nobody; `ends` is that moment then.
    """

    id: str
    purpose: str
    begins: int
    ends: int
    scope: Mapping[str, Sequence[str]]
    who: str
    reason: str
    announced: int
    version: int = 1
    ended_by: str = ""

    def holds(self, facts: Facts) -> bool:
        """Whether it suppresses an alert."""
        if not self.begins <= facts.time < self.ends:
            return False
        keys = (*facts.actors, *facts.victims, *facts.systems, *facts.units)
        return all(any(_fits(kind, name, key) for name in names for key in keys) for kind, names in self.scope.items())


def _fits(kind: str, name: str, key: Key) -> bool:
    if kind != "network":
        return key.kind == kind and key.value.lower() == name.lower()
    if key.kind != "address" or "/" in key.value:
        return False
    try:
        return ip_address(key.value.partition("%")[0]) in ip_network(name)
    except ValueError:
        return False


def announcement(  # noqa: PLR0913 - what a window says
    purpose: str, begins: int, ends: int, scope: Mapping[str, Sequence[str]], reason: str, *, who: str, at: int
) -> tuple[str, dict[str, Any]]:
    """The id and the first entry of a new window.

    Raises:
        ChangeRefused: it ends before it begins or lasts too long, names nothing, or names what cannot be.
    """
    if purpose not in PURPOSES:
        raise ChangeRefused(reason="window-purpose", given=purpose, known=", ".join(PURPOSES))
    if not begins < ends <= begins + LONGEST:
        raise ChangeRefused(reason="window-span", given="-", known="31")
    named = {kind: [str(name) for name in scope.get(kind, ())] for kind in SCOPES}
    named = {kind: names for kind, names in named.items() if names}
    if not named or scope.keys() - set(SCOPES):
        raise ChangeRefused(reason="window-scope", given=", ".join(scope) or "-", known=", ".join(SCOPES))
    for network in named.get("network", ()):
        try:
            ip_network(network)
        except ValueError as error:
            raise ChangeRefused(reason="window-network", given=network, known="-") from error
    said = {"purpose": purpose, "begins": begins, "ends": ends, "scope": named, "reason": text(reason)}
    made = blake2b(orjson.dumps([said, who, at], option=orjson.OPT_SORT_KEYS), digest_size=8)
    return made.hexdigest(), said


def windows(changes: Iterable[Change]) -> list[Window]:
    """The windows of their logs, which come in order of subject and version; latest begin first."""
    found: dict[str, Window] = {}
    for one in changes:
        name = one.subject.removeprefix(SUBJECT)
        if one.what == "announce":
            said = one.after
            found[name] = Window(
                name, said["purpose"], said["begins"], said["ends"], said["scope"], one.who, said["reason"], one.at
            )
        else:
            was = found[name]
            found[name] = Window(
                name, was.purpose, was.begins, one.after["ends"], was.scope, was.who, was.reason, was.announced,
                one.version, one.who,
            )  # fmt: skip
    return sorted(found.values(), key=lambda one: (-one.begins, one.id))


def suppressor(known: Iterable[Window], facts: Facts) -> str | None:
    """The id of the window that suppresses an alert: of several, the one with the least id."""
    return min((one.id for one in known if one.holds(facts)), default=None)
