"""`hanwatch incidents assign`, `state`, `note` and `undo`: each is an entry of the incident's log."""

import getpass
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

from api.incident_documents import change_document
from cli.commands.incidents_show import found
from cli.ground import settings_of, there
from cli.options import DataOption, JsonOption
from cli.output import json_line, note, tell
from cli.parts.incidents import WithIncidents
from correlation.incidents.changing import ChangeBook
from correlation.incidents.log import Change, State

IdArgument: TypeAlias = Annotated[str, typer.Argument(metavar="ID", help=tell("cli.incidents.id"))]
ByOption: TypeAlias = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help=tell("cli.incidents.by"), show_default=False)
]
ExpectOption: TypeAlias = Annotated[
    int | None, typer.Option("--expect", metavar="VERSION", help=tell("cli.incidents.expect"), show_default=False)
]
Outcome: TypeAlias = Literal["", "resolved", "false-positive", "expected", "duplicate", "accepted"]


def assign(
    context: typer.Context,
    incident_id: IdArgument,
    assignee: Annotated[str, typer.Argument(metavar="NAME", help=tell("cli.incidents.assign.to"))],
    by: ByOption = None,
    expect: ExpectOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say who deals with an incident."""
    changed(
        context, data, incident_id, as_json=as_json, expect=expect,
        change=lambda book, name, version: book.assign(name, assignee, who=who(by), expected=version),
    )  # fmt: skip


def state(
    context: typer.Context,
    incident_id: IdArgument,
    to: Annotated[State, typer.Argument(metavar="STATE", help=tell("cli.incidents.state.to"))],
    outcome: Annotated[
        Outcome, typer.Option("--outcome", metavar="OUTCOME", help=tell("cli.incidents.outcome"), show_default=False)
    ] = "",
    text: Annotated[
        str, typer.Option("--note", metavar="TEXT", help=tell("cli.incidents.note.text"), show_default=False)
    ] = "",
    by: ByOption = None,
    expect: ExpectOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set the state of an incident."""
    changed(
        context, data, incident_id, as_json=as_json, expect=expect,
        change=lambda book, name, version: book.state(name, to, outcome, text, who=who(by), expected=version),
    )  # fmt: skip


def write_note(
    context: typer.Context,
    incident_id: IdArgument,
    text: Annotated[str, typer.Argument(metavar="TEXT", help=tell("cli.incidents.note.text"))],
    by: ByOption = None,
    expect: ExpectOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a note into the log of an incident."""
    changed(
        context, data, incident_id, as_json=as_json, expect=expect,
        change=lambda book, name, version: book.note(name, text, who=who(by), expected=version),
    )  # fmt: skip


def undo(
    context: typer.Context,
    incident_id: IdArgument,
    by: ByOption = None,
    expect: ExpectOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take back the last change of an incident."""
    changed(
        context, data, incident_id, as_json=as_json, expect=expect,
        change=lambda book, name, version: book.undo(name, who=who(by), expected=version),
    )  # fmt: skip


def changed(
    context: typer.Context,
    data: Path | None,
    incident_id: str,
    *,
    as_json: bool,
    expect: int | None,
    change: Callable[[ChangeBook, str, int], Change],
) -> None:
    """Make a change to the version that was seen: the one that was said, or the one that is there now."""
    with WithIncidents(there(settings_of(context, data))) as house:
        incident = found(house.incidents, incident_id)
        made = change(house.changes, incident.id, incident.version if expect is None else expect)
        if as_json:
            json_line(change_document(made, house.changes.log(incident.id)))
            return
    note("cli.incidents.changed", id=incident.id[:12], version=made.version)


def who(by: str | None) -> str:
    """Who makes a change: who was said, or the user of the session."""
    return by or getpass.getuser()
