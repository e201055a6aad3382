"""How a whole follows from its parts: a share of what its worst part lost, the rest by the weighted mean of all.

So a bad part always shows, however many good ones there are, and a whole is never better than its best part or worse
than its worst. Points are handed out to the whole point by point: every item of a part is an item of the whole with the
points that it cost there, and what rounding leaves goes to those that it was taken from most.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from correlation.posture.model import Item, Passed

_Key: TypeAlias = tuple[str, str, str]


class Part(NamedTuple):
    """A part with how often it counts in the mean, and its items of one kind."""

    scope: str
    weight: int
    items: tuple[Item, ...]


def blended(parts: Sequence[Part], worst: int) -> tuple[Item, ...]:
    """The items of the whole; `worst` percent of it follow the worst part alone."""
    if not parts:
        return ()
    sums = [sum(item.points for item in part.items) for part in parts]
    # Of equally bad ones the first by name: what is shown does not depend on the order of the parts.
    place = min(range(len(parts)), key=lambda one: (-sums[one], parts[one].scope))
    weights = sum(part.weight for part in parts)
    denominator = 100 * weights
    numerators: dict[_Key, int] = {}
    passed: dict[_Key, list[Passed]] = {}
    first: dict[_Key, Item] = {}
    for number, part in enumerate(parts):
        factor = (worst * weights if number == place else 0) + (100 - worst) * part.weight
        for item in part.items:
            key = item.key
            first.setdefault(key, item)
            numerators[key] = numerators.get(key, 0) + item.points * factor
            passed.setdefault(key, []).append(Passed(part.scope, item.points, factor, denominator))
    points = _shared(numerators, denominator)
    return tuple(
        Item(item.kind, item.code, item.subject, points[key], passed=tuple(sorted(passed[key])), said=item.said)
        for key, item in sorted(first.items())
    )


def _shared(numerators: Mapping[_Key, int], denominator: int) -> dict[_Key, int]:
    """Whole numbers that sum to the whole part of the sum, each within one of its own share."""
    found = {key: number // denominator for key, number in numerators.items()}
    left = sum(numerators.values()) // denominator - sum(found.values())
    by_rest = sorted(numerators, key=lambda key: (-(numerators[key] % denominator), key))
    for key in by_rest[:left]:
        found[key] += 1
    return found
