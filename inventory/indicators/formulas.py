"""The formulas that compute indicators from registers: which register, which fields, and what judges a record.

What they mean in words, in both languages and with the article, stands in `formulas.yml` beside them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

import yaml

from inventory.indicators.judges import JUDGES, Judged
from inventory.model import Words

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Formula:
    """How an indicator is computed.

    Attributes:
        register: whose records are counted.
        fields: what the judge is given, in this order.
        amount: the field whose values are added up; empty where records are counted and divided.
        unit, district: fields that say to whom a record belongs and where it is; where the district is not said, it is
            the unit's.
    """

    code: str
    register: str
    fields: tuple[str, ...]
    amount: str = ""
    unit: str = "unit"
    district: str = ""

    @property
    def judge(self) -> Callable[..., Judged]:
        """What a record is, by its fields."""
        return JUDGES[self.code]


@dataclass(frozen=True, slots=True)
class Meaning:
    """A formula in words; `verified` says whether whoever answers for the indicator has confirmed them."""

    definition: Words
    numerator: Words
    denominator: Words
    article: str
    verified: bool


FORMULAS: Final[Mapping[str, Formula]] = MappingProxyType({
    one.code: one
    for one in (
        # In the order of the plan's first indicators that they compute.
        Formula("computing_power", "data_centres", ("computing_power",), "computing_power", district="district"),
        Formula("ipv6_sites", "sites", ("state", "kind", "level", "ipv6_supported")),
        Formula("cloud_systems", "systems", ("state", "classified", "hosting", "migration")),
        Formula("shared_resources", "data_catalogue", ("sharing", "shared")),
        Formula("opened_resources", "data_catalogue", ("opening", "opened")),
    )
})  # fmt: skip


@cache
def meanings() -> Mapping[str, Meaning]:
    """What formulas mean, by their codes."""
    said = yaml.load((files(__package__) / "formulas.yml").read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - both loaders are the safe ones
    return {code: _meaning(one) for code, one in said.items()}


def _meaning(said: dict[str, Any]) -> Meaning:
    words = {key: Words(**said[key]) for key in ("definition", "numerator", "denominator")}
    return Meaning(**words, article=said["article"], verified=said["verified"])
