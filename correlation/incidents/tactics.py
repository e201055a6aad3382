"""ATT&CK's tactics in the order of an attack: what is later than what."""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import yaml


class Tactic(NamedTuple):
    """A tactic by the name that rules use, with its id (its name where none is known) and its place in an attack."""

    name: str
    id: str
    stage: int


@cache
def tactics() -> dict[str, Tactic]:
    """All tactics by name."""
    said = yaml.safe_load((files(__package__) / "tactics.yml").read_text(encoding="utf-8"))
    return {one["name"]: Tactic(one["name"], one.get("id", one["name"]), one["stage"]) for one in said["tactics"]}


@cache
def names_by_id() -> dict[str, str]:
    """The names of all tactics by their ids."""
    return {one.id: one.name for one in tactics().values()}


def tactics_of(attack: Iterable[str]) -> tuple[Tactic, ...]:
    """The tactics among a rule's ATT&CK tags, earliest first; techniques and unknown names are left out."""
    known = tactics()
    found = {known[name] for tag in attack if (name := tag.lower().removeprefix("attack.")) in known}
    return tuple(sorted(found, key=lambda one: (one.stage, one.id)))
