"""`hanwatch inventory export` and `template`: registers as tables, and tables to be filled in."""

from pathlib import Path
from typing import IO, Annotated, cast

import typer

from cli.ground import settings_of, there
from cli.options import DataOption
from cli.output import language, note, stdout, tell
from cli.parts.inventory import WithInventory
from cli.registers import AsOfOption, KnownAtOption, RegisterArgument, moment_of, register_of, titled
from inventory.columns import columns
from inventory.exporting.rows import exported
from inventory.sheets.writing import write_csv, write_delimited, write_workbook


def export(
    context: typer.Context,
    register: RegisterArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=tell("cli.inventory.export.file"))],
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    data: DataOption = None,
) -> None:
    """Write a register as a table, CSV or by the name's end `.xlsx` a workbook; what is read again changes nothing."""
    chosen = register_of(register)
    with WithInventory(there(settings_of(context, data))) as house:
        moment = moment_of(as_of, known_at, house.clock())
        rows = exported(house.inventory, chosen, moment, language)
        if str(file) == "-":
            write_delimited(cast("IO[str]", stdout), columns(chosen, language), rows)
            return
        if file.suffix.lower() == ".xlsx":
            written = write_workbook(file, titled(chosen), columns(chosen, language), rows)
        else:
            written = write_csv(file, columns(chosen, language), rows)
    note("cli.inventory.export.done", rows=f"{written:,}", file=str(file))


def template(
    register: RegisterArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsx", help=tell("cli.inventory.template.file"))],
) -> None:
    """Write an empty workbook of a register, with what can be chosen, to be filled in."""
    chosen = register_of(register)
    write_workbook(file, titled(chosen), columns(chosen, language), ())
    note("cli.inventory.template.done", file=str(file))
