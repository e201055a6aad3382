"""Sigma's filters applied to rules: what a site knows to be harmless, said once and apart from rules of others."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from correlation.errors import RuleProblem, RuleReferenceUnknown
from correlation.rules.condition import And
from correlation.rules.model import Filter, Rule
from sensors.errors import Place


def filtered(rules: Sequence[Rule], filters: Iterable[Filter]) -> tuple[list[Rule], list[RuleProblem]]:
    """The rules with the conditions of the filters that apply to them; a problem for each name that no rule has."""
    known = {name for rule in rules for name in (rule.id, rule.name)}
    found = list(rules)
    problems: list[RuleProblem] = []
    for one in filters:
        problems += [
            RuleReferenceUnknown(place=Place(one.path, one.line, field="filter.rules"), name=name)
            for name in one.rules
            if name not in known
        ]
        found = [
            replace(rule, condition=And((rule.condition, one.condition))) if one.serves(rule) else rule
            for rule in found
        ]
    return found, problems
