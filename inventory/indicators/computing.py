"""The indicators of a plan as of a day: computed where the registers know, from the last report otherwise."""

from collections.abc import Iterable

from inventory.indicators.judging import standing
from inventory.indicators.model import Answer, Indicator, Measured, Plan, Scope
from inventory.indicators.ports import Columns
from inventory.indicators.view import NOW, Kind, View


class Indicators:
    """The indicators of one plan, for any day."""

    def __init__(self, known: Columns, plan: Plan) -> None:
        """The registers, and the plan."""
        self._known = known
        self.plan = plan

    def view(self, day: str, recorded: int = NOW) -> View:
        """What is so on a day, as it was known at a moment."""
        return View(self._known, self.plan, day, recorded)

    def measure(
        self, day: str, recorded: int = NOW, *, wanted: Iterable[Indicator] | None = None, kind: Kind = "city"
    ) -> list[Measured]:
        """These indicators (all, if none are named) as of a day, for the city or for each district or unit."""
        chosen = self.plan.indicators if wanted is None else tuple(wanted)
        views = {day: self.view(day, recorded)}
        found = []
        for indicator in chosen:
            parts = list(views[day].parts(indicator, kind))
            target = indicator.target
            before: dict[Scope, Answer | None] = {}
            if target.day < day:
                then = views.setdefault(target.day, self.view(target.day, recorded))
                before = {one.scope: one.answer for one in then.parts(indicator, kind)}
            found += [one.measured(day, standing(target, day, before.get(one.scope))) for one in parts]
        return found
