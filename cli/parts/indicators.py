"""Indicators in a run: plans, the registers as a plan looks at them, and weights."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from cli.parts.inventory import WithInventory
from inventory.days import day_of, end_of
from inventory.indicators.computing import Indicators
from inventory.indicators.errors import PlanUnknown
from inventory.indicators.loading import load_plans, plan_for
from inventory.indicators.model import Plan
from inventory.indicators.naming import Names
from inventory.indicators.weights import Weights, load_weights
from inventory.model import Moment


class WithIndicators(WithInventory):
    """A run that tells what indicators are."""

    more_plans: Sequence[Path] = ()
    """Files of plans beside those of the settings."""

    @cached_property
    def plans(self) -> tuple[Plan, ...]:
        """All plans, by the day on which they begin."""
        return load_plans((*self.settings.indicators.plans, *self.more_plans))

    @cached_property
    def weights_of_evaluation(self) -> Weights:
        """The weights of the yearly evaluation."""
        return load_weights(self.settings.indicators.weights)

    def today(self) -> str:
        """The day in the city."""
        return day_of(self.clock())

    def indicators(self, day: str, plan: str | None = None) -> Indicators:
        """The indicators of a plan, by its id, or of the one that a day belongs to.

        Raises:
            PlanUnknown: there is no plan of this id.
        """
        if plan is None:
            return Indicators(self.inventory, plan_for(self.plans, day))
        for one in self.plans:
            if one.id == plan:
                return Indicators(self.inventory, one)
        raise PlanUnknown(id=plan, known=[one.id for one in self.plans])

    def names(self, day: str, recorded: int) -> Names:
        """What districts and units are called on a day."""
        return Names(self.inventory, Moment(end_of(day) - 1, recorded))
