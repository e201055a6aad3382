"""What is known of one indicator for the city, a district or a unit, and the numbers that it gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import isinf

from inventory.indicators.counting import tally
from inventory.indicators.formulas import Formula
from inventory.indicators.judging import bounds, exact, met
from inventory.indicators.model import Answer, Counted, Entered, Indicator, Measured, Ruled, Scope, Standing, Tally


@dataclass(frozen=True)
class Part:
    """What is known of one indicator for one scope: its records where a formula computes it, and the last report."""

    indicator: Indicator
    scope: Scope
    formula: Formula | None
    records: Sequence[Counted]
    ruled: Sequence[Ruled]
    entered: Entered | None

    @cached_property
    def tally(self) -> Tally | None:
        """How many records are what; None where no formula computes the indicator."""
        return None if self.formula is None else tally(self.records)

    @property
    def answer(self) -> Answer | None:
        """Whether the target is reached; None where there is no data."""
        found = self._bounds
        return None if found is None else met(self.indicator.target, *found)

    def measured(self, day: str, stands: Standing) -> Measured:
        """All of it, as of a day."""
        found, computed = self._bounds, self._is_computed
        value = at_most = None
        if found is not None:
            value, at_most = float(found[0]), None if isinf(found[1]) else float(found[1])
        return Measured(
            self.indicator, self.scope, day,
            source="none" if found is None else "computed" if computed else "reported",
            value=value, at_most=at_most, numerator=self._numerator, denominator=self._denominator,
            met=self.answer or "unknown", standing=stands, tally=self.tally, entered=self.entered,
            records=self.records, exclusions=self.ruled,
        )  # fmt: skip

    @property
    def _summed(self) -> bool:
        return self.formula is not None and bool(self.formula.amount)

    @property
    def _is_computed(self) -> bool:
        """Whether the registers know: something is in the rate, and of some of it they say what it is."""
        known = self.tally
        if known is None or not known.denominator:
            return False
        return self.entered is None or known.yes > 0 or (known.no > 0 and not self._summed)

    @property
    def _bounds(self) -> tuple[Fraction, Fraction | float] | None:
        if self._is_computed and self.tally is not None:
            return bounds(self.tally, summed=self._summed)
        if self.entered is None:
            return None
        value = exact(self.entered.report.value)
        return value, value

    @property
    def _numerator(self) -> float | None:
        if self._is_computed and self.tally is not None:
            return self.tally.amount if self._summed else self.tally.yes
        return self.entered.report.numerator if self.entered else None

    @property
    def _denominator(self) -> float | None:
        if self._is_computed and self.tally is not None:
            return None if self._summed else self.tally.denominator
        return self.entered.report.denominator if self.entered else None
