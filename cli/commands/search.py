"""`hanwatch search`: events by a query in Lucene's syntax."""

import csv
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import orjson
import typer

from api.moments import moment
from cli.ground import settings_of, there
from cli.options import DataOption, FromOption, ToOption
from cli.output import FAILED, complain, json_line, note, out, stdout, table, tell
from cli.parts.store import WithStore
from correlation.alerts.making import SUMMARY_FIELDS
from correlation.query.errors import QueryProblem
from correlation.query.model import Query
from correlation.query.parsing import parse

PAGE = 1_000


class Form(StrEnum):
    """How results are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class SortUnusable(QueryProblem):
    """What stands behind the field of `--sort` is no order."""

    code = "sort-unusable"


def search(
    context: typer.Context,
    query: Annotated[str, typer.Argument(metavar="QUERY", help=tell("cli.search.query"))] = "*",
    start: FromOption = None,
    end: ToOption = None,
    sort: Annotated[
        str, typer.Option("--sort", metavar="FIELD[:asc|desc]", help=tell("cli.search.sort"))
    ] = "@timestamp:desc",
    limit: Annotated[int, typer.Option("--limit", metavar="NUMBER", min=1, help=tell("cli.search.limit"))] = 20,
    form: Annotated[Form, typer.Option("--format", help=tell("cli.search.format"))] = Form.TABLE,
    as_json: Annotated[bool, typer.Option("--json", help=tell("cli.search.json"))] = False,
    data: DataOption = None,
) -> None:
    """Search the stored events."""
    with WithStore(there(settings_of(context, data))) as house:
        field, _, order = sort.partition(":")
        if order not in {"", "asc", "desc"}:
            raise SortUnusable(order=order)
        now = house.clock()
        asked = Query(
            where=parse(query, now),
            start=moment(start, now) if start else None,
            end=moment(end, now) if end else None,
            sort=field,
            descending=order != "asc",
            limit=min(limit, PAGE),
        )
        events, total = _collect(house, asked, limit)
        problems = house.store.problems()
    _print(events, Form.JSON if as_json else form)
    for problem in problems:
        complain(problem)
    if form is Form.TABLE and not as_json:
        note("cli.search.total", shown=f"{len(events):,}", total=f"{total:,}")
    if problems:
        raise typer.Exit(FAILED)


def _collect(house: WithStore, asked: Query, limit: int) -> tuple[list[dict[str, Any]], int]:
    """Pages of the answer until `limit` events are there or no more match; and how many match in all."""
    events: list[dict[str, Any]] = []
    total = 0
    after: str | None = None
    while len(events) < limit:
        page = house.store.search(replace(asked, after=after, limit=min(PAGE, limit - len(events))))
        total = max(total, page.total)
        events.extend(dict(event) for event in page.events)
        after = page.after
        if after is None:
            break
    return events, total


def _print(events: list[dict[str, Any]], form: Form) -> None:
    if form is Form.JSON:
        for event in events:
            json_line(event)
    elif form is Form.CSV:
        names = sorted({name for event in events for name in event})
        writer = csv.DictWriter(stdout, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _safe(value) for name, value in event.items()} for event in events)
    else:
        table(
            (tell("cli.column.time"), tell("cli.column.dataset"), tell("cli.column.event")),
            ((_local(event["@timestamp"]), event["event.dataset"], _line(event)) for event in events),
        )
        if not events:
            out.print(tell("cli.search.nothing"))


def _safe(value: Any) -> Any:
    """A cell that a spreadsheet will not run: text that begins like a formula gets an apostrophe (CWE-1236).

    What is no single value becomes JSON.
    """
    if isinstance(value, list | dict):
        return orjson.dumps(value).decode()
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def _local(text: str) -> str:
    moment_ = datetime.fromisoformat(text).astimezone(UTC)
    return moment_.strftime("%Y-%m-%d %H:%M:%SZ")


def _line(event: dict[str, Any]) -> str:
    return "  ".join(f"{name}={event[name]}" for name in SUMMARY_FIELDS if event.get(name) not in (None, ""))
