"""Reading plans, which are data: the product's own, and files of a site, such as the plan that follows it.

Everything is checked before a number is computed by it: a plan with a wrong key computes nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from importlib.resources import files
from math import isfinite
from pathlib import Path
from typing import Any, Final, get_args

import orjson
import yaml
from pydantic import TypeAdapter, ValidationError

from inventory.days import read_day
from inventory.indicators.errors import PlanUnusable
from inventory.indicators.formulas import FORMULAS
from inventory.indicators.model import Baseline, Indicator, Plan, Target
from inventory.model import Words
from sensors.errors import Place

OWN: Final = ("wuhan-14-5.yml",)
"""The product's own plans, the oldest first."""
LARGEST: Final = 1_000_000
"""Bytes of a file: the plan of a city has 32 indicators in 10 KB."""
_MOST: Final = 500
_LONGEST: Final = 2_000
_PARTS: Final = (Words, Target, Baseline, Indicator, Plan)
_LOADED: Final = {Plan: {"text"}, Indicator: set[str](), Words: set[str](), Target: set[str](), Baseline: set[str]()}
"""Fields that a file does not say."""


def own_plans() -> Iterator[Plan]:
    """The plans that come with the product."""
    for name in OWN:
        yield read_plan((files("inventory.indicators.plans") / name).read_bytes(), name)


def load_plans(paths: Iterable[Path] = ()) -> tuple[Plan, ...]:
    """The product's own plans and those of a site's files, by the day on which they begin.

    Raises:
        PlanUnusable: a file is no plan, or does not fit the others.
    """
    found = {plan.id: plan for plan in own_plans()}
    for path in paths:
        plan = read_plan(_bytes(path), str(path))
        if plan.id in found:
            raise PlanUnusable(place=Place(str(path), field="id"), reason="plan-id-taken")
        if plan.follows and plan.follows not in found:
            raise PlanUnusable(place=Place(str(path), field="follows"), reason="plan-follows-nothing")
        _check_numbers(plan, found, str(path))
        found[plan.id] = plan
    return tuple(sorted(found.values(), key=lambda one: one.begins))


def plan_for(plans: Iterable[Plan], day: str) -> Plan:
    """The plan that a day belongs to; the last one before it where none does, else the first."""
    ordered = sorted(plans, key=lambda one: one.begins)
    begun = [one for one in ordered if one.begins <= day]
    within = [one for one in begun if day <= one.ends]
    return (within or begun or ordered[:1])[-1]


def read_plan(content: bytes, name: str) -> Plan:
    """A plan from the YAML of a file called `name`.

    Raises:
        PlanUnusable: it is none; the place says where.
    """
    if len(content) > LARGEST:
        raise PlanUnusable(place=Place(name), reason="plan-too-large")
    try:
        said = yaml.load(content.decode(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both loaders are the safe ones
        text = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise PlanUnusable(place=Place(name, line), reason=error.problem or "plan-no-yaml") from error
    except (UnicodeDecodeError, yaml.YAMLError, TypeError, ValueError, RecursionError) as error:
        raise PlanUnusable(place=Place(name), reason="plan-no-yaml") from error
    if not isinstance(said, dict):
        raise PlanUnusable(place=Place(name), reason="plan-no-yaml")
    for path in _unknown_keys(Plan, said, ""):
        raise PlanUnusable(place=Place(name, field=path), reason="plan-key-unknown")
    try:
        plan = TypeAdapter(Plan).validate_python(said)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise PlanUnusable(place=Place(name, field=where), reason=first["msg"]) from error
    made = tuple(replace(one, entered_as=one.entered_as or one.continues or one.number) for one in plan.indicators)
    plan = replace(plan, indicators=made, text=text)
    for path, reason in _contradictions(plan):
        raise PlanUnusable(place=Place(name, field=path), reason=reason)
    return plan


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as opened:
            return opened.read(LARGEST + 1)
    except OSError as error:
        raise PlanUnusable(place=Place(str(path)), reason=error.strerror or str(error)) from error


def _unknown_keys(kind: Any, said: Any, above: str) -> Iterator[str]:
    """The paths of keys that mean nothing."""
    if isinstance(said, list | tuple):
        inner = next((one for one in get_args(kind) if is_dataclass(one)), None)
        for number, one in enumerate(said[:_MOST]):
            yield from _unknown_keys(inner, one, f"{above}.{number}")
        return
    part = next((one for one in (kind, *get_args(kind)) if one in _PARTS), None)
    if part is None or not isinstance(said, dict):
        return
    known = {one.name: one.type for one in fields(part)}
    for key, value in said.items():
        path = f"{above}.{key}".lstrip(".")
        if key not in known or key in _LOADED[part]:
            yield path
        else:
            yield from _unknown_keys(known[key], value, path)


def _contradictions(plan: Plan) -> Iterator[tuple[str, str]]:
    """What types cannot say, with its path and the code of the reason."""
    for key in ("begins", "ends"):
        if not _is_day(getattr(plan, key)):
            yield key, "plan-day"
    if plan.begins > plan.ends:
        yield "ends", "plan-ends-first"
    if not 0 < plan.stale_after <= 10_000:
        yield "stale_after", "plan-number"
    if not 0 < len(plan.indicators) <= _MOST:
        yield "indicators", "plan-indicators"
    for place, one in enumerate(plan.indicators):
        yield from _target_contradictions(one, f"indicators.{place}")
        if one.continues is not None and not plan.follows:
            yield f"indicators.{place}.continues", "plan-follows-nothing"
        if one.formula and one.formula not in FORMULAS:
            yield f"indicators.{place}.formula", "plan-formula"
    yield from _number_contradictions(plan)


def _number_contradictions(plan: Plan) -> Iterator[tuple[str, str]]:
    seen, registered = set[int](), set[int]()
    for place, one in enumerate(plan.indicators):
        path = f"indicators.{place}"
        if one.number < 1 or one.number in seen:
            yield f"{path}.number", "plan-number-twice"
        if one.entered_as < 1 or one.entered_as in registered:
            yield f"{path}.entered_as", "plan-number-twice"
        seen.add(one.number)
        registered.add(one.entered_as)


def _target_contradictions(one: Indicator, path: str) -> Iterator[tuple[str, str]]:
    steps = [*one.milestones, one.target]
    if any(not _is_day(step.day) for step in steps) or [step.day for step in steps] != sorted(
        {step.day for step in steps}
    ):
        yield f"{path}.milestones" if one.milestones else f"{path}.target.day", "plan-day"
    if not all(isfinite(step.value) for step in steps) or (
        one.is_share and not all(0 <= step.value <= 100 for step in steps)
    ):
        yield f"{path}.target.value", "plan-number"
    if one.baseline is not None and not (isfinite(one.baseline.value) and _is_day(one.baseline.day)):
        yield f"{path}.baseline", "plan-number"
    words = [one.title, one.area, one.unit, *([one.note] if one.note else ())]
    if any(len(text) > _LONGEST for each in words for text in (each.zh, each.en)):
        yield path, "plan-text-long"


def _check_numbers(plan: Plan, others: Mapping[str, Plan], name: str) -> None:
    """Two plans in one set of registers must not mean different things by one number."""
    before = others[plan.follows] if plan.follows else None
    for place, one in enumerate(plan.indicators):
        path = f"indicators.{place}"
        former = {old.number: old for old in before.indicators} if before else {}
        if one.continues is not None:
            if one.continues not in former or one.entered_as != former[one.continues].entered_as:
                raise PlanUnusable(place=Place(name, field=f"{path}.continues"), reason="plan-continues-nothing")
        elif any(one.entered_as == old.entered_as for other in others.values() for old in other.indicators):
            raise PlanUnusable(place=Place(name, field=f"{path}.entered_as"), reason="plan-number-taken")


def _is_day(text: str) -> bool:
    return read_day(text) == text
