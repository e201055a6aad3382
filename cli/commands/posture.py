"""`hanwatch posture show` and `explain`: how the city stands, and every point that something in it lost."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer

from api.moments import moment
from api.posture_documents import (
    computed_text,
    item_document,
    item_text,
    largest,
    lost_by,
    name_text,
    points_text,
    posture_document,
    share_text,
    standing_document,
)
from cli.ground import settings_of, there
from cli.options import DataOption, JsonOption
from cli.output import json_line, language, note, out, table, tell
from cli.parts.posture import WithPosture
from correlation.posture.finding import standing_of
from correlation.posture.model import CITY, Kind, Posture, Standing
from correlation.posture.policy import Policy
from sensors.event.times import iso

ScopeArgument: TypeAlias = Annotated[str, typer.Argument(metavar="SCOPE", help=tell("cli.posture.scope"))]
AtOption: TypeAlias = Annotated[
    str | None, typer.Option("--at", metavar="TIME", help=tell("cli.posture.at"), show_default=False)
]
LimitOption: TypeAlias = Annotated[int, typer.Option("--limit", metavar="NUMBER", min=1, help=tell("cli.search.limit"))]
_COLUMNS: Final = ("scope", "score", "grade", "coverage", "trust", "happened", "unseen", "largest")


def show(
    context: typer.Context,
    scope: ScopeArgument = CITY.name,
    by: Annotated[
        Kind | None, typer.Option("--by", metavar="KIND", help=tell("cli.posture.by"), show_default=False)
    ] = None,
    at: AtOption = None,
    limit: LimitOption = 50,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print a scope and its parts, or all scopes of a kind, the worst first."""
    found, policy = _asked(context, data, at)
    standing = standing_of(found, scope)
    parts = [one for one in found.standings.values() if one.scope.kind == by] if by else _parts(found, standing)
    parts.sort(key=lambda one: (one.score, one.scope))
    shown = parts[:limit] if by else [standing, *parts[:limit]]
    if as_json:
        head = posture_document(found, policy, language)
        for one in shown:
            json_line(head | standing_document(one, language))
        return
    _print(shown)
    if len(parts) > limit:
        note("cli.posture.more", shown=f"{limit:,}", total=f"{len(parts):,}")
    _tell(found)


def explain(
    context: typer.Context,
    scope: ScopeArgument = CITY.name,
    at: AtOption = None,
    limit: LimitOption = 50,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print every point that a scope lost, those that took most first."""
    found, policy = _asked(context, data, at)
    standing = standing_of(found, scope)
    if as_json:
        head = posture_document(found, policy, language) | standing_document(standing, language)
        json_line(head | {"lost_by": [item_document(item, standing, language) for item in standing.items[:limit]]})
        return
    _print([standing])
    out.print()
    table(
        tuple(tell(f"cli.column.{name}") for name in ("points", "reason", "computed")),
        (
            (points_text(one.points), item_text(one, standing, language), computed_text(one, language))
            for one in standing.items[:limit]
        ),
        right=(0,),
        fold=(1, 2),
    )
    if len(standing.items) > limit:
        rest = sum(item.points for item in standing.items[limit:])
        note("cli.posture.rest", number=f"{len(standing.items) - limit:,}", points=points_text(rest))
    _tell(found)


def _asked(context: typer.Context, data: Path | None, at: str | None) -> tuple[Posture, Policy]:
    with WithPosture(there(settings_of(context, data))) as house:
        return house.posture.at(moment(at, house.clock()) if at else None), house.posture_policy


def _parts(found: Posture, standing: Standing) -> list[Standing]:
    return [found.standings[one] for one in standing.parts]


def _print(shown: Iterable[Standing]) -> None:
    table(
        tuple(tell(f"cli.column.{name}") for name in _COLUMNS),
        (
            (
                _named(one),
                points_text(one.score),
                tell(f"posture.grade.{one.grade}"),
                share_text(one.coverage),
                tell(f"posture.confidence.{one.confidence}"),
                *map(points_text, lost_by(one)),
                "" if (item := largest(one.items)) is None else item_text(item, one, language),
            )
            for one in shown
        ),
        right=(1, 3, 5, 6),
        fold=(0, 7),
    )


def _named(standing: Standing) -> str:
    scope = standing.scope
    told = name_text(scope, language)
    if scope == CITY:
        return told
    return str(scope) if told == scope.name else f"{scope} ({told})"


def _tell(found: Posture) -> None:
    note("cli.posture.policy", moment=iso(found.moment), version=found.version, digest=found.policy)
    if not found.city.declared:
        note("posture.undeclared")
    if not found.verified:
        note("posture.unverified")
