"""The first HTTP API: events, alerts, incidents, posture, the ledger and sources, on loopback, behind a printed token.

Errors are RFC 9457 problem documents with a code and a text in the asked language. A request must name a loopback host,
so that a web page elsewhere cannot reach the API by a name that resolves here.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from importlib.resources import files
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException as StarletteHTTPException

from api.asking import After, End, Limit, Start, Use, language_of
from api.documents import alert_document, ledger_document, source_document
from api.incidents import router as incident_router
from api.messages import explain, say
from api.moments import moment
from api.ports import Services
from api.posture import router as posture_router
from correlation.alerts.errors import CursorUnusable
from correlation.alerts.model import Level
from correlation.incidents.errors import ChangeRefused, IncidentChanged, IncidentUnknown
from correlation.posture.errors import ScopeUnknown
from correlation.query.errors import QueryProblem
from correlation.query.model import Query as EventQuery
from correlation.query.parsing import parse
from sensors.errors import Problem
from sensors.event.times import iso

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})
_SCRIPTS = ("page.js", "client.js", "words.js", "alerts.js", "incidents.js", "posture.js")
PAGE_FILES = {
    "": ("index.html", "text/html"),
    "page.css": ("page.css", "text/css"),
    **{name: (name, "text/javascript") for name in _SCRIPTS},
}
POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_STATUS = {
    CursorUnusable: 400, QueryProblem: 400, ChangeRefused: 400, IncidentUnknown: 404, IncidentChanged: 409,
    ScopeUnknown: 404,
}  # fmt: skip

_bearer = HTTPBearer(auto_error=False, description="The token that `hanwatch run` prints.")


def create_app(services: Services) -> FastAPI:
    """The application over these services."""
    app = FastAPI(
        title="hanwatch",
        version=services.version,
        summary="Events, alerts and the loss ledger of one hanwatch node.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    app.state.services = services
    app.include_router(_public, prefix="/api/v1")
    app.include_router(_router, prefix="/api/v1", dependencies=[Depends(_authorised)])
    app.include_router(incident_router, prefix="/api/v1", dependencies=[Depends(_authorised)])
    app.include_router(posture_router, prefix="/api/v1", dependencies=[Depends(_authorised)])
    app.include_router(_page)
    app.middleware("http")(_guard)
    app.exception_handler(Problem)(_problem)
    app.exception_handler(StarletteHTTPException)(_refusal)
    app.exception_handler(RequestValidationError)(_invalid)
    return app


def _authorised(services: Use, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> None:
    given = credentials.credentials if credentials else ""
    if not secrets.compare_digest(given.encode(), services.token.encode()):
        raise HTTPException(401, "token-needed", headers={"WWW-Authenticate": "Bearer"})


_public = APIRouter()
_router = APIRouter()
_page = APIRouter(include_in_schema=False)


@_public.get("/health", summary="Whether the node lives, and whether it makes progress.")
def health(services: Use) -> dict[str, Any]:
    """`backlog` counts events that are spooled and not yet stored. It needs no token: it tells nothing of events.

    `notification` counts messages that wait and that were given up. Its `status` is `off` without channels, `degraded`
    where one delivers nothing (`dead` counts them), `unknown` where the database does not answer; with either of these
    that of the whole is `degraded`.
    """
    waiting = sum(report.pending for report in services.ledger.report())
    told = services.notification()
    return {
        "status": "ok" if told.status in {"off", "ok"} else "degraded",
        "version": services.version,
        "backlog": waiting,
        "notification": asdict(told),
        "time": iso(services.clock()),
    }


@_router.get("/events", summary="Search events.")
def events(
    services: Use,
    request: Request,
    q: Annotated[
        str, Query(description="Lucene syntax, as in Kibana: `source.ip:10.0.0.0/8 AND NOT event.outcome:success`.")
    ] = "*",
    start: Start = None,
    end: End = None,
    sort: Annotated[str, Query(description="A field; `:asc` or `:desc` may follow.")] = "@timestamp:desc",
    limit: Limit = 100,
    after: After = None,
) -> dict[str, Any]:
    """Events as flat documents of dotted ECS names, how many match in all, and the cursor of the next page.

    `problems` says what could not be read; it is empty where the answer is whole.
    """
    now = services.clock()
    field, _, order = sort.partition(":")
    page = services.store.search(
        EventQuery(
            where=parse(q, now),
            start=moment(start, now) if start else None,
            end=moment(end, now) if end else None,
            sort=field,
            descending=order != "asc",
            limit=limit,
            after=after,
        )
    )
    problems = [explain(problem, language_of(request)) for problem in page.problems]
    return {"events": list(page.events), "total": page.total, "after": page.after, "problems": problems}


@_router.get("/events/{event_id}", summary="One event by its id.")
def event(services: Use, event_id: str) -> dict[str, Any]:
    """The whole event."""
    found = services.store.get(event_id)
    if found is None:
        raise HTTPException(404, "event-unknown")
    return dict(found)


@_router.get("/alerts", summary="List alerts, newest first.")
def alerts(
    services: Use,
    level: Annotated[Level, Query(description="This level or above.")] = "informational",
    rule: Annotated[str | None, Query(description="Only this rule's.")] = None,
    start: Start = None,
    end: End = None,
    limit: Limit = 100,
    after: After = None,
) -> dict[str, Any]:
    """Alerts with their evidence, how many match in all, and the cursor of the next page."""
    now = services.clock()
    page = services.book.page(
        minimum=level,
        rule_id=rule,
        start=moment(start, now) if start else None,
        end=moment(end, now) if end else None,
        limit=limit,
        after=after,
    )
    return {
        "alerts": [alert_document(found) for found in page.alerts],
        "total": page.total,
        "after": page.after,
        "levels": services.book.count_by_level(),
    }


@_router.get("/alerts/{alert_id}", summary="One alert by its id.")
def alert(services: Use, alert_id: str) -> dict[str, Any]:
    """The alert and the events that are its evidence, as far as they are still kept."""
    found = services.book.get(alert_id)
    if found is None:
        raise HTTPException(404, "alert-unknown")
    kept = [services.store.get(proof.event_id) for proof in found.evidence]
    return alert_document(found) | {"events": [dict(item) for item in kept if item is not None]}


@_router.get("/ledger", summary="The loss ledger.")
def ledger(services: Use) -> dict[str, Any]:
    """The balances of every source and of all, and whether they are complete."""
    return ledger_document(services.ledger.report(), services.store.dropped(), services.book.hidden()[0])


@_router.get("/sources", summary="Who sends what, and who has fallen silent.")
def sources(
    services: Use, silent: Annotated[bool, Query(description="Only those that are silent.")] = False
) -> dict[str, Any]:
    """Every source that was met, and the devices behind listeners: when heard, how much, how late, how regularly."""
    found = [one for one in services.ledger.activity() if one.missed or not silent]
    return {"sources": [source_document(one, services.owner_of) for one in found]}


@_page.get("/{name}")
@_page.get("/")
def page(name: str = "") -> Response:
    """The plain pages of alerts, incidents and posture, and what they load."""
    if name not in PAGE_FILES:
        raise HTTPException(404, "page-unknown")
    file, kind = PAGE_FILES[name]
    return FileResponse(str(files("api") / "page" / file), media_type=kind)


async def _guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    host = request.headers.get("host", "")
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    if name not in LOOPBACK_NAMES:
        return _document(request, 421, "host-foreign")
    response = await call_next(request)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def _document(request: Request, status: int, code: str, detail: str | None = None, **headers: str) -> JSONResponse:
    text = detail or say(code, language_of(request))
    body = {"type": "about:blank", "status": status, "code": code, "title": text}
    return JSONResponse(body, status, media_type="application/problem+json", headers=headers or None)


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    status = next((number for kind, number in _STATUS.items() if isinstance(error, kind)), 503)
    return _document(request, status, error.code, explain(error, language_of(request)))


async def _refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, StarletteHTTPException)
    code = error.detail if "-" in error.detail else f"http-{error.status_code}"
    known = code if code in {"token-needed", "event-unknown", "alert-unknown", "page-unknown"} else "page-unknown"
    return _document(request, error.status_code, known, **dict(error.headers or {}))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    name = str(first["loc"][-1])
    return _document(
        request,
        422,
        "parameter-unusable",
        say("parameter-unusable", language_of(request), name=name, reason=first["msg"]),
    )
