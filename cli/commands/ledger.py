"""`hanwatch ledger`: what every stage counted, and whether it adds up."""

import typer
from rich.markup import escape

from api.documents import ledger_document
from cli.ground import settings_of, there
from cli.options import DataOption, JsonOption
from cli.output import FINDINGS, complain, err, json_line, out, table, tell
from cli.parts.book import WithBook
from cli.parts.spool import WithSpool
from cli.parts.store import WithStore
from cli.plain import plain_cell
from inventory.errors import DatabaseUnusable


class _Counted(WithBook, WithSpool, WithStore):
    """What was delivered, what retention has dropped from the store since, and what exceptions hid."""


def ledger(context: typer.Context, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Print the loss ledger; exit 1 when a balance fails."""
    with _Counted(there(settings_of(context, data))) as house:
        document = ledger_document(house.spool.report(), house.store.dropped(), _hidden(house))
    if as_json:
        json_line(document)
    else:
        _print(document)
    if document["missing"]:
        raise typer.Exit(FINDINGS)


def _hidden(house: _Counted) -> int | None:
    """How many alerts of correlations exceptions hid; None, and a word about it, where the database cannot say so.

    The ledger itself lies in the spool, and is needed most when something else is broken.
    """
    try:
        return house.book.hidden()[0]
    except DatabaseUnusable as problem:
        complain(problem)
        err.print(tell("cli.ledger.hidden"))
        return None


def _print(document: dict) -> None:  # type: ignore[type-arg]
    totals = document["totals"]
    table(
        tuple(tell(f"cli.column.{name}") for name in ("balance", "total", "parts", "missing")),
        (
            (
                tell(f"balance.{name}"),
                f"{balance['total']:,}",
                "  ".join(
                    f"{tell(f'bucket.{part}')} {number:,}" for part, number in balance["parts"].items() if number
                ),
                f"{balance['missing']:,}",
            )
            for name, balance in totals.items()
        ),
        right=(1, 3),
        fold=(2,),
    )
    for conversion, number in sorted(document["conversion"].items()):
        out.print(f"  {tell('cli.ledger.conversion')} {conversion}: {number:,}", highlight=False)
    for bucket, number in sorted(document["lost"].items()):
        out.print(f"[yellow]{tell(f'lost.{bucket}', number=f'{number:,}')}[/yellow]", highlight=False)
    if document["excepted"]:
        out.print(tell("cli.ledger.excepted", number=f"{document['excepted']:,}"), highlight=False)
    for dropped in document["dropped"]:
        out.print(tell("cli.ledger.dropped", **{**dropped, "events": f"{dropped['events']:,}"}))
    for source in document["sources"]:
        for name, balance in source["balances"].items():
            if balance["missing"]:
                place = f"[red]{escape(plain_cell(source['name']))}[/red]"
                out.print(f"{place} {tell(f'balance.{name}')}: {balance['missing']:,}")
    out.print(
        tell("ledger.complete") if not document["missing"] else tell("ledger.incomplete", missing=document["missing"])
    )
