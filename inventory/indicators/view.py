"""What the registers say of indicators at the end of one day, as it was known at one moment."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, Literal, TypeAlias

from inventory.days import end_of
from inventory.indicators.counting import by_scope, counted, districts_of_units, without
from inventory.indicators.formulas import FORMULAS
from inventory.indicators.model import CITY, Counted, Exclusion, Indicator, Plan, Report, Ruled, Scope
from inventory.indicators.part import Part
from inventory.indicators.ports import Columns
from inventory.indicators.reporting import Scopes, exclusions, last, reports
from inventory.model import OPEN, Moment

NOW: Final = OPEN - 1
"""As it is known now, whenever that is."""
Kind: TypeAlias = Literal["city", "district", "unit"]


class View:
    """What is so at the end of one day, as it was known at one moment: everything is read once, when it is needed."""

    def __init__(self, known: Columns, plan: Plan, day: str, recorded: int = NOW) -> None:
        """The registers as of a day of the city's calendar; `recorded` in ns since 1970."""
        self.day = day
        self.plan = plan
        self._known = known
        self._moment = Moment(end_of(day) - 1, recorded)
        self._counted: dict[str, list[Counted]] = {}

    @cached_property
    def exclusions(self) -> list[Exclusion]:
        """All exclusions that the register has."""
        return exclusions(self._known, self._moment)

    @cached_property
    def reports(self) -> Mapping[tuple[int, Scope], Sequence[Report]]:
        """What was reported, by the number in registers and what it is of."""
        return self._sorted_reports[0]

    @cached_property
    def strays(self) -> Sequence[Report]:
        """Reports that name no indicator of the plan, or no district or unit that there is."""
        return self._sorted_reports[1]

    def records(self, indicator: Indicator) -> tuple[Sequence[Counted], Sequence[Ruled]]:
        """The records behind an indicator that is computed, and what exclusions do to them."""
        formula = FORMULAS[indicator.formula]
        if formula.code not in self._counted:
            self._counted[formula.code] = counted(self._known, formula, self._moment, self._districts)
        own = [one for one in self.exclusions if one.indicator == indicator.entered_as]
        return without(self._counted[formula.code], own, formula, self.day)

    def parts(self, indicator: Indicator, kind: Kind) -> Iterator[Part]:
        """What is known of an indicator for the city, or for each district or unit of which anything is known."""
        formula = FORMULAS.get(indicator.formula)
        groups: dict[Scope, Sequence[Counted]] = {}
        ruled: Sequence[Ruled] = ()
        if formula is not None:
            records, ruled = self.records(indicator)
            groups = {CITY: records} if kind == "city" else dict(by_scope(records, kind))
        else:
            ruled = [Ruled(one, "reported") for one in self.exclusions if one.indicator == indicator.entered_as]
        said = {scope for number, scope in self.reports if number == indicator.entered_as and scope.kind == kind}
        whole = {CITY} if kind == "city" else set()
        for scope in sorted({*groups, *said, *whole}, key=lambda one: one.id):
            found = self.reports.get((indicator.entered_as, scope), ())
            entered = last(found, self.day, self.plan.stale_after, is_share=indicator.is_share)
            own = groups.get(scope, ())
            yield Part(indicator, scope, formula, own, ruled if kind == "city" else _of(ruled, own), entered)

    @cached_property
    def _districts(self) -> Mapping[str, str]:
        return districts_of_units(self._known, self._moment)

    @cached_property
    def _sorted_reports(self) -> tuple[Mapping[tuple[int, Scope], Sequence[Report]], Sequence[Report]]:
        scopes, numbers = Scopes(self._known, self._moment), {one.entered_as for one in self.plan.indicators}
        found: dict[tuple[int, Scope], list[Report]] = {}
        strays = []
        for one in reports(self._known, self._moment):
            scope = scopes.scope(one.scope) if one.indicator in numbers else None
            if scope is None:
                strays.append(one)
            else:
                found.setdefault((one.indicator, scope), []).append(one)
        return found, strays


def _of(ruled: Sequence[Ruled], records: Sequence[Counted]) -> Sequence[Ruled]:
    """Of a part of the city, the exclusions of its own records."""
    keys = {one.key for one in records}
    return [one for one in ruled if one.exclusion.record in keys]
