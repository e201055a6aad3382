"""The routes of incidents: lists, one with its timeline, changes to it, its grading, and windows that suppress."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from api.asking import After, End, Limit, Start, Use, language_of
from api.incident_documents import (
    change_document,
    incident_document,
    joined_document,
    proposal_document,
    titles_of,
    window_document,
)
from api.moments import moment
from api.ports import IncidentServices
from correlation.incidents.errors import IncidentUnknown
from correlation.incidents.log import Change, State, folded
from correlation.incidents.model import Incident
from correlation.incidents.suppressing import Purpose

router = APIRouter()


class ChangeBody(BaseModel):
    """A change of an incident, made for the version that was seen: somebody who was faster is not overwritten."""

    model_config = ConfigDict(extra="forbid")

    what: Literal["state", "assign", "note", "grade", "undo"]
    version: int = Field(description="The version of the incident that the change is made for.")
    who: str = Field(min_length=1, max_length=200, description="Who makes it.")
    state: State = "new"
    outcome: str = Field("", description="Why it is closed.")
    assignee: str = Field("", max_length=200, description="Empty for nobody.")
    note: str = ""
    measures: dict[str, float] = Field(default_factory=dict, description="Measures of the harm by name.")


class WindowBody(BaseModel):
    """A maintenance window or a drill."""

    model_config = ConfigDict(extra="forbid")

    purpose: Purpose
    begins: str = Field(alias="from", description="ISO 8601 or `now`.")
    ends: str = Field(alias="to", description="Exclusive.")
    scope: dict[str, list[str]] = Field(description="Names by kind: network, host, user, asset, system, unit.")
    reason: str
    who: str = Field(min_length=1, max_length=200)


class EndBody(BaseModel):
    """Who ends a window."""

    model_config = ConfigDict(extra="forbid")

    who: str = Field(min_length=1, max_length=200)


@router.get("/incidents", summary="List incidents, newest first.")
def incidents(
    services: Use,
    request: Request,
    state: Annotated[list[State] | None, Query(description="One of these states.")] = None,
    severity: Annotated[list[str] | None, Query(description="One of these severities.")] = None,
    assignee: Annotated[str | None, Query(description="Only what this person deals with.")] = None,
    start: Start = None,
    end: End = None,
    limit: Limit = 100,
    after: After = None,
) -> dict[str, Any]:
    """Incidents with what their severity is made of, how many match in all, and the cursor of the next page."""
    now = services.clock()
    page = services.incidents.book.page(
        states=state or (),
        severities=severity or (),
        assignee=assignee,
        start=moment(start, now) if start else None,
        end=moment(end, now) if end else None,
        limit=limit,
        after=after,
    )
    weights, language = services.incidents.weights, language_of(request)
    titles = titles_of(page.incidents, services.book, language)
    shown = [incident_document(one, weights, titles, language) for one in page.incidents]
    return {"incidents": shown, "total": page.total, "after": page.after}


@router.get("/incidents/{incident_id}", summary="One incident with its timeline.")
def incident(
    services: Use, request: Request, incident_id: str, limit: Limit = 100, after: After = None
) -> dict[str, Any]:
    """The incident, a page of its alerts in order of time with the reason for each, and its log.

    Who asks for one that was merged into another gets the other.
    """
    use, language = services.incidents, language_of(request)
    found = _found(use, incident_id)
    timeline, more = use.book.alerts(found.id, limit=limit, after=after)
    log = use.changes.log(found.id)
    absorbed = use.book.absorbed(found.id)
    titles = titles_of([found], services.book, language)
    return incident_document(found, use.weights, titles, language) | {
        "timeline": [joined_document(one, language) for one in timeline],
        "after": more,
        "changes": [change_document(one, log) for one in log],
        "absorbed": [change_document(one, absorbed) | {"incident": one.subject} for one in absorbed],
    }


@router.post("/incidents/{incident_id}/changes", summary="Change an incident.", status_code=201)
def change(services: Use, request: Request, incident_id: str, body: ChangeBody) -> dict[str, Any]:
    """The entry of the log, and the incident after it; 409 where it is at another version by now."""
    use = services.incidents
    name = _found(use, incident_id).id
    made = _changed(use, name, body)
    found, language = _found(use, name), language_of(request)
    shown = incident_document(found, use.weights, titles_of([found], services.book, language), language)
    return {"change": change_document(made, use.changes.log(name)), "incident": shown}


@router.get("/incidents/{incident_id}/grade", summary="What grade the measures propose.")
def grade(services: Use, incident_id: str) -> dict[str, Any]:
    """The proposal with the clause behind each measure, whether it was verified, and what nobody told yet."""
    use = services.incidents
    name = _found(use, incident_id).id
    told = folded(use.changes.log(name)).measures
    return {"incident": name} | proposal_document(use.guide.propose(told), use.guide)


@router.get("/windows", summary="Maintenance windows and drills.")
def windows(services: Use) -> dict[str, Any]:
    """All windows, the latest begin first, and how many alerts each suppresses."""
    suppressed = services.incidents.book.suppressed()
    now = services.clock()
    found = services.incidents.windows.windows()
    return {"windows": [window_document(one, suppressed.get(one.id, 0), now) for one in found]}


@router.post("/windows", summary="Announce a maintenance window or a drill.", status_code=201)
def announce(services: Use, body: WindowBody) -> dict[str, Any]:
    """The window, in force at once."""
    now = services.clock()
    made = services.incidents.windows.announce(
        body.purpose, moment(body.begins, now), moment(body.ends, now), body.scope, body.reason, who=body.who
    )
    return window_document(made, services.incidents.book.suppressed().get(made.id, 0), now)


@router.post("/windows/{window_id}/end", summary="End a window now.")
def end(services: Use, window_id: str, body: EndBody) -> dict[str, Any]:
    """The window as it is then."""
    ended = services.incidents.windows.end(window_id, who=body.who)
    return window_document(ended, services.incidents.book.suppressed().get(ended.id, 0), services.clock())


def _found(use: IncidentServices, incident_id: str) -> Incident:
    found = use.book.get(incident_id)
    if found is None:
        raise IncidentUnknown(id=incident_id)
    return found


def _changed(use: IncidentServices, name: str, body: ChangeBody) -> Change:
    book, who, seen = use.changes, body.who, body.version
    if body.what == "state":
        return book.state(name, body.state, body.outcome, body.note, who=who, expected=seen)
    if body.what == "assign":
        return book.assign(name, body.assignee, who=who, expected=seen)
    if body.what == "note":
        return book.note(name, body.note, who=who, expected=seen)
    if body.what == "undo":
        return book.undo(name, who=who, expected=seen)
    told = dict(folded(book.log(name)).measures) | use.guide.checked(body.measures)
    return book.grade(name, told, use.guide.propose(told).grade.name, who=who, expected=seen)
