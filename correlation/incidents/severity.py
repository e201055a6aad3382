"""How severe an incident is, as a sum in which every part is told, and the colour of the early warning that follows.

Weights and rules are data (`severity.yml`, `warning.yml`), and so is what a site says instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

from correlation.alerts.model import LEVELS
from correlation.incidents.errors import PolicyUnusable
from correlation.incidents.policy import over
from correlation.incidents.sums import Sums
from correlation.incidents.tactics import tactics
from sensors.errors import Place

COLOURS: Final = ("red", "orange", "yellow", "blue")
_WHOLE: Final = 100


class Part(NamedTuple):
    """One line of a score: what counted (a code with words of its own), its value, and the points that it gave."""

    code: str
    value: str
    points: int


class Judgement(NamedTuple):
    """A score with its parts and its band, and the colour of the early warning with the name of the rule."""

    score: int
    severity: str
    parts: tuple[Part, ...]
    colour: str
    warning: str


@dataclass(frozen=True, slots=True)
class Weights:
    """The rules of severity and warning, checked; `fingerprint` changes with them."""

    severity: Mapping[str, Any]
    warnings: tuple[Mapping[str, Any], ...]
    verified: bool
    fingerprint: str

    def judge(self, sums: Sums) -> Judgement:
        """What an incident with these sums is."""
        parts = tuple(part for part in self._parts(sums) if part.points)
        score = min(_WHOLE, sum(part.points for part in parts))
        if sums.alerts == sums.suppressed:
            # Nothing happened in it that was not announced.
            return Judgement(0, "suppressed", (), "", "")
        severity = next(one["name"] for one in self.severity["bands"] if score >= one["at_least"])
        warning = next((rule for rule in self.warnings if _holds(rule, sums, score)), None)
        colour, name = (warning["colour"], warning["name"]) if warning else ("", "")
        return Judgement(score, severity, parts, colour, name)

    def _parts(self, sums: Sums) -> list[Part]:
        said = self.severity
        level = LEVELS[max(sums.level, 0)]
        parts = [Part("level", level, said["level"][level])]
        if sums.cii:
            parts.append(Part("cii", "", said["cii"]))
        if sums.grade:
            parts.append(Part("grade", str(sums.grade), said["grade"].get(sums.grade, 0)))
        rules = len(sums.rules)
        parts.append(Part("rules", str(rules), _step(said["rules"], rules)))
        if sums.indicator >= 0:
            parts.append(Part("indicator", str(sums.indicator), _step(said["indicator"], sums.indicator)))
        known = tactics()
        stages = len({known[name].stage for name in sums.tactics if name in known})
        parts.append(Part("stages", str(stages), _step(said["stages"], stages)))
        reached = max((name for name in sums.tactics if name in said["reached"]), key=said["reached"].get, default=None)
        if reached is not None:
            parts.append(Part("reached", reached, said["reached"][reached]))
        if sums.lateral:
            parts.append(Part("lateral", str(sums.lateral), said["lateral"]))
        return parts


def weights(severity: Path | None = None, warning: Path | None = None) -> Weights:
    """The product's rules with a site's over them.

    Raises:
        PolicyUnusable: a file of the site cannot be used.
    """
    weighed, name = over("severity", severity)
    warned, warned_name = over("warning", warning)
    _check_severity(weighed, name)
    for number, rule in enumerate(warned["rules"], 1):
        _check_rule(rule, Place(warned_name, field=f"rules, entry {number}"))
    text = orjson.dumps([weighed, warned], option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    fingerprint = blake2b(text, digest_size=8).hexdigest()
    return Weights(weighed, tuple(warned["rules"]), bool(warned["verified"]), fingerprint)


_CONDITIONS: Final = {"score": int, "cii": bool, "grade": int, "reached": list, "lateral": bool}


def _holds(rule: Mapping[str, Any], sums: Sums, score: int) -> bool:
    return (
        score >= rule.get("score", 0)
        and sums.grade >= rule.get("grade", 0)
        and (not rule.get("cii") or sums.cii)
        and (not rule.get("lateral") or sums.lateral > 0)
        and ("reached" not in rule or not sums.tactics.keys().isdisjoint(rule["reached"]))
    )


def _step(steps: list[Mapping[str, int]], number: int) -> int:
    """The points of the highest step that a number reaches."""
    return max((one["points"] for one in steps if number >= one["at_least"]), default=0)


def _check_severity(said: Mapping[str, Any], name: str) -> None:
    for key, kind, inner in (
        ("level", dict, LEVELS), ("grade", dict, (1, 2, 3, 4, 5)), ("reached", dict, ()), ("cii", int, ()),
        ("lateral", int, ()),
    ):  # fmt: skip
        value = said[key]
        numbers = value.values() if isinstance(value, dict) else (value,)
        if not isinstance(value, kind) or not all(type(one) is int for one in numbers):
            raise PolicyUnusable(place=Place(name, field=key), reason="wanted: whole numbers of points")
        for one in inner:
            if isinstance(value, dict) and one not in value:
                raise PolicyUnusable(place=Place(name, field=key), reason=f"{one} is missing")
    for key, wanted in (("rules", "points"), ("indicator", "points"), ("stages", "points"), ("bands", "name")):
        steps = said[key]
        if not isinstance(steps, list) or not all(
            isinstance(one, dict) and one.keys() == {"at_least", wanted} for one in steps
        ):
            raise PolicyUnusable(place=Place(name, field=key), reason=f"wanted: a list of at_least and {wanted}")
    if not said["bands"] or said["bands"][-1]["at_least"] > 0:
        raise PolicyUnusable(place=Place(name, field="bands"), reason="the last band begins at 0")


def _check_rule(rule: Any, place: Place) -> None:
    if not isinstance(rule, dict) or not rule.get("name") or rule.get("colour") not in COLOURS:
        raise PolicyUnusable(place=place, reason=f"wanted: name, and colour of {', '.join(COLOURS)}")
    for key, value in rule.items():
        if key in {"name", "colour"}:
            continue
        if key not in _CONDITIONS or type(value) is not _CONDITIONS[key]:
            raise PolicyUnusable(place=place, reason=f"{key} is no condition, or its value is of the wrong kind")
