"""Values for placeholders, from YAML: a mapping of names, without their percent signs, to values or lists of them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from correlation.errors import PlaceholderDuplicate, PlaceholdersInvalid, RuleProblem
from correlation.rules.positions import line_of
from correlation.rules.site_files import mapping_of
from sensors.errors import Place


def load_placeholders(files: Iterable[Path]) -> tuple[dict[str, tuple[str, ...]], list[RuleProblem]]:
    """The values by name, at least one for each, and what is wrong with the others."""
    found: dict[str, tuple[str, ...]] = {}
    places: dict[str, Place] = {}
    problems: list[RuleProblem] = []
    for file in files:
        try:
            node, document = mapping_of(file, PlaceholdersInvalid)
        except RuleProblem as problem:
            problems.append(problem)
            continue
        for name, said in document.items():
            place = Place(str(file), line_of(node, (str(name),)), field=str(name))
            try:
                values = _values(name, said)
            except ValueError as error:
                problems.append(PlaceholdersInvalid(place=place, reason=str(error)))
                continue
            if name in found:
                problems.append(PlaceholderDuplicate(place=place, name=name, first=str(places[name])))
                continue
            found[name], places[name] = values, place
    return found, problems


def _values(name: Any, said: Any) -> tuple[str, ...]:
    if not isinstance(name, str) or not name or "%" in name:
        raise ValueError("a placeholder has a name, written here without its percent signs")
    values = said if isinstance(said, list) else [said]
    if not values:
        raise ValueError("a list without values would match everything or nothing: leave it out, or give one")
    for value in values:
        if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
            raise ValueError(f"a value is a text or a number, not {yaml.safe_dump(value).split(chr(10))[0]}")
    return tuple(str(value) for value in values)
