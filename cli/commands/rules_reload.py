"""`hanwatch rules reload`: who matches takes rules up anew, who notifies channels and routes; both say what became."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.asking import ANSWERED, NOTIFIER_ANSWERED, answer_to, ask
from cli.ground import settings_of, there
from cli.options import DataOption, JsonOption
from cli.output import FINDINGS, err, json_line, note, tell
from cli.parts.notifying import NOTIFIER
from cli.parts.spool import CORRELATOR, WithSpool
from cli.plain import plain
from sensors.delivery.errors import LeaseTaken
from sensors.errors import Place, Problem

PATIENCE = 60


class ReloadNobody(Problem):
    """No process matches in this data folder."""

    code = "reload-nobody"


class ReloadUnanswered(Problem):
    """The process that matches (`pid`) has not answered within `seconds`."""

    code = "reload-unanswered"


class NotifierUnanswered(Problem):
    """The notifier (`pid`) has not answered within `seconds`."""

    code = "reload-notifier-unanswered"


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
    """Have changed rules and what belongs to them, context and channels taken up; exit 1 when anything is refused."""
    settings = there(settings_of(context, data))
    with WithSpool(settings) as house:
        matching, notifying = _holder(house, CORRELATOR), _holder(house, NOTIFIER)
    if matching is None:
        raise ReloadNobody
    token = f"asked-{time.time_ns()}"
    try:
        ask(settings.data, token)
    except OSError as error:
        raise ReloadNotAsked(place=Place(str(settings.data)), reason=error.strerror or str(error)) from error
    until = time.monotonic() + wait
    said = _answer(settings.data, token, ANSWERED, until, ReloadUnanswered(pid=matching, seconds=wait))
    if notifying is not None:
        silent = NotifierUnanswered(pid=notifying, seconds=wait)
        said["notify"] = _answer(settings.data, token, NOTIFIER_ANSWERED, until, silent)
    _tell(said, as_json=as_json)
    if not all(one["done"] for one in _parts(said)):
        raise typer.Exit(FINDINGS)


def _holder(house: WithSpool, name: str) -> int | None:
    """The number of the process that holds a lease of the data folder; None where nobody does."""
    try:
        with house.spool.lease(name):
            return None
    except LeaseTaken as taken:
        # Who took it at this very moment has not said so yet.
        return int(str(taken.parameters["pid"] or 0))


def _answer(data: Path, token: str, file: str, until: float, silent: Problem) -> dict[str, Any]:
    while (said := answer_to(data, token, file)) is None:
        if time.monotonic() > until:
            raise silent
        time.sleep(0.05)
    del said["asked"]
    return said


def _parts(said: dict[str, Any]) -> list[dict[str, Any]]:
    return [said, *([said["notify"]] if "notify" in said else [])]


def _tell(said: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        json_line(said)
        return
    told = set()
    for part, name in zip(_parts(said), ("cli.rules.reload", "cli.rules.reload.notify"), strict=False):
        if part["done"]:
            note(f"{name}.done", **{key: f"{value:,}" for key, value in part.items() if isinstance(value, int)})
            continue
        # Settings that cannot be used at all are refused by both.
        for problem in part["problems"]:
            if problem["reason"] not in told:
                err.print(plain(problem["reason"]), markup=False)
            told.add(problem["reason"])
        note(f"{name}.refused")
