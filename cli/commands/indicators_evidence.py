"""`hanwatch indicators pack` and `verify`: evidence that others can check without us."""

from pathlib import Path
from typing import Annotated

import typer

from cli.ground import settings_of, there
from cli.options import DataOption, JsonOption
from cli.output import FINDINGS, json_line, note, out, tell
from cli.parts.indicators import WithIndicators
from cli.parts.indicators_asked import AsOfOption, KnownAtOption, PlanFileOption, PlanOption, asked
from inventory.indicators.errors import PackUnreadable, PackUnwritable
from inventory.indicators.packing import pack
from inventory.indicators.verify import BrokenError, check, pack_digest
from sensors.errors import Place


def write_pack(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=tell("cli.indicators.pack.file"))],
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    plan: PlanOption = None,
    plan_file: PlanFileOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the evidence of all indicators on a day."""
    with WithIndicators(there(settings_of(context, data))) as house:
        house.more_plans = plan_file or ()
        question = asked(house, as_of, known_at, plan)
        content = pack(house.inventory, question.indicators, question.day, question.recorded)
    try:
        file.write_bytes(content)
    except OSError as error:
        raise PackUnwritable(place=Place(str(file)), reason=error.strerror or str(error)) from error
    digest = pack_digest(file)
    if as_json:
        json_line({"file": str(file), "day": question.day, "sha256": digest})
    else:
        note("cli.indicators.packed", file=file, day=question.day, digest=digest)


def verify_pack(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=tell("cli.indicators.pack.file"))],
    as_json: JsonOption = False,
) -> None:
    """Check a pack: its digests, and its numbers by counting again."""
    try:
        wrong = list(check(file))
        digest = pack_digest(file)
    except BrokenError as error:
        raise PackUnreadable(place=Place(str(file)), reason=str(error)) from error
    if as_json:
        json_line({"file": str(file), "holds": not wrong, "wrong": wrong, "sha256": digest})
    else:
        for line in wrong:
            out.print(line, markup=False)
        note("cli.indicators.broken" if wrong else "cli.indicators.holds", number=len(wrong), digest=digest)
    if wrong:
        raise typer.Exit(FINDINGS)
