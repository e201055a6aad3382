"""`hanwatch doctor`: looks at everything the product needs and says what to do where something is missing."""

from collections.abc import Iterator
from dataclasses import dataclass

import typer

from api.messages import explain
from cli import checks
from cli.checks import Check, Examined, State
from cli.ground import settings_of
from cli.options import DataOption, JsonOption
from cli.output import FINDINGS, json_line, language, table, tell
from sensors.errors import Problem

MARKS: dict[State, str] = {"ok": "√", "hint": "!", "fault": "×"}
"""Signs that a terminal of GBK has as well as one of UTF-8."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    check: str
    state: State
    text: str


def doctor(context: typer.Context, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Check the machine, the data folder, the stores and the rules; exit 1 when something needs mending."""
    with Examined(settings_of(context, data)) as house:
        findings = [finding for name, check in CHECKS for finding in _run(name, check, house)]
    if as_json:
        for finding in findings:
            json_line({"check": finding.check, "state": finding.state, "text": finding.text})
    else:
        table(
            ("", tell("cli.column.check"), tell("cli.column.finding")),
            ((MARKS[finding.state], tell(f"check.{finding.check}"), finding.text) for finding in findings),
        )
    if any(finding.state == "fault" for finding in findings):
        raise typer.Exit(FINDINGS)


def _run(name: str, check: Check, house: Examined) -> Iterator[Finding]:
    try:
        for state, text in check(house):
            yield Finding(name, state, text)
    except Problem as problem:
        yield Finding(name, "fault", explain(problem, language))


CHECKS: tuple[tuple[str, Check], ...] = (
    # From the ground up: what stands on a faulty thing is faulty for the same reason.
    ("python", checks.python),
    ("memory", checks.memory),
    ("disk", checks.disk),
    ("spool", checks.spool),
    ("ledger", checks.ledger),
    ("store", checks.store),
    ("database", checks.database),
    ("rules", checks.rules),
    ("context", checks.context),
    ("feeds", checks.feeds),
    ("port", checks.port),
    ("listeners", checks.listeners),
    ("notify", checks.notify),
    ("packets", checks.packets),
)
