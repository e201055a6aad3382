"""The settings of indicators."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class IndicatorSettings:
    """Indicators: plans beside the product's own, and the weights of the evaluation.

    Attributes:
        plans: files of plans (docs/indicators.md), such as the one that follows; an earlier one may be followed by a
            later one.
        weights: a file of weights for the yearly evaluation instead of the product's own; None: the product's.
    """

    plans: tuple[Path, ...] = ()
    weights: Path | None = None
