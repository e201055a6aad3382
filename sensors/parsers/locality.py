"""What a source's settings say of its lines: the zone of times that name none, and their encoding.

Where nothing is said, a time without a zone is that of `ZONE`, and the encoding is found out line by line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from fnmatch import fnmatchcase
from typing import Final
from zoneinfo import ZoneInfo

from sensors.parsers.encoding import Said

ZONE: Final = "Asia/Shanghai"
"""Where the devices are whose times name no zone."""


@dataclass(frozen=True, slots=True)
class Locality:
    """Zone and encoding of a source; an encoding of None is to be detected."""

    zone: tzinfo
    encoding: Said | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """The sources whose name this pattern fits (`*` for any characters), and what holds for them."""

    pattern: str
    zone: str | None = None
    encoding: Said | None = None


class Localities:
    """Which rule a source falls under: the first that fits it."""

    def __init__(self, zone: str = ZONE, rules: Sequence[Rule] = ()) -> None:
        self._rules = [(rule.pattern, Locality(ZoneInfo(rule.zone or zone), rule.encoding)) for rule in rules]
        self._usual = Locality(ZoneInfo(zone))

    def preceded_by(self, rule: Rule) -> "Localities":
        """The same with a rule that comes before all others; where it says no zone, that of all holds."""
        zone = ZoneInfo(rule.zone) if rule.zone else self._usual.zone
        made = Localities(str(self._usual.zone))
        made._rules = [(rule.pattern, Locality(zone, rule.encoding)), *self._rules]
        return made

    def of(self, name: str) -> Locality:
        """What holds for a source by its name: a path, a listener, or `listener/address` of a device behind it."""
        return next((one for pattern, one in self._rules if fnmatchcase(name, pattern)), self._usual)

    def has_own(self, name: str, above: str) -> bool:
        """Whether a rule is meant for this name: the first that fits it, and does not fit what is above it as well."""
        first = next((pattern for pattern, _ in self._rules if fnmatchcase(name, pattern)), None)
        return first is not None and not fnmatchcase(above, first)


_IN_FORCE = [Localities()]


def locality(name: str) -> Locality:
    """What holds for a source by its name, by the settings in force."""
    return _IN_FORCE[0].of(name)


def has_own(name: str, above: str) -> bool:
    """Whether the settings in force have a rule for a device (`Localities.has_own`)."""
    return _IN_FORCE[0].has_own(name, above)


def add_rule(rule: Rule) -> None:
    """Let a rule hold from now on, before those in force: what a listener's own settings say."""
    put_in_force(_IN_FORCE[0].preceded_by(rule))


def put_in_force(localities: Localities) -> None:
    """Let these rules hold from now on: called once, when the settings are read."""
    _IN_FORCE[0] = localities
