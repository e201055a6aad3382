"""`hanwatch vulnerabilities list` and `exposure`: what stands open, with whom, by when, and how much it exposes."""

from itertools import islice
from typing import Annotated

import typer

from cli.ground import settings_of, there
from cli.options import DataOption, JsonOption
from cli.output import json_line, note, table, tell
from cli.parts.vulnerabilities import WithVulnerabilities
from inventory.days import day_of
from inventory.finding import find
from inventory.model import Moment
from inventory.registers import registers
from inventory.vulnerabilities.documents import standing_document, total_document
from inventory.vulnerabilities.model import Severity
from inventory.vulnerabilities.standing import Grouping, Standing, totals

_TOP = 3
"""Lines of a total that a table has room for."""


def list_standings(
    context: typer.Context,
    opened: Annotated[
        bool | None,
        typer.Option("--open/--closed", help=tell("cli.vulnerabilities.list.opened"), show_default=False),
    ] = None,
    unit: Annotated[
        str | None,
        typer.Option("--unit", metavar="NAME", help=tell("cli.vulnerabilities.list.unit"), show_default=False),
    ] = None,
    severity: Annotated[
        Severity | None,
        typer.Option(
            "--severity",
            metavar="SEVERITY",
            help=tell("cli.vulnerabilities.list.severity"),
            show_default=False,
        ),
    ] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help=tell("cli.vulnerabilities.list.overdue"))] = False,
    limit: Annotated[int, typer.Option("--limit", metavar="NUMBER", min=1, help=tell("cli.inventory.limit"))] = 50,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """List findings of scanners and matches of advisories, the most exposed first."""
    with WithVulnerabilities(there(settings_of(context, data))) as house:
        asked = None if unit is None else find(house.inventory, registers()["units"], unit, Moment(house.clock()))
        found, scales = house.standings()
    now = scales.now
    wanted = [
        one for one in found
        if opened in {None, one.open} and asked in {None, one.facts.unit_id} and severity in {None, one.severity}
        and (not overdue or _overdue(one, now))
    ]  # fmt: skip
    if as_json:
        for one in wanted:
            json_line(standing_document(one, now))
        return
    if not found:
        note("cli.vulnerabilities.list.nothing")
        return
    names = ("id", "status", "asset", "unit", "severity", "exposure", "due", "owner", "what")
    rows = (
        (
            one.id[:12], tell(f"cli.vulnerabilities.{_state(one)}"), one.facts.code, one.facts.unit or "-",
            tell(f"cli.vulnerabilities.severity.{one.severity}"), f"{one.score:.2f}", due(one, now), one.owner or "-",
            what(one),
        )
        for one in islice(wanted, limit)
    )  # fmt: skip
    table(tuple(tell(f"cli.vulnerabilities.column.{name}") for name in names), rows, right={5})
    if len(wanted) > limit:
        note("cli.inventory.more", limit=f"{limit:,}")
    if any(one.due is not None and not one.due.rule.verified for one in wanted):
        note("cli.vulnerabilities.unverified")


def exposure(
    context: typer.Context,
    by: Annotated[
        Grouping,
        typer.Option("--by", metavar="unit|district|system", help=tell("cli.vulnerabilities.exposure.by")),
    ] = "unit",
    top: Annotated[
        int, typer.Option("--top", metavar="NUMBER", min=1, max=1_000, help=tell("cli.vulnerabilities.exposure.top"))
    ] = _TOP,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add up what is open, each weakness of an asset once, with the greatest lines of each total."""
    with WithVulnerabilities(there(settings_of(context, data))) as house:
        found, scales = house.standings()
    added = totals(found, by, scales)
    if as_json:
        for one in added:
            json_line(total_document(one, by, top))
        return
    if not added:
        note("cli.vulnerabilities.list.nothing")
        return
    names = (by, "exposure", "assets", "weaknesses", "late", "top")
    rows = (
        (
            one.name or "-", f"{one.score:,.2f}", f"{one.assets:,}", f"{len(one.lines):,}", f"{one.overdue:,}",
            "; ".join(f"{facts.code} {each.weakness} {each.score:.2f}" for facts, each in one.lines[:top]),
        )
        for one in added
    )  # fmt: skip
    table(tuple(tell(f"cli.vulnerabilities.column.{name}") for name in names), rows, right={1, 2, 3, 4})
    if not scales.weights.verified:
        note("cli.vulnerabilities.weights")


def due(one: Standing, now: int) -> str:
    """The day by which a thing is to be mended, told where it has passed, with its rule."""
    if one.due is None:
        return "-"
    late = f" {tell('cli.vulnerabilities.late')}" if one.due.overdue(now) else ""
    return f"{day_of(one.due.due)}{late} ({one.due.rule.id})"


def what(one: Standing) -> str:
    """What was found or matches, in a line."""
    if one.match is not None and one.software is not None:
        installed = one.software.installation
        certainty = tell(f"cli.vulnerabilities.certainty.{one.match.certainty}")
        return f"{one.match.advisory} · {installed.name} {installed.version} [{one.match.range}] · {certainty}"
    latest = one.tracked.latest if one.tracked else None
    if latest is None:
        return one.title
    place = f":{latest.port}" if latest.port else ""
    return " · ".join(filter(None, (one.title, f"{latest.target}{place}", ", ".join(latest.cves[:3]))))


def _overdue(one: Standing, now: int) -> bool:
    return one.due is not None and one.due.overdue(now)


def _state(one: Standing) -> str:
    if one.match is not None:
        return "match"
    if one.tracked is not None and one.tracked.status == "open" and one.tracked.reopened:
        return "reopened"
    return "open" if one.open else "closed"
