"""Profiles of scoring as data (profiles.yml): how much each check counts, by whose rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal, TypeAlias

import yaml

Kind: TypeAlias = Literal["points", "categories", "states"]


@dataclass(frozen=True, slots=True)
class State:
    """One state of a service, and what makes it so: outcomes of checks, or that IPv6 is intentionally absent."""

    state: str
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """How a measurement is scored.

    Attributes:
        verified: whether the numbers are those of the source.
        known: the share of points that has to be known.
        caps: the most that a score may be where a check failed.
        points: by check; what a check gives times its rate.
        categories: by name and check, what each outcome gives.
        services: by name, states in the order in which they are tried.
    """

    name: str
    kind: Kind
    verified: bool
    source: str
    known: float = 0.0
    caps: Mapping[str, int] = field(default_factory=dict)
    points: Mapping[str, float] = field(default_factory=dict)
    categories: Mapping[str, Mapping[str, Mapping[str, float]]] = field(default_factory=dict)
    services: Mapping[str, tuple[State, ...]] = field(default_factory=dict)

    def weight(self, check: str) -> float:
        """The points of the whole score, of 100, that a check can give; nothing where there is no score."""
        if self.points:
            return 100 * self.points.get(check, 0) / sum(self.points.values())
        for checks in self.categories.values():
            if check in checks:
                return 100 * checks[check]["pass"] / sum(one["pass"] for one in checks.values()) / len(self.categories)
        return 0.0


@cache
def profiles() -> Mapping[str, Profile]:
    """The profiles that come with the product, by name; the first is the usual one."""
    told: dict[str, dict[str, Any]] = yaml.safe_load((files(__package__) / "profiles.yml").read_text(encoding="utf-8"))
    return {name: _profile(name, dict(one)) for name, one in told.items()}


def _profile(name: str, told: dict[str, Any]) -> Profile:
    services = {
        service: tuple(
            State(one["state"], {key: tuple(wanted) for key, wanted in one.get("when", {}).items()}, "absent" in one)
            for one in states
        )
        for service, states in told.pop("services", {}).items()
    }
    return Profile(name=name, services=services, **told)
