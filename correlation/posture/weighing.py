"""What incidents and gaps cost one unit, tenant or part of a sector: two lists of items, each with what bounds it.

Risk is what happened, blindness what could not be seen. They are kept apart up to the last sum, so that a part that
nobody sees never hides one that is under attack.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from correlation.posture.model import ALL, GAP_KINDS, WHOLE, Cell, Gap, Item, OpenIncident, Step
from correlation.posture.policy import SEVERITIES, Policy

_SHOWN: Final = 5
"""Names that an item tells."""


@dataclass(frozen=True, slots=True)
class Losses:
    """What a scope lost, by what took it, and how much of it is seen (`coverage` in 1/10,000)."""

    risk: tuple[Item, ...]
    blind: tuple[Item, ...]
    declared: int
    seen: int
    coverage: int


def decay(age: int, half_life: int) -> int:
    """What is left of one after some time, in 1/10,000: half after each half-life, straight between these.

    Both are ns. Straight pieces instead of a power, so that whole numbers suffice.
    """
    halvings, rest = divmod(max(0, age), half_life)
    return ALL * (2 * half_life - rest) // ((2 * half_life) << min(halvings, 64))


def cost(incident: OpenIncident, policy: Policy, moment: int, share: int = 100) -> tuple[int, tuple[Step, ...]]:
    """Points that an open incident takes, and the factors; `share` is a percentage where no unit is known."""
    state = incident.state
    if incident.assigned and policy.state["assigned"] < policy.state[state]:
        state = "assigned"
    age = decay(moment - incident.last, policy.half_life[incident.severity])
    age = max(age, policy.least_age * 100)
    weight, dealt = policy.severity[incident.severity], policy.state[state] * 100
    steps = [Step(f"severity-{incident.severity}", weight), Step(f"state-{state}", dealt), Step("age", age)]
    points = weight * dealt * age // (ALL * ALL)
    if share != 100:
        steps.append(Step("unplaced", share * 100))
        points = points * share // 100
    return points, tuple(steps)


def risk(incidents: Iterable[OpenIncident], policy: Policy, moment: int, share: int = 100) -> tuple[Item, ...]:
    """What open incidents take: one item each, and one for each bound that gives some of it back."""
    items = []
    sums = dict.fromkeys(SEVERITIES, 0)
    for one in sorted(incidents, key=lambda incident: incident.id):
        points, steps = cost(one, policy, moment, share)
        said = (("severity", one.severity), ("state", one.state), ("last", one.last), ("where", _where(one)))
        items.append(Item("incident", "incident", one.id, points, steps, said=said))
        sums[one.severity] += points
    total = 0
    for severity in SEVERITIES:
        # Bounds hold for a severity and all below it: one that turns out to be graver never costs less.
        total += sums[severity]
        most = policy.most[severity] * share // 100
        if total > most:
            items.append(_cap(f"cap-{severity}", most, total))
            total = most
    return tuple(items)


def _where(incident: OpenIncident) -> str:
    """What an incident touches: its assets, or where none is known its units, or their districts."""
    for field in ("asset", "unit", "district", "space"):
        named = sorted({name for touch in incident.touches if (name := getattr(touch, field))})
        if named:
            more = len(named) - _SHOWN
            return ", ".join(named[:_SHOWN]) + (f" (+{more})" if more > 0 else "")
    return "-"


def blindness(gaps: Iterable[Gap], policy: Policy) -> tuple[Item, ...]:
    """What gaps in our view take, bounded for each kind."""
    items = []
    by_kind: dict[str, list[Gap]] = {}
    for gap in gaps:
        by_kind.setdefault(gap.kind, []).append(gap)
    for kind in GAP_KINDS:
        weight = policy.gaps[kind]
        total = 0
        for gap in sorted(by_kind.get(kind, ()), key=lambda gap: gap.subject):
            points = weight.points * gap.share // ALL
            steps = (Step("gap", weight.points), Step("missing", gap.share))
            items.append(Item("gap", kind, gap.subject, points, steps, said=gap.said))
            total += points
        if total > weight.most:
            items.append(_cap(f"cap-{kind}", weight.most, total))
    return tuple(items)


def view(gaps: Iterable[Gap], policy: Policy) -> int:
    """What gaps leave of a view, in 1/10,000."""
    return max(0, ALL - sum(policy.gaps[gap.kind].view * 100 * gap.share // ALL for gap in gaps))


def leaf(  # noqa: PLR0913, PLR0917 - what a score is made of
    name: str,
    cells: Sequence[Cell],
    incidents: Iterable[OpenIncident],
    gaps: Sequence[Gap],
    policy: Policy,
    moment: int,
    *,
    itself: bool | None = None,
) -> Losses:
    """What a scope without parts lost; `itself`: whether it was seen as a whole, None where it is no whole."""
    declared = sum(cell.declared for cell in cells) + (itself is not None)
    seen = sum(cell.seen for cell in cells) + bool(itself)
    coverage = seen * view(gaps, policy) // declared if declared else 0
    items = list(blindness(gaps, policy))
    if declared > seen:
        missing = sorted(asset for cell in cells for asset in cell.unseen)[:_SHOWN]
        steps = (Step("unseen", policy.unseen), Step("share", ALL * (declared - seen) // declared))
        said = (("declared", declared), ("seen", seen), ("assets", ", ".join(missing)))
        points = policy.unseen * (declared - seen) // declared
        items.append(Item("unseen", "unseen", name, points, steps, said=said))
    return Losses(
        bounded(risk(incidents, policy, moment), WHOLE, "cap-all", name),
        floored(tuple(items), coverage, policy, name),
        declared,
        seen,
        coverage,
    )


def bounded(items: tuple[Item, ...], most: int, code: str, name: str) -> tuple[Item, ...]:
    """Items, and one that gives back what is more than `most`."""
    total = sum(item.points for item in items)
    return items if total <= most else (*items, _cap(code, most, total, name))


def floored(items: tuple[Item, ...], coverage: int, policy: Policy, name: str) -> tuple[Item, ...]:
    """Items of blindness within their bound, and one for what so little coverage costs at least."""
    items = bounded(items, policy.most_gaps, "cap-gaps", name)
    confidence = policy.confidence_of(coverage)
    missing = confidence.least - sum(item.points for item in items)
    if missing <= 0:
        return items
    steps = (Step("least", confidence.least), Step("coverage", coverage))
    return (*items, Item("floor", f"floor-{confidence.name}", name, missing, steps))


def _cap(code: str, most: int, total: int, name: str = "") -> Item:
    return Item("cap", code, name, most - total, (Step("most", most), Step("sum", total)))
