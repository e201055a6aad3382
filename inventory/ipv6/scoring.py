"""The score of a site: outcomes of checks, weighed as a profile says; what is not known is left out, not failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from inventory.ipv6.model import Outcome, Site
from inventory.ipv6.profiles import Profile


@dataclass(frozen=True, slots=True)
class Score:
    """What a profile makes of a measurement.

    Attributes:
        value: 0 to 100, None where there is no score.
        known: the share of the points that is known.
        uncapped: what the value would be without the cap.
        capped: the checks that failed and cap it.
        points: what each check gave of the most that it could, of 100 in all.
        states: of profiles that have no number.
    """

    profile: str
    value: float | None
    known: float
    uncapped: float | None = None
    capped: tuple[str, ...] = ()
    points: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)


def score(site: Site, outcomes: Sequence[Outcome], profile: Profile) -> Score:
    """The score of a site by a profile."""
    found = {one.check: one for one in outcomes}
    if profile.kind == "states":
        states = {name: _state(site, found, profile, name) for name in profile.services}
        known = sum(state != "unknown" for state in states.values()) / len(states)
        return Score(profile.name, None, known, states=states)
    groups = [list(one) for one in profile.categories.values()] if profile.categories else [list(profile.points)]
    points: dict[str, tuple[float, float]] = {}
    shares, known, applicable = [], 0.0, 0.0
    for group in groups:
        counted = [check for check in group if check in found and found[check].status not in {"n/a", "unknown"}]
        for check in counted:
            points[check] = (_given(found[check], profile), profile.weight(check))
        most = sum(points[check][1] for check in counted)
        known += most
        applicable += sum(profile.weight(check) for check in group if _applies(found.get(check)))
        if most:
            shares.append(sum(points[check][0] for check in counted) / most)
    share = known / applicable if applicable else 0.0
    # Without the tolerance four fifths of a hundred would depend on how they are added.
    if not shares or share < profile.known - 1e-9:
        return Score(profile.name, None, share, points=points)
    value = 100 * sum(shares) / len(shares)
    capped = tuple(check for check in profile.caps if check in found and found[check].status == "fail")
    least = min([value, *(float(profile.caps[check]) for check in capped)])
    return Score(profile.name, least, share, value, capped if least < value else (), points)


def _applies(outcome: Outcome | None) -> bool:
    """Whether points of a check count at all: what was never measured does, as not known."""
    return outcome is None or outcome.status != "n/a"


def _given(outcome: Outcome, profile: Profile) -> float:
    weight = profile.weight(outcome.check)
    for checks in profile.categories.values():
        if outcome.check in checks:
            gives = checks[outcome.check]
            return weight * gives.get(outcome.status, 0) / gives["pass"]
    return weight * outcome.rate


def _state(site: Site, found: Mapping[str, Outcome], profile: Profile, service: str) -> str:
    for state in profile.services[service]:
        if state.absent:
            if site.absent:
                return state.state
        elif all(check in found and found[check].status in wanted for check, wanted in state.when.items()):
            return state.state
    return "unknown"
