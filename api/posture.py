"""The routes of posture: all scores of a kind, one with every lost point, and how it went. Nothing is changed."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request

from api.asking import End, Limit, Start, Use, language_of
from api.moments import moment
from api.posture_documents import item_document, past_document, posture_document, scope_document, standing_document
from correlation.posture.finding import named, standing_of
from correlation.posture.model import CITY, Kind, Posture
from correlation.posture.service import DAY

router = APIRouter()
_DAYS: Final = 30
"""Days of history where nothing is said."""

Skip = Annotated[int, Query(ge=0, description="How many to leave out at the beginning; say `at` to page through.")]
At = Annotated[str | None, Query(description="As of when: ISO 8601 or `now-1h`; now if nothing is said.")]


@router.get("/posture", summary="How the city stands, and its districts, units, tenants or sectors.")
def posture(
    services: Use, request: Request, by: Kind = "district", at: At = None, skip: Skip = 0, limit: Limit = 100
) -> dict[str, Any]:
    """The city and the scopes of a kind, the worst first, each with score, coverage and confidence."""
    found, language = _found(services, at), language_of(request)
    of_kind = [one for one in found.standings.values() if one.scope.kind == by]
    of_kind.sort(key=lambda one: (one.score, one.scope.name))
    return posture_document(found, services.posture.policy, language) | {
        "city": standing_document(found.city, language),
        "scopes": [standing_document(one, language) for one in of_kind[skip : skip + limit]],
        "total": len(of_kind),
    }


@router.get("/posture/history", summary="How a scope stood over time.")
def history(services: Use, scope: str = str(CITY), start: Start = None, end: End = None) -> dict[str, Any]:
    """Recorded snapshots, oldest first, of the last 30 days if nothing is said."""
    now = services.clock()
    begin = moment(start, now) if start else now - _DAYS * DAY
    # What is gone by now has a history all the same.
    name = named(scope) or standing_of(services.posture.recent(), scope).scope
    found = services.posture.book.history(name, begin, moment(end, now) if end else now + 1)
    return scope_document(name) | {"history": [past_document(one) for one in found]}


@router.get("/posture/{kind}/{name:path}", summary="One scope with every point that it lost.")
def scope(
    services: Use, request: Request, kind: Kind, name: str, at: At = None, skip: Skip = 0, limit: Limit = 100
) -> dict[str, Any]:
    """The scope, its items, those that took most first, and all scopes that it consists of."""
    found, language = _found(services, at), language_of(request)
    standing = standing_of(found, f"{kind}/{name}")
    parts = sorted((found.standings[one] for one in standing.parts), key=lambda one: (one.score, one.scope.name))
    return (
        posture_document(found, services.posture.policy, language)
        | standing_document(standing, language)
        | {
            "items": [item_document(one, standing, language) for one in standing.items[skip : skip + limit]],
            "total": len(standing.items),
            "parts": [standing_document(one, language) for one in parts],
        }
    )


def _found(services: Use, at: str | None) -> Posture:
    return services.posture.at(moment(at, services.clock())) if at else services.posture.recent()
