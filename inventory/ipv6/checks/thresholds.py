"""Where checks draw their lines, as data (thresholds.yml)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The contents of thresholds.yml, where every number has its comment."""

    steady: Mapping[str, float]
    distance: float
    slower: Mapping[str, float]
    floors_ms: Mapping[str, float]


@cache
def thresholds() -> Thresholds:
    """The lines that come with the product."""
    told: dict[str, Any] = yaml.safe_load((files(__package__) / "thresholds.yml").read_text(encoding="utf-8"))
    return Thresholds(**told)
