"""The weights of the yearly evaluation, which are data: the product's proposal, or a file of a site instead."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import orjson
import yaml
from pydantic import TypeAdapter, ValidationError

from inventory.indicators.errors import WeightsUnusable
from inventory.indicators.model import Indicator
from sensors.errors import Place

DOUBTS: Final = ("no-evidence", "no-digest", "odd-digest", "parts-differ", "no-share", "said-twice")
"""What can be said against a report; each has its price."""
_OWN: Final = "evaluation.yml"
_LARGEST: Final = 100_000
_HEAVIEST: Final = 1_000


@dataclass(frozen=True, slots=True)
class Weights:
    """What indicators weigh and what lowers their points, in percent; `digest` is of everything that was said."""

    version: int
    source: str
    verified: bool
    weights: Mapping[str, int]
    just_missed: int
    missed_binding: int
    stale: int
    doubts: Mapping[str, int]
    single: Mapping[int, int]
    digest: str = ""

    def weight(self, indicator: Indicator) -> int:
        """What an indicator weighs."""
        return self.single.get(indicator.number, self.weights[indicator.kind])


def load_weights(path: Path | None = None) -> Weights:
    """The weights of a file, or the product's own.

    Raises:
        WeightsUnusable: the file cannot be used; the place says where.
    """
    name = _OWN if path is None else str(path)
    try:
        content = (files(__package__) / _OWN).read_bytes() if path is None else _bytes(path)
        said = yaml.load(content.decode(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both loaders are the safe ones
        text = orjson.dumps(said, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    except OSError as error:
        raise WeightsUnusable(place=Place(name), reason=error.strerror or str(error)) from error
    except (UnicodeDecodeError, yaml.YAMLError, TypeError, ValueError, RecursionError) as error:
        raise WeightsUnusable(place=Place(name), reason="plan-no-yaml") from error
    known = {one.name for one in fields(Weights)} - {"digest"}
    if not isinstance(said, dict):
        raise WeightsUnusable(place=Place(name), reason="plan-no-yaml")
    for key in said:
        if key not in known:
            raise WeightsUnusable(place=Place(name, field=str(key)), reason="plan-key-unknown")
    return _checked(said | {"digest": sha256(text).hexdigest()}, name)


def _bytes(path: Path) -> bytes:
    with path.open("rb") as opened:
        content = opened.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ValueError("too large")
    return content


def _checked(said: dict[str, Any], name: str) -> Weights:
    try:
        made = TypeAdapter(Weights).validate_python(said)
    except ValidationError as error:
        first = error.errors()[0]
        raise WeightsUnusable(place=Place(name, field=".".join(map(str, first["loc"]))), reason=first["msg"]) from error
    percents = {"just_missed": made.just_missed, "missed_binding": made.missed_binding, "stale": made.stale}
    for key, value in (percents | {f"doubts.{key}": value for key, value in made.doubts.items()}).items():
        if not 0 <= value <= 100:
            raise WeightsUnusable(place=Place(name, field=key), reason="plan-number")
    if set(made.weights) != {"binding", "expected"} or set(made.doubts) != set(DOUBTS):
        raise WeightsUnusable(place=Place(name, field="weights, doubts"), reason="weights-incomplete")
    if not all(0 <= one <= _HEAVIEST for one in (*made.weights.values(), *made.single.values())):
        raise WeightsUnusable(place=Place(name, field="weights"), reason="plan-number")
    return made
