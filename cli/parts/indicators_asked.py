"""What commands about indicators are asked: which day, known when, of which plan, which indicators."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from api.moments import moment
from cli.output import tell
from cli.parts.indicators import WithIndicators
from inventory.days import end_of, read_day
from inventory.errors import NoDay
from inventory.indicators.computing import Indicators
from inventory.indicators.errors import IndicatorUnknown
from inventory.indicators.model import Indicator
from inventory.indicators.naming import Names
from inventory.indicators.view import Kind

AsOfOption: TypeAlias = Annotated[
    str | None, typer.Option("--as-of", metavar="DAY", help=tell("cli.indicators.as-of"), show_default=False)
]
KnownAtOption: TypeAlias = Annotated[
    str | None, typer.Option("--known-at", metavar="TIME", help=tell("cli.indicators.known-at"), show_default=False)
]
PlanOption: TypeAlias = Annotated[
    str | None, typer.Option("--plan", metavar="ID", help=tell("cli.indicators.plan"), show_default=False)
]
PlanFileOption: TypeAlias = Annotated[
    list[Path] | None,
    typer.Option("--plan-file", metavar="FILE", help=tell("cli.indicators.plan-file"), show_default=False),
]
ByOption: TypeAlias = Annotated[
    Kind | None, typer.Option("--by", metavar="KIND", help=tell("cli.indicators.by"), show_default=False)
]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: indicators on a day of the city's calendar, as it was known at a moment (ns since 1970)."""

    day: str
    recorded: int
    indicators: Indicators
    names: Names

    def wanted(self, number: int | None) -> tuple[Indicator, ...]:
        """The indicator of a number, or all of the plan.

        Raises:
            IndicatorUnknown: the plan has none of this number.
        """
        plan = self.indicators.plan
        found = tuple(one for one in plan.indicators if number is None or one.number == number)
        if not found:
            raise IndicatorUnknown(number=number, plan=plan.id)
        return found


def asked(house: WithIndicators, as_of: str | None, known_at: str | None, plan: str | None) -> Asked:
    """What was asked; the day is today's and the knowledge of now, where nothing was said.

    Raises:
        NoDay: a text is no day.
        PlanUnknown: there is no such plan.
    """
    day = house.today() if as_of is None else day_named(as_of)
    recorded = house.clock()
    if known_at is not None:
        of_day = read_day(known_at)
        recorded = end_of(of_day) - 1 if of_day else moment(known_at, recorded)
    return Asked(day, recorded, house.indicators(day, plan), house.names(day, recorded))


def day_named(text: str) -> str:
    """A day from any of the notations in use.

    Raises:
        NoDay: it is none.
    """
    day = read_day(text)
    if day is None:
        raise NoDay(text=text)
    return day
