"""`hanwatch posture record`, `history` and `verify`: snapshots, how a scope went, and if they can be made again."""

from typing import Annotated, Final, TypeAlias

import typer

from api.moments import moment
from api.posture_documents import (
    checked_document,
    past_document,
    points_text,
    posture_document,
    scope_document,
    share_text,
    standing_document,
)
from cli.commands.posture import ScopeArgument
from cli.ground import settings_of, there
from cli.options import DataOption, JsonOption
from cli.output import FINDINGS, json_line, language, note, table, tell
from cli.parts.posture import WithPosture
from correlation.posture.finding import named, standing_of
from correlation.posture.model import CITY
from correlation.posture.service import DAY
from sensors.event.times import iso

FirstOption: TypeAlias = Annotated[
    str | None, typer.Option("--from", metavar="TIME", help=tell("cli.posture.from"), show_default=False)
]
LastOption: TypeAlias = Annotated[
    str | None, typer.Option("--to", metavar="TIME", help=tell("cli.posture.to"), show_default=False)
]
_DAYS: Final = 30
_VERIFIED_DAYS: Final = 7


def record(context: typer.Context, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Record how everything stands now, with the facts behind it."""
    with WithPosture(there(settings_of(context, data))) as house:
        made = house.posture.record(house.settings.posture.keep_days)
        policy = house.posture_policy
    if as_json:
        json_line(posture_document(made, policy, language) | standing_document(made.city, language))
    else:
        note("cli.posture.recorded", moment=iso(made.moment), score=points_text(made.city.score))


def history(
    context: typer.Context,
    scope: ScopeArgument = CITY.name,
    start: FirstOption = None,
    end: LastOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print how a scope stood, oldest first; the last 30 days if nothing is said."""
    with WithPosture(there(settings_of(context, data))) as house:
        now = house.clock()
        begin = moment(start, now) if start else now - _DAYS * DAY
        # What is gone by now has a history all the same.
        wanted = named(scope) or standing_of(house.posture.at(), scope).scope
        found = house.snapshots.history(wanted, begin, moment(end, now) if end else now + 1)
    if as_json:
        for one in found:
            json_line(scope_document(wanted) | past_document(one))
        return
    if not found:
        note("cli.posture.history.none", scope=str(wanted))
        return
    table(
        tuple(tell(f"cli.column.{name}") for name in ("time", "score", "grade", "coverage", "trust", "policy")),
        (
            (
                iso(one.moment)[:19] + "Z", points_text(one.score), tell(f"posture.grade.{one.grade}"),
                share_text(one.coverage), tell(f"posture.confidence.{one.confidence}"), one.policy,
            )
            for one in found
        ),
        right=(1, 3),
    )  # fmt: skip


def verify(
    context: typer.Context,
    start: FirstOption = None,
    end: LastOption = None,
    every: Annotated[bool, typer.Option("--all", help=tell("cli.posture.verify.all"))] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make recorded snapshots again of their facts; exit 1 when one is not what they give."""
    with WithPosture(there(settings_of(context, data))) as house:
        now = house.clock()
        begin = 0 if every else now - _VERIFIED_DAYS * DAY
        checked = list(
            house.snapshots.verify(
                moment(start, now) if start else begin, moment(end, now) if end else now + 1
            )
        )  # fmt: skip
    differing = [one for one in checked if one.part]
    if as_json:
        for one in checked:
            json_line(checked_document(one))
    else:
        for one in differing:
            note("cli.posture.differs", moment=iso(one.moment), part=tell(f"posture.part.{one.part}"))
        note("cli.posture.verified", number=f"{len(checked):,}", differing=f"{len(differing):,}")
    if differing:
        raise typer.Exit(FINDINGS)
