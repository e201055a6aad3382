"""`hanwatch inventory set`, `lock`, `unlock` and `end`: a person changes one record, from a moment on."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from cli.ground import settings_of, there
from cli.options import DataOption, JsonOption
from cli.output import FINDINGS, complain, json_line, note, tell
from cli.parts.inventory import WithInventory
from cli.registers import (
    ByOption,
    NameArgument,
    ReasonOption,
    RegisterArgument,
    SinceOption,
    begin,
    field_of,
    register_of,
    who,
)
from inventory.documents import batch_document
from inventory.errors import RecordNotThen
from inventory.finding import find
from inventory.history import at
from inventory.importing.model import Said, Wanted
from inventory.importing.planning import plan_import
from inventory.importing.writing import changes_of
from inventory.model import Batch, Change, Moment, Register
from inventory.store.book import Inventory
from sensors.errors import Place
from sensors.event.times import iso

FieldsArgument: TypeAlias = Annotated[
    list[str], typer.Argument(metavar="FIELD", help=tell("cli.inventory.fields"))
]
_Making: TypeAlias = Callable[[Inventory, str, Moment], Sequence[Change]]
"""What becomes of a record (its id) of an inventory from a moment on."""


def set_values(
    context: typer.Context,
    register: RegisterArgument,
    name: NameArgument,
    values: Annotated[list[str], typer.Argument(metavar="FIELD=VALUE", help=tell("cli.inventory.set.values"))],
    lock: Annotated[bool, typer.Option("--lock", help=tell("cli.inventory.set.lock"))] = False,
    since: SinceOption = None,
    by: ByOption = None,
    reason: ReasonOption = "",
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set fields of a record from a moment on; an empty value means that it is not known."""
    chosen = register_of(register)
    said = {field_of(chosen, key.strip()).key: value for key, _, value in (text.partition("=") for text in values)}

    def made(inventory: Inventory, id_: str, moment: Moment) -> Sequence[Change]:
        wanted = Wanted(moment.valid, moment.valid, clears=True, unlocks=True)
        plan = plan_import(inventory, chosen, [Said(Place(name), said, id=id_)], wanted)
        for problem in plan.problems:
            complain(problem)
        if plan.problems:
            raise typer.Exit(FINDINGS)
        locks = [Change(id_, lock=frozenset(said), valid_from=moment.valid)] if lock else []
        return [*changes_of(plan, wanted), *locks]

    _change(context, data, (chosen, name, since), Batch(0, who(by), "person", reason), made, as_json=as_json)


def lock(
    context: typer.Context,
    register: RegisterArgument,
    name: NameArgument,
    fields: FieldsArgument,
    by: ByOption = None,
    reason: ReasonOption = "",
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let only people change these fields of a record: imports tell of them and leave them."""
    chosen = register_of(register)
    keys = frozenset(field_of(chosen, one).key for one in fields)
    batch = Batch(0, who(by), "person", reason)
    _change(context, data, (chosen, name, None), batch, lambda _, id_, moment: [
        Change(id_, lock=keys, valid_from=moment.valid)
    ], as_json=as_json)  # fmt: skip


def unlock(
    context: typer.Context,
    register: RegisterArgument,
    name: NameArgument,
    fields: FieldsArgument,
    by: ByOption = None,
    reason: ReasonOption = "",
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let imports change these fields of a record again."""
    chosen = register_of(register)
    keys = frozenset(field_of(chosen, one).key for one in fields)
    batch = Batch(0, who(by), "person", reason)
    _change(context, data, (chosen, name, None), batch, lambda _, id_, moment: [
        Change(id_, unlock=keys, valid_from=moment.valid)
    ], as_json=as_json)  # fmt: skip


def end(
    context: typer.Context,
    register: RegisterArgument,
    name: NameArgument,
    since: SinceOption = None,
    by: ByOption = None,
    reason: ReasonOption = "",
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that a record is there no more from a moment on; what it was before stays known."""
    chosen = register_of(register)
    batch = Batch(0, who(by), "person", reason)
    _change(context, data, (chosen, name, since), batch, lambda _, id_, moment: [
        Change(id_, valid_from=moment.valid, gone=True)
    ], as_json=as_json)  # fmt: skip


def _change(
    context: typer.Context,
    data: Path | None,
    meant: tuple[Register, str, str | None],
    batch: Batch,
    make: _Making,
    *,
    as_json: bool,
) -> None:
    register, name, since = meant
    with WithInventory(there(settings_of(context, data))) as house:
        now, inventory = house.clock(), house.inventory
        last, moment = inventory.last(), Moment(begin(since, now))
        id_ = find(inventory, register, name, moment)
        if at(inventory.versions(register, [id_])[id_], moment.valid) is None:
            raise RecordNotThen(register=register.name, name=name, at=iso(moment.valid))
        changes = make(inventory, id_, moment)
        written = inventory.write(replace(batch, at=now), {register.name: changes}, last) if changes else None
    if as_json:
        json_line(batch_document(written) if written else {"batch": None})
    else:
        note("cli.inventory.written" if written else "cli.inventory.as_it_was", name=name)
