"""`hanwatch incidents grade`: measures of the harm, and the grade that they propose with the clause behind it."""

from typing import Annotated

import typer

from api.incident_documents import proposal_document
from cli.commands.incidents_change import ByOption, ExpectOption, IdArgument, who
from cli.commands.incidents_show import found
from cli.ground import settings_of, there
from cli.options import DataOption, JsonOption
from cli.output import json_line, language, note, out, table, tell
from cli.parts.incidents import WithIncidents
from correlation.incidents.grading import Finding, Guide, Proposal, Threshold
from correlation.incidents.log import folded


def grade(
    context: typer.Context,
    incident_id: IdArgument,
    measures: Annotated[
        list[str] | None,
        typer.Option("--measure", metavar="NAME=NUMBER", help=tell("cli.incidents.measure"), show_default=False),
    ] = None,
    by: ByOption = None,
    expect: ExpectOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Collect measures of the harm and propose a grade; without any, say what is known and what is not."""
    with WithIncidents(there(settings_of(context, data))) as house:
        incident = found(house.incidents, incident_id)
        guide = house.guide
        told = dict(folded(house.changes.log(incident.id)).measures)
        said = guide.checked(dict(one.partition("=")[::2] for one in measures or ()))
        proposal = guide.propose(told | said)
        if said:
            version = incident.version if expect is None else expect
            house.changes.grade(incident.id, told | said, proposal.grade.name, who=who(by), expected=version)
    if as_json:
        json_line({"incident": incident.id} | proposal_document(proposal, guide))
        return
    _print(proposal, guide)


def _print(proposal: Proposal, guide: Guide) -> None:
    name = proposal.grade.name_zh if language == "zh" else proposal.grade.name
    out.print(tell("cli.incidents.grade.proposed", grade=name, colour=tell(f"colour.{proposal.grade.colour}")))
    if not any(one.threshold for one in proposal.findings):
        out.print(tell("cli.incidents.grade.none"))
    if proposal.findings:
        headings = tuple(tell(f"cli.column.{one}") for one in ("measure", "number", "grade", "article", "verified"))
        table(headings, (_cells(one, guide) for one in proposal.findings), fold=(0, 3))
    if proposal.open:
        out.print(tell("cli.incidents.grade.open", measures=", ".join(one.name for one in proposal.open)))
    note("cli.incidents.grade.source", source=guide.source, version=guide.version, valid=guide.valid_from)
    note("cli.incidents.grade.notice")


def _cells(finding: Finding, guide: Guide) -> tuple[str, ...]:
    measure, reached = finding.measure, finding.threshold
    title = measure.title_zh if language == "zh" else measure.title
    number = f"{finding.number:,.12g} {measure.unit}"
    if reached is None:
        return f"{measure.name} ({title})", number, "-", "-", "-"
    return f"{measure.name} ({title})", number, _grade(reached, guide), _article(reached, measure.unit), _sure(reached)


def _grade(reached: Threshold, guide: Guide) -> str:
    grade_ = guide.grade(reached.grade)
    return grade_.name_zh if language == "zh" else grade_.name


def _article(reached: Threshold, unit: str) -> str:
    return f"{reached.article}: {tell('cli.incidents.grade.from', number=f'{reached.number:,.12g}', unit=unit)}"


def _sure(reached: Threshold) -> str:
    return tell("cli.incidents.grade.verified" if reached.verified else "cli.incidents.grade.verify")
