"""What correlations refer to: every name is found, none refers to itself, and each comes behind what it looks at."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from correlation.errors import RuleProblem, RuleReferenceAmbiguous, RuleReferenceCircular, RuleReferenceUnknown
from correlation.rules.condition import Node, rename
from correlation.rules.model import Correlation, Described, Rule
from sensors.errors import Place


def resolve(
    rules: Iterable[Rule], correlations: Sequence[Correlation]
) -> tuple[list[Correlation], list[RuleProblem]]:
    """Put ids in the place of names, and order correlations so that each follows those that it looks at.

    Returns:
        The correlations whose rules are all there, their references as ids; and what is wrong with the others.
    """
    known: dict[str, list[Described]] = {}
    for one in (*rules, *correlations):
        for name in {one.id, one.name} - {""}:
            known.setdefault(name, []).append(one)
    problems: list[RuleProblem] = []
    waiting: list[Correlation] = []
    for correlation in correlations:
        found = _with_ids(correlation, known)
        if isinstance(found, RuleProblem):
            problems.append(found)
        else:
            waiting.append(found)
    usable = {rule.id for rule in rules}
    ordered: list[Correlation] = []
    while ready := [one for one in waiting if usable.issuperset(one.rules)]:
        ordered += ready
        usable |= {one.id for one in ready}
        waiting = [one for one in waiting if one.id not in usable]
    # What is left waits for itself, or for a correlation that is broken.
    problems += [RuleReferenceCircular(place=_place(one), id=one.id) for one in waiting]
    return ordered, problems


def silenced(correlations: Iterable[Correlation]) -> frozenset[str]:
    """Ids of what correlations look at, and speak for: these do not alert by themselves."""
    looking = list(correlations)
    told = {rule for one in looking if one.generate for rule in one.rules}
    return frozenset(rule for one in looking for rule in one.rules) - told


def _with_ids(correlation: Correlation, known: dict[str, list[Described]]) -> Correlation | RuleProblem:
    ids: dict[str, str] = {}
    for name in correlation.rules:
        found = known.get(name, [])
        if not found:
            return RuleReferenceUnknown(place=_place(correlation), name=name)
        if len(found) > 1:
            places = ", ".join(f"{one.path}:{one.line}" for one in found)
            return RuleReferenceAmbiguous(place=_place(correlation), name=name, found=places)
        ids[name] = found[0].id
    return replace(
        correlation,
        rules=tuple(ids[name] for name in correlation.rules),
        aliases={
            alias: {ids[name]: field for name, field in mapping.items()}
            for alias, mapping in correlation.aliases.items()
        },
        expression=None if correlation.expression is None else _renamed(correlation.expression, ids),
    )


def _renamed(expression: Node, ids: dict[str, str]) -> Node:
    return rename(expression, ids.__getitem__)


def _place(correlation: Correlation) -> Place:
    return Place(correlation.path, correlation.line, field="correlation.rules")
