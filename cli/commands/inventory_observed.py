"""`hanwatch inventory observed`: what was seen beside what is declared."""

from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from cli.ground import settings_of, there
from cli.options import DataOption, JsonOption
from cli.output import json_line, language, note, table, tell
from cli.parts.inventory import WithInventory
from inventory.columns import columns, in_language
from inventory.days import day_of
from inventory.model import Moment, Register
from inventory.observing.book import SightingBook
from inventory.observing.comparing import Compared, differences
from inventory.observing.declared import declared, networks
from inventory.observing.model import Difference, Proposal
from inventory.registers import registers
from inventory.sheets.writing import write_csv, write_workbook
from inventory.values import spell


def observed(
    context: typer.Context,
    difference: Annotated[
        Difference | None,
        typer.Argument(metavar="[unregistered|gone|drifted]", help=tell("cli.inventory.observed.difference")),
    ] = None,
    days: Annotated[
        int | None,
        typer.Option(
            "--days",
            metavar="NUMBER",
            min=1,
            max=36_500,
            help=tell("cli.inventory.observed.days"),
            show_default=False,
        ),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option("--export", metavar="FILE", help=tell("cli.inventory.observed.export"), show_default=False),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="NUMBER", min=1, help=tell("cli.inventory.limit"))] = 50,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what was seen and is not declared, what is declared and not seen, and what is otherwise than declared."""
    settings = there(settings_of(context, data))
    with WithInventory(settings) as house:
        now, book = Moment(house.clock()), SightingBook(house.database)
        since = book.since()
        if since is None:
            note("cli.inventory.observed.nothing")
            return
        asked = Compared(day_of(now.valid), days or settings.inventory.silent_days, since)
        inventory = house.inventory
        found = [
            one for one in differences(
                declared(inventory, now), book.by_address(), dict(networks(inventory, now)), asked
            )
            if difference in {None, one.difference}
        ]  # fmt: skip
    if export is not None:
        _export(export, found)
    elif as_json:
        for one in found:
            json_line(_document(one))
    else:
        names = ("difference", "register", "record", "address", "changes", "last")
        rows = (
            (
                tell(f"cli.inventory.observed.{one.difference}"), one.register, one.key, one.address, _changes(one),
                one.last,
            )
            for one in islice(found, limit)
        )  # fmt: skip
        table(tuple(tell(f"cli.inventory.column.{name}") for name in names), rows, fold={4})
        if len(found) > limit:
            note("cli.inventory.more", limit=f"{limit:,}")


def _changes(proposal: Proposal) -> str:
    register = registers()[proposal.register]
    said = []
    for key, value in proposal.seen.items():
        if key == "code":
            continue
        field = register.by_key[key]
        before = f"{spell(field, proposal.said[key]) or '-'} → " if proposal.said else ""
        said.append(f"{in_language(field.title, language)}: {before}{spell(field, value)}")
    return "; ".join(said)


def _export(file: Path, found: list[Proposal]) -> None:
    """What can be imported into assets, to be looked at and decided first: nothing is written by itself."""
    register = registers()["assets"]
    rows = [_row(register, one) for one in found if one.register == register.name and one.seen]
    written = columns(register, language)
    if file.suffix.lower() == ".xlsx":
        write_workbook(file, in_language(register.title, language), written, rows)
    else:
        write_csv(file, written, rows)
    note("cli.inventory.export.done", rows=f"{len(rows):,}", file=str(file))


def _row(register: Register, proposal: Proposal) -> list[str]:
    said = {"code": proposal.key, **proposal.seen}
    return [spell(field, said.get(field.key)) for field in register.fields]


def _document(proposal: Proposal) -> dict[str, object]:
    return {
        "difference": proposal.difference, "register": proposal.register, "record": proposal.record or None,
        "key": proposal.key, "address": proposal.address, "said": dict(proposal.said), "seen": dict(proposal.seen),
        "last": proposal.last or None,
        "proofs": [
            {
                "sign": one.sighting.sign, "value": one.sighting.value, "first": one.first, "last": one.last,
                "dataset": one.proof.dataset, "event": one.proof.event, "source": one.proof.source,
            }
            for one in proposal.proofs
        ],
    }  # fmt: skip
