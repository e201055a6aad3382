"""Postures as JSON documents: the same form from the API and from `--json`; and every lost point as a sentence."""

from collections.abc import Sequence
from typing import Any, Final

from api.messages import Language, say
from correlation.posture.model import ALL, CITY, NOWHERE, POINT, Item, Posture, Scope, Standing, Step
from correlation.posture.policy import Policy
from correlation.posture.snapshots import Checked, Past
from sensors.event.times import iso

_SHARES: Final = frozenset({"age", "unplaced", "missing", "share", "coverage"})
"""Steps that are shares; the others are points, but for states, which are shares too."""
_SHOWN: Final = 3
"""Parts that a sentence names; the document names all."""


def posture_document(posture: Posture, policy: Policy, language: Language) -> dict[str, Any]:
    """What holds for a whole posture: its moment, what it was computed by; where to begin if nothing is declared."""
    return {
        "moment": iso(posture.moment),
        "policy": {
            "version": posture.version,
            "digest": posture.policy,
            "source": policy.source,
            "verified": posture.verified,
            "text": say("posture.verified" if posture.verified else "posture.unverified", language),
        },
        "hint": None if posture.city.declared else say("posture.undeclared", language),
    }


def standing_document(standing: Standing, language: Language) -> dict[str, Any]:
    """How a scope stands, without its items."""
    lost = lost_by(standing)
    return {
        **scope_document(standing.scope),
        "name_text": name_text(standing.scope, language),
        "score": standing.score / POINT,
        "grade": standing.grade,
        "grade_text": say(f"posture.grade.{standing.grade}", language),
        "coverage": standing.coverage / ALL,
        "confidence": standing.confidence,
        "declared": standing.declared,
        "seen": standing.seen,
        "lost": {"happened": lost[0] / POINT, "unseen": lost[1] / POINT},
        "items": len(standing.items),
    }


def name_text(scope: Scope, language: Language) -> str:
    """What a scope is called, that of what belongs to none included."""
    if scope == CITY:
        return say("posture.city", language)
    if scope.name == NOWHERE and scope.kind in {"district", "sector"}:
        return say(f"posture.nowhere.{scope.kind}", language)
    return scope.name


def scope_document(scope: Scope) -> dict[str, Any]:
    """What a score is of."""
    return {"kind": scope.kind, "name": scope.name}


def item_document(item: Item, standing: Standing, language: Language) -> dict[str, Any]:
    """Lost points of a scope with what took them, and how they were computed."""
    return {
        "kind": item.kind,
        "code": item.code,
        "subject": item.subject,
        "points": item.points / POINT,
        "text": item_text(item, standing, language),
        "computed": computed_text(item, language),
        "steps": [
            {"code": step.code, "number": step.number / (ALL if _is_share(step) else POINT), "share": _is_share(step)}
            for step in item.steps
        ],
        "passed": [
            {"part": one.scope, "points": one.points / POINT, "factor": [one.numerator, one.denominator]}
            for one in item.passed
        ],
        "parameters": {name: (_moment(value) if name == "last" else value) for name, value in item.said},
    }


def past_document(past: Past) -> dict[str, Any]:
    """How a scope stood."""
    return {
        "moment": iso(past.moment),
        "score": past.score / POINT,
        "grade": past.grade,
        "coverage": past.coverage / ALL,
        "confidence": past.confidence,
        "policy": past.policy,
    }


def checked_document(checked: Checked) -> dict[str, Any]:
    """Whether a snapshot is what its facts give."""
    return {"moment": iso(checked.moment), "same": not checked.part, "differs": checked.part or None}


def lost_by(standing: Standing) -> tuple[int, int]:
    """Points that were lost by what happened, and by what could not be seen, bounds taken off."""
    unseen = sum(item.points for item in standing.items if not _happened(item))
    return sum(item.points for item in standing.items) - unseen, unseen


def item_text(item: Item, standing: Standing, language: Language) -> str:
    """What took points of a scope, as a sentence."""
    words = {name: _moment(value) if name == "last" else value for name, value in item.said}
    for name in ("severity", "state"):
        if name in words:
            words[name] = say(f"{name}.{words[name]}", language)
    if language == "zh" and words.get("name_zh"):
        words["name"] = words["name_zh"]
    code = item.code
    if code == "unseen":
        words["missing"] = int(words["declared"]) - int(words["seen"])
        code = "unseen" if words["assets"] else "unseen-itself"
    elif code == "rule-gone" and words["sight"] == "fields":
        code = "rule-fields"
    elif code == "floor-none" and not standing.declared:
        # Not seen is what somebody could look for; of what nobody declared there is nothing to look for.
        code = "undeclared"
    return say(f"posture.item.{code}", language, subject=item.subject, **words)


def computed_text(item: Item, language: Language) -> str:
    """How points were computed, such as `30 x 85 % x 75 %` or by what parts passed on."""
    if item.passed:
        terms = [
            f"{one.scope} {points_text(one.points)} × {100 * one.numerator / one.denominator:.3g} %"
            for one in item.passed[:_SHOWN]
        ]
        more = len(item.passed) - len(terms)
        return " + ".join((*terms, say("posture.more", language, number=more)) if more else terms)
    numbers = [_number(step) for step in item.steps]
    if item.kind in {"cap", "floor"}:
        return say(f"posture.computed.{item.kind}", language, first=numbers[0], second=numbers[1])
    return " × ".join(numbers)


def points_text(points: int) -> str:
    """Points with two digits behind the point."""
    return f"{points / POINT:,.2f}"


def share_text(share: int) -> str:
    """A share as a percentage."""
    return f"{100 * share / ALL:.1f} %"


def largest(items: Sequence[Item]) -> Item | None:
    """The item that took most; None where nothing was lost."""
    return max(items, key=lambda item: item.points, default=None)


def _happened(item: Item) -> bool:
    return item.kind == "incident" or item.code in _CAPS_OF_INCIDENTS


_CAPS_OF_INCIDENTS: Final = frozenset({"cap-low", "cap-medium", "cap-high", "cap-critical", "cap-all"})


def _moment(value: str | int) -> str:
    """A time in seconds; what never came has none."""
    return f"{iso(int(value))[:19]}Z" if value else "-"


def _is_share(step: Step) -> bool:
    return step.code in _SHARES or step.code.startswith("state-")


def _number(step: Step) -> str:
    return share_text(step.number) if _is_share(step) else points_text(step.number)
