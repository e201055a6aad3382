"""`hanwatch inventory foreign`: what NetBox, nmap, Konveyor, OpenStack and Huawei Cloud export, into registers."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from api.messages import explain
from cli.ground import settings_of
from cli.options import DataOption, JsonOption
from cli.output import FINDINGS, complain, json_line, language, note, tell
from cli.parts.inventory import WithInventory
from cli.registers import ByOption, ReasonOption, SinceOption, begin, who
from correlation.secret import SecretMissingError, check_reference, read_secret
from inventory.foreign.errors import ForeignTokenUnusable
from inventory.foreign.gathering import gather
from inventory.foreign.model import Assumed, Found
from inventory.foreign.netbox_api import NetBox
from inventory.foreign.reading import read_foreign
from inventory.foreign.service import take
from inventory.importing.model import Wanted
from inventory.model import Batch
from sensors.errors import Problem

_TOKEN = "env:NETBOX_TOKEN"  # noqa: S105 - where it is, not what it is
SHOWN = 20
"""Problems that are told one by one; the others are counted."""


def foreign(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="FILE|URL", help=tell("cli.inventory.foreign.source"))],
    kind: Annotated[
        str | None,
        typer.Option("--format", metavar="NAME", help=tell("cli.inventory.foreign.format"), show_default=False),
    ] = None,
    assume: Annotated[
        list[str] | None,
        typer.Option("--assume", metavar="FIELD=VALUE", help=tell("cli.inventory.foreign.assume"), show_default=False),
    ] = None,
    token: Annotated[
        str, typer.Option("--token", metavar="env:NAME|file:PATH", help=tell("cli.inventory.foreign.token"))
    ] = _TOKEN,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=tell("cli.inventory.import.dry_run"))] = False,
    skip_faulty: Annotated[bool, typer.Option("--skip-faulty", help=tell("cli.inventory.import.skip"))] = False,
    since: SinceOption = None,
    by: ByOption = None,
    reason: ReasonOption = "",
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read an export of another program into the registers that it has rows for; exit 1 when some cannot be used."""
    assumed = Assumed(dict(one.split("=", 1) for one in assume or () if "=" in one))
    with WithInventory(settings_of(context, data)) as house:
        gathered = gather(_found(source, kind, token, assumed))
        now = house.clock()
        wanted, batch = Wanted(begin(since, now), now), Batch(now, who(by), source, reason)
        told = list[Problem](gathered.problems)
        for taken in take(house.inventory, gathered, wanted, None if dry_run else batch, skip_faulty=skip_faulty):
            told += taken.plan.problems
            counts, name = taken.plan.counts(), taken.plan.register.name
            if as_json:
                json_line({"register": name, **counts, "written": taken.batch.number if taken.batch else None})
            else:
                said = "would" if taken.batch is None else "done"
                numbers = {key: f"{number:,}" for key, number in counts.items()}
                note(f"cli.inventory.foreign.{said}", register=name, **numbers)
    if as_json:
        for problem in told:
            json_line({"code": problem.code, "place": str(problem.place or ""), "reason": explain(problem, language)})
    else:
        for problem in told[:SHOWN]:
            complain(problem)
        if len(told) > SHOWN:
            note("cli.inventory.import.more", number=f"{len(told) - SHOWN:,}")
    if told:
        raise typer.Exit(FINDINGS)


def _found(source: str, kind: str | None, token: str, assumed: Assumed) -> Iterator[Found]:
    if not source.startswith(("http://", "https://")):
        yield from read_foreign(Path(source), assumed, name=kind)
        return
    try:
        check_reference(token)
        secret = read_secret(token)
    except ValueError as error:
        raise ForeignTokenUnusable(reason=str(error)) from error
    except SecretMissingError as error:
        raise ForeignTokenUnusable(place=error.place, reason=error.reason) from error
    with NetBox(source, secret) as server:
        for page in server.read(assumed):
            yield from page.found
