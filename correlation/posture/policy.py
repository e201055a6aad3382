"""Reading the weights of posture, which are data: the product's own file, and over it what a site says instead.

What makes scores trustworthy is checked: what is graver, newer, untouched or less visible never costs less.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import blake2b
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson
import yaml

from correlation.incidents.errors import PolicyUnusable
from correlation.incidents.policy import number, read, span
from correlation.posture.errors import PosturePolicyUnusable
from correlation.posture.model import GAP_KINDS, POINT
from sensors.errors import Place

SEVERITIES: Final = ("low", "medium", "high", "critical")
STATES: Final = ("new", "assigned", "in-progress", "contained")
"""From untouched to nearly done."""
CONFIDENCES: Final = ("high", "medium", "low", "none")
BANDS: Final = ("good", "fair", "poor", "bad")
"""What scores are called; each has words of its own."""
_GRADES: Final = (1, 2, 3, 4, 5)


class GapWeight(NamedTuple):
    """Of a kind of gap: what one costs and all together cost at most (1/10,000 of a point), and percent of the view."""

    points: int
    most: int
    view: int


class Confidence(NamedTuple):
    """How sure a score is from a coverage on (percent), and what so little costs at least (1/10,000 of a point)."""

    at_least: int
    name: str
    least: int


class Sector(NamedTuple):
    """A sector of critical information infrastructure, and the units and systems that belong to it."""

    name: str
    zh: str
    units: frozenset[str]
    systems: frozenset[str]


@dataclass(frozen=True, slots=True)
class Policy:
    """The weights of posture, checked. Points are 1/10,000 of one, spans ns; what is a percentage is said in percent.

    Attributes:
        text: everything that was said, as canonical JSON: the same text makes the same policy again.
        digest: of that text.
    """

    version: int
    source: str
    verified: bool
    severity: Mapping[str, int]
    state: Mapping[str, int]
    half_life: Mapping[str, int]
    least_age: int
    most: Mapping[str, int]
    window: int
    trace: int
    unseen: int
    gaps: Mapping[str, GapWeight]
    most_gaps: int
    readable: int
    confidence: tuple[Confidence, ...]
    worst: int
    unplaced: int
    importance: Mapping[int, int]
    importance_cii: int
    bands: tuple[tuple[int, str], ...]
    sectors: tuple[Sector, ...]
    text: bytes
    digest: str

    def band(self, score: int) -> str:
        """What a score is called."""
        return next(name for least, name in self.bands if score >= least)

    def confidence_of(self, coverage: int) -> Confidence:
        """How sure a score of this coverage (1/10,000) is."""
        return next(one for one in self.confidence if coverage >= one.at_least * 100)

    def weight(self, grade: int, *, cii: bool) -> int:
        """How often a unit counts in a mean."""
        return max(self.importance[grade], self.importance_cii if cii else 0)

    def sector(self, unit: str, system: str) -> str:
        """The sector of critical infrastructure of a unit or a system; empty where no sector names it."""
        return next((one.name for one in self.sectors if unit in one.units or system in one.systems), "")


def posture_policy(path: Path | None = None) -> Policy:
    """The product's weights with a site's over them.

    Raises:
        PosturePolicyUnusable: the site's file cannot be used.
    """
    said: dict[str, Any] = yaml.safe_load((files(__package__) / "posture.yml").read_text(encoding="utf-8"))
    if path is None:
        return policy_of(said, "posture.yml")
    try:
        theirs = read(path)
    except PolicyUnusable as error:
        raise PosturePolicyUnusable(place=error.place, reason=error.parameters["reason"]) from error
    for key in theirs:
        if key not in said:
            near = get_close_matches(str(key), said, n=1) or sorted(said)
            raise _unusable(str(path), str(key), f"unknown; known: {', '.join(near)}")
    return policy_of(said | theirs, str(path))


def policy_from(text: bytes) -> Policy:
    """The policy of a recorded text."""
    said = orjson.loads(text)
    said["importance"]["grade"] = {int(grade): weight for grade, weight in said["importance"]["grade"].items()}
    return policy_of(said, "posture.yml")


def policy_of(said: Mapping[str, Any], name: str) -> Policy:
    """The policy of what a file called `name` says.

    Raises:
        PosturePolicyUnusable: a value cannot be meant, or would let something grave cost less.
    """
    try:
        return _policy(said, name)
    except PolicyUnusable as error:
        raise PosturePolicyUnusable(place=error.place, reason=error.parameters["reason"]) from error
    except (KeyError, TypeError, AttributeError) as error:
        reason = f"a value is missing or of another kind: {error}"
        raise PosturePolicyUnusable(place=Place(name), reason=reason) from error


def _policy(said: Mapping[str, Any], name: str) -> Policy:
    text = orjson.dumps(said, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    severity, most = (_points(said, key, SEVERITIES, name) for key in ("severity", "most"))
    state = {one: _percent(said["state"], one, name, f"state.{one}") for one in STATES}
    half_life = {one: span(said["half_life"], one, name) for one in SEVERITIES}
    for key, weights in (("severity", severity), ("most", most), ("half_life", half_life)):
        _falling(name, key, [weights[one] for one in reversed(SEVERITIES)])
    _falling(name, "state", [state[one] for one in STATES])
    gaps: dict[str, GapWeight] = {
        kind: GapWeight(
            number(said["gaps"][kind], "points", name) * POINT,
            number(said["gaps"][kind], "most", name) * POINT,
            _percent(said["gaps"][kind], "view", name, f"gaps.{kind}"),
        )
        for kind in GAP_KINDS
    }
    confidence = tuple(
        Confidence(number(one, "at_least", name), one["name"], number(one, "least", name) * POINT)
        for one in said["confidence"]
    )
    if tuple(one.name for one in confidence) != CONFIDENCES or confidence[-1].at_least:
        raise _unusable(name, "confidence", f"wanted: {', '.join(CONFIDENCES)}, the last from 0")
    _falling(name, "confidence", [one.at_least for one in confidence])
    _falling(name, "confidence", [-one.least for one in confidence])
    if not confidence[-1].least:
        raise _unusable(name, "confidence", "what nobody sees costs something")
    bands = tuple((number(one, "at_least", name) * POINT, str(one["name"])) for one in said["bands"])
    _falling(name, "bands", [least for least, _ in bands])
    if not {called for _, called in bands} <= set(BANDS):
        raise _unusable(name, "bands", f"wanted: names of {', '.join(BANDS)}")
    if not bands or bands[-1][0]:
        raise _unusable(name, "bands", "the last band begins at 0")
    importance = said["importance"]
    return Policy(
        version=number(said, "version", name, 1),
        source=str(said["source"]),
        verified=said["verified"] is True,
        severity=severity,
        state=state,
        half_life=half_life,
        least_age=_percent(said, "least_age", name),
        most=most,
        window=span(said, "window", name),
        trace=span(said, "trace", name),
        unseen=number(said, "unseen", name) * POINT,
        gaps=gaps,
        most_gaps=number(said, "most_gaps", name) * POINT,
        readable=_percent(said, "readable", name),
        confidence=confidence,
        worst=_percent(said, "worst", name),
        unplaced=_percent(said, "unplaced", name),
        importance={
            0: number(importance, "other", name, 1),
            **{grade: number(importance["grade"], grade, name, 1) for grade in _GRADES},  # type: ignore[arg-type]  # a key
        },
        importance_cii=number(importance, "cii", name, 1),
        bands=bands,
        sectors=tuple(
            Sector(str(one["name"]), str(one["zh"]), frozenset(one["units"]), frozenset(one["systems"]))
            for one in said["sectors"]
        ),
        text=text,
        digest=blake2b(text, digest_size=8).hexdigest(),
    )


def _points(said: Mapping[str, Any], key: str, names: Iterable[str], name: str) -> dict[str, int]:
    return {one: number(said[key], one, name) * POINT for one in names}


def _percent(said: Mapping[str, Any], key: str, name: str, place: str = "") -> int:
    value = number(said, key, name)
    if value > 100:
        raise _unusable(name, place or key, "wanted: a percentage of 0 to 100")
    return value


def _falling(name: str, key: str, numbers: list[int]) -> None:
    if any(later > earlier for earlier, later in pairwise(numbers)):
        raise _unusable(name, key, "what is graver, untouched or less visible cannot cost less than what is not")


def _unusable(name: str, key: str, reason: str) -> PosturePolicyUnusable:
    return PosturePolicyUnusable(place=Place(name, field=key), reason=reason)
