"""How much of a site is looked at: the file measures.yml, of which callers may replace what they need."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Measures:
    """The contents of measures.yml, where every number has its comment."""

    tries: int
    spacing_seconds: float
    samples: int
    second_level: int
    third_level: int
    parts: int
    elsewhere: int
    servers: int
    mail: int
    giving_up: int
    ports: tuple[int, ...]
    controls: tuple[str, ...]


@cache
def usual_measures() -> Measures:
    """What holds where nobody says otherwise."""
    told: dict[str, Any] = yaml.safe_load((files(__package__) / "measures.yml").read_text(encoding="utf-8"))
    return Measures(**told | {"ports": tuple(told["ports"]), "controls": tuple(told["controls"])})
