"""`hanwatch audit …`: the registers held against laws, standards, the plan and each other, as of any day."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

from api.audits.documents import word
from api.audits.errors import FormatNeedsFile
from api.audits.report import report_of
from cli.ground import settings_of, there
from cli.options import DataOption, JsonOption
from cli.output import FINDINGS, language, note, stdout, tell
from cli.parts.audits import Printing, without_collecting, write_report
from cli.parts.inventory import WithInventory
from cli.progress import progress
from inventory.audits.baseline import compared, read_baseline
from inventory.audits.rules import AUDITS
from inventory.audits.scope import read_scope
from inventory.audits.service import Asked, audited
from inventory.days import ZONE, day_of, end_of, read_day
from inventory.errors import NoDay
from inventory.model import Moment
from sensors.event.times import SECOND

Format: TypeAlias = Literal["table", "json", "csv", "xlsx", "html", "pdf"]
_INTO_FILES = frozenset({"xlsx", "pdf"})
AsOfOption: TypeAlias = Annotated[
    str | None, typer.Option("--as-of", metavar="DAY", help=tell("cli.audit.as-of"), show_default=False)
]
ScopeOption: TypeAlias = Annotated[str, typer.Option("--scope", metavar="SCOPE", help=tell("cli.audit.scope"))]
FormatOption: TypeAlias = Annotated[Format, typer.Option("--format", metavar="FORMAT", help=tell("cli.audit.format"))]
BaselineOption: TypeAlias = Annotated[
    Path | None, typer.Option("--baseline", metavar="FILE", help=tell("cli.audit.baseline"), show_default=False)
]
OutputOption: TypeAlias = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help=tell("cli.audit.output"), show_default=False)
]
LimitOption: TypeAlias = Annotated[
    int | None,
    typer.Option("--limit", metavar="NUMBER", min=1, help=tell("cli.audit.limit"), show_default=False),
]
FontsOption: TypeAlias = Annotated[
    Path | None,
    typer.Option("--fonts", metavar="DIR", envvar="HANWATCH_FONTS", help=tell("cli.audit.fonts"), show_default=False),
]
_LISTED = {"table": 10, "html": 200, "pdf": 50}
"""Findings of a rule that are listed where nobody says how many."""


def _command(*audits: str) -> Callable[..., None]:
    """The command that runs these audits."""

    def audit(
        context: typer.Context,
        as_of: AsOfOption = None,
        scope: ScopeOption = "city",
        format_: FormatOption = "table",
        baseline: BaselineOption = None,
        output: OutputOption = None,
        limit: LimitOption = None,
        fonts: FontsOption = None,
        data: DataOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Audit the registers; exit 1 where something is found."""
        form: Format = "json" if as_json else format_
        if form in _INTO_FILES and output is None:
            raise FormatNeedsFile(format=form)
        part = read_scope(scope)
        earlier = None if baseline is None else read_baseline(baseline)
        with WithInventory(there(settings_of(context, data))) as house:
            now = house.clock()
            day = day_of(now) if as_of is None else _day(as_of)
            # What is known now of that day; of today, of this moment.
            moment = Moment(now if as_of is None else end_of(day) - 1, now)
            with progress("cli.audit.running") as show, without_collecting():
                found = audited(
                    house.inventory, Asked(audits, day, moment, part), lambda rule: show(word(rule.title, language))
                )
        against = None
        if earlier is not None:
            looked = {one.rule.id for one in found.outcomes}
            against = earlier, compared(found.findings, earlier, looked)
        change = None if against is None else against[1]
        report = report_of(found, against, language, printed=_printed(now), limit=limit or _LISTED.get(form, 1))
        write_report(form, Printing(found, change, report, fonts), output)
        if output is not None:
            note("cli.audit.written", file=output, findings=f"{len(found.findings):,}")
        stdout.flush()
        if change.new if change is not None else found.findings:
            raise typer.Exit(FINDINGS)

    return audit


def _printed(now: int) -> str:
    """The time in the city."""
    return f"{datetime.fromtimestamp(now // SECOND, ZONE):%Y-%m-%d %H:%M}"


def _day(text: str) -> str:
    day = read_day(text)
    if day is None:
        raise NoDay(text=text)
    return day


mlps = _command("mlps")
crypto = _command("crypto")
cii = _command("cii")
data = _command("data")
cloud = _command("cloud")
networks = _command("networks")
iot = _command("iot")
exposure = _command("exposure")
contradictions = _command("contradictions")
all_audits = _command(*AUDITS)
