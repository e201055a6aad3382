"""`hanwatch inventory registers`, `list`, `show` and `history`: what registers hold, at any moment."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Annotated, Any

import typer

from cli.ground import settings_of, there
from cli.options import DataOption, JsonOption
from cli.output import json_line, language, note, table, tell
from cli.parts.inventory import WithInventory
from cli.registers import (
    AsOfOption,
    KnownAtOption,
    NameArgument,
    RegisterArgument,
    field_of,
    moment_of,
    register_of,
    titled,
)
from inventory.columns import in_language
from inventory.documents import history_documents, record_document
from inventory.errors import FieldValueUnusable, RecordNotThen
from inventory.exporting.rows import spelled
from inventory.finding import find
from inventory.history import at
from inventory.model import OPEN, Moment, Record, Register
from inventory.registers import registers
from inventory.store.book import Inventory
from inventory.values import UnusableError, read
from sensors.event.times import iso

_SHOWN = 6
"""Columns of a list where nobody said which."""


def registers_(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="REGISTER", help=tell("cli.inventory.register"), show_default=False)
    ] = None,
    as_of: AsOfOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the registers with how many records each has, or the fields of one."""
    if name is not None:
        _fields(register_of(name), as_json=as_json)
        return
    with WithInventory(there(settings_of(context, data))) as house:
        moment = moment_of(as_of, None, house.clock())
        counts = {one.name: house.inventory.count(one, moment) for one in registers().values()}
    if as_json:
        for one in registers().values():
            json_line({
                "register": one.name, "title": in_language(one.title, language), "records": counts[one.name],
                "key": one.key, "basis": one.basis,
            })  # fmt: skip
        return
    rows = ((one.name, titled(one), f"{counts[one.name]:,}", one.basis) for one in registers().values())
    table(tuple(tell(f"cli.inventory.column.{name}") for name in ("register", "title", "records", "basis")), rows,
          right={2})  # fmt: skip


def list_records(
    context: typer.Context,
    register: RegisterArgument,
    where: Annotated[
        list[str] | None,
        typer.Option("--where", metavar="FIELD=VALUE", help=tell("cli.inventory.where"), show_default=False),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="FIELD", help=tell("cli.inventory.list.columns"), show_default=False),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="NUMBER", min=1, help=tell("cli.inventory.limit"))] = 50,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """List records of a register, as of any moment."""
    chosen = register_of(register)
    fields = [field_of(chosen, name) for name in columns or ()] or list(chosen.fields[:_SHOWN])
    with WithInventory(there(settings_of(context, data))) as house:
        moment = moment_of(as_of, known_at, house.clock())
        inventory = house.inventory
        wanted = dict(_condition(inventory, chosen, text, moment) for text in where or ())
        found = list(islice(inventory.records(chosen, moment, wanted), limit + 1))
        some, more = found[:limit], len(found) > limit
        rows = list(spelled(inventory, chosen, some, moment, language))
    places = [chosen.fields.index(field) for field in fields]
    if as_json:
        for record, texts in rows:
            json_line(record_document(chosen, record, texts))
    else:
        headings = [in_language(field.title, language) for field in fields]
        table(headings, ([row[one] for one in places] for _, row in rows))
        if more:
            note("cli.inventory.more", limit=f"{limit:,}")


def show(
    context: typer.Context,
    register: RegisterArgument,
    name: NameArgument,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one record: each field with who said it and when."""
    chosen = register_of(register)
    with WithInventory(there(settings_of(context, data))) as house:
        moment, inventory = moment_of(as_of, known_at, house.clock()), house.inventory
        id_ = find(inventory, chosen, name, moment)
        known = [
            one.version for one in inventory.history(chosen, id_)
            if one.recorded_from <= moment.recorded < one.recorded_to
        ]  # fmt: skip
        version = at(known, moment.valid)
        if version is None:
            raise RecordNotThen(register=chosen.name, name=name, at=iso(moment.valid))
        record = Record(id_, version)
        ((_, texts),) = spelled(inventory, chosen, [record], moment, language)
        batches = inventory.batches({version.batch_of(field.key) for field in chosen.fields})
    if as_json:
        json_line(record_document(chosen, record, texts, batches))
        return
    rows = []
    for field, text in zip(chosen.fields, texts, strict=True):
        if text:
            said = batches[version.batch_of(field.key)]
            lock = tell("cli.inventory.locked") if field.key in version.locked else ""
            rows.append((in_language(field.title, language), text, said.source, said.by, iso(said.at), lock))
    names = ("field", "value", "source", "by", "recorded", "lock")
    table(tuple(tell(f"cli.inventory.column.{name}") for name in names), rows, fold={1})
    note("cli.inventory.valid", begins=_when(version.valid_from), ends=_when(version.valid_to))


def history(
    context: typer.Context, register: RegisterArgument, name: NameArgument, data: DataOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Show all that was ever known of a record: what changed, from when on it was so, and when we learnt it."""
    chosen = register_of(register)
    with WithInventory(there(settings_of(context, data))) as house:
        inventory, now = house.inventory, moment_of(None, None, house.clock())
        id_ = find(inventory, chosen, name, now)
        documents = history_documents(inventory, chosen, id_, now, language)
    if as_json:
        for one in documents:
            json_line(one)
        return
    titles = {field.key: in_language(field.title, language) for field in chosen.fields}
    names = ("recorded", "from", "to", "source", "by", "changes")
    table(
        tuple(tell(f"cli.inventory.column.{name}") for name in names),
        (
            (
                one["recorded_from"], one["valid_from"] or "", one["valid_to"] or "", one["source"], one["by"],
                "; ".join(f"{titles[key]}: {text or '-'}" for key, text in one["changes"].items())
                + ("" if one["recorded_to"] is None else f" {tell('cli.inventory.superseded')}"),
            )
            for one in documents if one["changes"] or not _goes_on(one, documents)
        ),
    )  # fmt: skip


def _goes_on(one: Mapping[str, Any], documents: Sequence[Mapping[str, Any]]) -> bool:
    """Whether another version begins where this one ends: what was merely cut there tells nothing by itself."""
    return one["valid_to"] is not None and any(other["valid_from"] == one["valid_to"] for other in documents)


def _fields(register: Register, *, as_json: bool) -> None:
    if as_json:
        for field in register.fields:
            json_line({
                "field": field.key, "kind": field.kind, "title": in_language(field.title, language),
                "required": field.required, "key": field.key in register.key, "register": field.register or None,
                "choices": {code: in_language(words, language) for code, words in field.choices.items()},
                "headings": [field.key, field.title.zh, field.title.en, *field.also], "basis": field.basis or None,
            })  # fmt: skip
        return
    names = ("field", "title", "kind", "choices", "basis")
    rows = (
        (
            field.key + (" *" if field.required else ""), in_language(field.title, language), field.kind,
            field.register or ", ".join(in_language(words, language) for words in field.choices.values()), field.basis,
        )
        for field in register.fields
    )  # fmt: skip
    table(tuple(tell(f"cli.inventory.column.{name}") for name in names), rows, fold={3, 4})


def _condition(inventory: Inventory, register: Register, text: str, moment: Moment) -> tuple[str, object]:
    name, _, value = text.partition("=")
    field = field_of(register, name.strip())
    if field.register:
        return field.key, find(inventory, registers()[field.register], value.strip(), moment)
    try:
        return field.key, read(field, value)
    except UnusableError as error:
        raise FieldValueUnusable(field=field.key, value=value, wanted=f"wanted-{error}") from error


def _when(moment: int) -> str:
    return tell("cli.inventory.open") if moment in {0, OPEN} else iso(moment)
