"""`hanwatch rules reload`: the process that matches takes rules up anew, and says what became of it."""

import time
from typing import Annotated, Any

import typer

from cli.ground import settings_of, there
from cli.options import DataOption, JsonOption
from cli.output import FINDINGS, err, json_line, note, tell
from cli.parts.spool import CORRELATOR, WithSpool
from cli.plain import plain
from cli.reloading import answer_to, ask
from sensors.delivery.errors import LeaseTaken
from sensors.errors import Place, Problem

PATIENCE = 60


class ReloadNobody(Problem):
    """No process matches in this data folder."""

    code = "reload-nobody"


class ReloadUnanswered(Problem):
    """The process that matches (`pid`) has not answered within `seconds`."""

    code = "reload-unanswered"


class ReloadNotAsked(Problem):
    """The request cannot be written into the data folder."""

    code = "reload-not-asked"


def reload(
    context: typer.Context,
    wait: Annotated[
        int, typer.Option("--wait", min=1, metavar="SECONDS", help=tell("cli.rules.reload.wait"))
    ] = PATIENCE,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Have changed rules, exceptions, placeholders, pipelines and context taken up; exit 1 when they are refused."""
    settings = there(settings_of(context, data))
    with WithSpool(settings) as house:
        try:
            with house.spool.lease(CORRELATOR):
                raise ReloadNobody
        except LeaseTaken as taken:
            pid = taken.parameters["pid"]
    token = f"asked-{time.time_ns()}"
    try:
        ask(settings.data, token)
    except OSError as error:
        raise ReloadNotAsked(place=Place(str(settings.data)), reason=error.strerror or str(error)) from error
    until = time.monotonic() + wait
    while (said := answer_to(settings.data, token)) is None:
        if time.monotonic() > until:
            raise ReloadUnanswered(pid=pid, seconds=wait)
        time.sleep(0.05)
    _tell(said, as_json=as_json)
    if not said["done"]:
        raise typer.Exit(FINDINGS)


def _tell(said: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        json_line({key: value for key, value in said.items() if key != "asked"})
    elif said["done"]:
        note("cli.rules.reload.done", **{name: f"{value:,}" for name, value in said.items() if isinstance(value, int)})
    else:
        for problem in said["problems"]:
            err.print(plain(problem["reason"]), markup=False)
        note("cli.rules.reload.refused")
