"""The rules of all audits, as data: one YAML file for each audit, read here.

Rules of law change. A file may hold several rules of one name, each from the day on which it holds; the audit of a day
takes the one that held on it.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

import yaml

from inventory.audits.conditions import Condition
from inventory.audits.model import Rule
from inventory.model import Words
from inventory.registers import registers

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

AUDITS: Final = (
    # What the law asks of systems, from the grade that everything else depends on to the few that are critical.
    "mlps", "crypto", "cii", "data",
    # What the plan asks of the city.
    "cloud", "networks", "iot",
    # What an attacker finds, and last what the registers say against each other.
    "exposure", "contradictions",
)  # fmt: skip
"""The files beside this module."""


@cache
def rules() -> Mapping[str, Sequence[Rule]]:
    """All rules of each audit, in the order of their files."""
    return MappingProxyType({name: tuple(_read(name)) for name in AUDITS})


def in_force(audit: str, day: str) -> list[Rule]:
    """The rules of an audit that held on a day: of several of one name the one that began last."""
    held: dict[str, Rule] = {}
    for rule in rules()[audit]:
        if rule.valid_from <= day and (rule.check not in held or held[rule.check].valid_from < rule.valid_from):
            held[rule.check] = rule
    return list(held.values())


def _read(audit: str) -> Iterator[Rule]:
    said = yaml.load((files(__package__) / f"{audit}.yml").read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - both loaders are the safe ones
    for one in said["rules"]:
        rule = _rule(audit, {**said.get("usual", {}), **one})
        _try_paths(rule)
        yield rule


def _rule(audit: str, said: Mapping[str, Any]) -> Rule:
    parameters = dict(said.get("parameters", {}))
    return Rule(
        audit=audit,
        check=said["check"],
        title=Words(said["zh"], said["en"]),
        remedy=Words(**said["remedy"]),
        severity=said["severity"],
        origin=said["origin"],
        article=Words(**said["article"]),
        source=Words(**said["source"]),
        valid_from=str(said["valid_from"]),
        verified=said["verified"],
        parameters=MappingProxyType(parameters),
        register=said.get("register", ""),
        where=tuple(_condition(one, parameters) for one in said.get("where", ())),
        each=said.get("each", ""),
        there=tuple(_condition(one, parameters) for one in said.get("there", ())),
        same=tuple(said.get("same", ())),
        show=MappingProxyType(dict(said.get("show", {}))),
    )


def _condition(said: Mapping[str, Any], parameters: Mapping[str, Any]) -> Condition:
    ((test, argument),) = ((key, value) for key, value in said.items() if key != "field")
    return Condition(said["field"], test, _filled(argument, parameters))


def _filled(argument: Any, parameters: Mapping[str, Any]) -> Any:
    """An argument with the rule's parameters in it: `$days` stands for the one of that name."""
    if isinstance(argument, Mapping):
        return {key: _filled(value, parameters) for key, value in argument.items()}
    return parameters[argument[1:]] if isinstance(argument, str) and argument.startswith("$") else argument


def _try_paths(rule: Rule) -> None:
    """Follow every path of a rule once, so that a misspelled one is found when the file is read.

    Raises:
        ValueError: a path leads nowhere.
    """
    if not rule.register:
        return
    there = registers()[rule.register].by_key[rule.each].register if rule.each else ""
    own = (rule.register, [*rule.same, *rule.show.values(), *_paths(rule.where)])
    for register, paths in (own, (there, list(_paths(rule.there)))):
        for path in paths:
            at = register
            for step in path.split("."):
                if step != "id" and step not in registers()[at].by_key:
                    raise ValueError(f"{rule.id}: {at} has no field {step}")
                at = registers()[at].by_key[step].register if step != "id" else at


def _paths(conditions: Sequence[Condition]) -> Iterator[str]:
    for one in conditions:
        yield one.field
        if one.other:
            yield one.other
