"""How exposed an asset is by a weakness: asset × weakness × age × reach, each line told; weights are data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, TypeAlias, get_args

import yaml

from inventory.vulnerabilities.errors import VulnerabilityTableUnusable
from inventory.vulnerabilities.matching import Certainty
from inventory.vulnerabilities.model import SEVERITIES, Severity
from sensors.errors import Place
from sensors.event.times import SECOND

Reach: TypeAlias = Literal["internet", "extranet", "internal", "isolated", "unknown"]
REACHES: tuple[Reach, ...] = get_args(Reach)
Factor: TypeAlias = Literal["asset", "weakness", "age", "reach"]
DAY: Final = 86_400 * SECOND
_CERTAINTIES: Final = (*get_args(Certainty), "seen")


@dataclass(frozen=True, slots=True)
class Asset:
    """What is known of an asset: grade of protection, whether it is critical infrastructure or holds sensitive data."""

    id: str
    grade: int | None = None
    critical: bool = False
    sensitive: bool = False
    reach: Reach = "unknown"
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Weakness:
    """One weakness of an asset; `certainty` is that of its match, or `seen` by a scanner; `known` since when (ns)."""

    id: str
    severity: Severity
    known: int
    score: float | None = None
    exploited: bool = False
    ransomware: bool = False
    certainty: Certainty | Literal["seen"] = "seen"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the explanation: the factor, the code of what counts, what was found, and by how much it weighs."""

    factor: Factor
    code: str
    value: str
    weight: float


@dataclass(frozen=True, slots=True)
class Exposure:
    """The product of all lines."""

    asset: str
    weakness: str
    lines: tuple[Line, ...]

    @property
    def score(self) -> float:
        """The exposure, to two places."""
        total = 1.0
        for line in self.lines:
            total *= line.weight
        return round(total, 2)

    def factor(self, name: Factor) -> float:
        """What one factor comes to."""
        total = 1.0
        for line in self.lines:
            total *= line.weight if line.factor == name else 1.0
        return total


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of one table."""

    base: float
    grade: Mapping[int, float]
    critical: float
    sensitive: float
    severity: Mapping[str, float]
    exploited: float
    ransomware: float
    certainty: Mapping[str, float]
    age: tuple[tuple[int, float], ...]
    reach: Mapping[str, float]
    source: str
    verified: bool


def exposure(asset: Asset, weakness: Weakness, weights: Weights, now: int) -> Exposure:
    """How exposed an asset is by a weakness at a moment (ns)."""
    lines = [Line("asset", "asset-base", "", weights.base)]
    if asset.grade is not None:
        lines.append(Line("asset", "asset-grade", str(asset.grade), weights.grade.get(asset.grade, 1.0)))
    if asset.critical:
        lines.append(Line("asset", "asset-critical", "", weights.critical))
    if asset.sensitive:
        lines.append(Line("asset", "asset-sensitive", "", weights.sensitive))
    if weakness.score is not None:
        lines.append(Line("weakness", "weakness-score", f"{weakness.score:g}", weakness.score))
    else:
        lines.append(Line("weakness", "weakness-severity", weakness.severity, weights.severity[weakness.severity]))
    if weakness.exploited:
        lines.append(Line("weakness", "weakness-exploited", "", weights.exploited))
    if weakness.ransomware:
        lines.append(Line("weakness", "weakness-ransomware", "", weights.ransomware))
    certainty = weights.certainty[weakness.certainty]
    lines.append(Line("weakness", "weakness-certainty", weakness.certainty, certainty))
    days = max(0, (now - weakness.known) // DAY)
    aged = max((step for step in weights.age if step[0] <= days), default=(0, 1.0))
    lines.append(Line("age", "age-days", str(days), aged[1]))
    lines.append(Line("reach", "reach", asset.reach, weights.reach[asset.reach]))
    return Exposure(asset.id, weakness.id, tuple(lines))


def total(exposures: Iterable[Exposure]) -> Mapping[str, float]:
    """The sum of each asset's exposures, greatest first, by name where they are equal."""
    sums: dict[str, float] = {}
    for one in exposures:
        sums[one.asset] = sums.get(one.asset, 0.0) + one.score
    return {name: round(value, 2) for name, value in sorted(sums.items(), key=lambda one: (-one[1], one[0]))}


@cache
def weights() -> Weights:
    """The weights that come with the product."""
    text = (files(__package__) / "exposure.yml").read_text(encoding="utf-8")
    return weights_of(yaml.safe_load(text), "exposure.yml")


def weights_of(said: Any, place: str) -> Weights:
    """The weights of a table.

    Raises:
        VulnerabilityTableUnusable: something is missing, no number, or negative.
    """
    try:
        asset, weakness = said["asset"], said["weakness"]
        found = Weights(
            base=_weight(asset["base"]),
            grade={int(grade): _weight(value) for grade, value in asset["grade"].items()},
            critical=_weight(asset["critical"]),
            sensitive=_weight(asset["sensitive"]),
            severity={name: _weight(weakness["severity"][name]) for name in SEVERITIES},
            exploited=_weight(weakness["exploited"]),
            ransomware=_weight(weakness["ransomware"]),
            certainty={name: _weight(weakness["certainty"][name]) for name in _CERTAINTIES},
            age=tuple(sorted((int(step["days"]), _weight(step["weight"])) for step in said["age"])),
            reach={name: _weight(said["reach"][name]) for name in REACHES},
            source=str(said.get("source", "")),
            verified=said.get("verified") is True,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise VulnerabilityTableUnusable(place=Place(place), reason=str(error)) from error
    return found


def _weight(said: Any) -> float:
    number = float(said)
    if not 0 <= number <= 100:
        raise ValueError(f"a weight is 0 to 100, not {said}")
    return number
