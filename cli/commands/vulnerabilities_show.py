"""`hanwatch vulnerabilities show` and `assign`: everything of one finding or match, and who looks after it."""

from collections.abc import Iterator, Sequence
from typing import Annotated, TypeAlias

import typer

from cli.commands.vulnerabilities import due, what
from cli.ground import settings_of, there
from cli.options import DataOption, JsonOption
from cli.output import json_line, note, table, tell
from cli.parts.vulnerabilities import WithVulnerabilities
from cli.registers import ByOption, who
from inventory.vulnerabilities.documents import whole_document
from inventory.vulnerabilities.errors import VulnerabilityNotUnique, VulnerabilityUnknown
from inventory.vulnerabilities.kept import Ownership, ScanKept
from inventory.vulnerabilities.standing import Standing
from sensors.event.times import iso

IdArgument: TypeAlias = Annotated[str, typer.Argument(metavar="ID", help=tell("cli.vulnerabilities.id"))]


def show(context: typer.Context, id_: IdArgument, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Show a finding or a match: what is known of it, each exposure line by line, and what proves that it is closed."""
    with WithVulnerabilities(there(settings_of(context, data))) as house:
        found, scales = house.standings()
        scans = house.vulnerabilities.scans()
    one = _meant(found, id_)
    if as_json:
        json_line(whole_document(one, scans, scales.now))
        return
    table(("", ""), _known(one, scans, scales.now))
    for each in one.exposures:
        names = (each.weakness, "value", "weight")
        rows = [
            (tell(f"cli.vulnerabilities.line.{line.code}"), line.value, f"× {line.weight:g}") for line in each.lines
        ]
        rows.append((tell("cli.vulnerabilities.column.exposure"), "", f"= {each.score:.2f}"))
        headings = (names[0], *(tell(f"cli.vulnerabilities.column.{name}") for name in names[1:]))
        table(headings, rows, right={2}, fold={1})
    if one.due is not None and not one.due.rule.verified:
        note("cli.vulnerabilities.unverified")


def assign(
    context: typer.Context,
    id_: IdArgument,
    owner: Annotated[str, typer.Argument(metavar="OWNER", help=tell("cli.vulnerabilities.assign.owner"))],
    text: Annotated[
        str | None,
        typer.Option("--note", metavar="TEXT", help=tell("cli.vulnerabilities.assign.note"), show_default=False),
    ] = None,
    by: ByOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say who looks after a finding or a match; a note stays as it was unless another is given."""
    with WithVulnerabilities(there(settings_of(context, data))) as house:
        found, scales = house.standings()
        one = _meant(found, id_)
        kept = one.ownership.note if text is None else text
        house.vulnerabilities.assign(one.id, Ownership(owner, kept, scales.now, who(by)))
    if as_json:
        json_line({"id": one.id, "owner": owner, "note": kept or None})
    else:
        note("cli.vulnerabilities.assign.done", id=one.id, owner=owner)


def _meant(found: Sequence[Standing], name: str) -> Standing:
    meant = [one for one in found if one.id.startswith(name)] if name else []
    if not meant:
        raise VulnerabilityUnknown(id=name)
    if len(meant) > 1:
        raise VulnerabilityNotUnique(id=name, found=", ".join(one.id for one in meant[:5]))
    return meant[0]


def _known(one: Standing, scans: dict[str, ScanKept], now: int) -> Iterator[tuple[str, str]]:
    facts, said = one.facts, {
        "id": one.id,
        "what": what(one),
        "asset": one.facts.code,
        "system": one.facts.system,
        "unit": one.facts.unit,
        "district": one.facts.district,
        "severity": tell(f"cli.vulnerabilities.severity.{one.severity}"),
        "due": due(one, now),
        "owner": one.owner,
        "note": one.ownership.note,
    }
    if facts.asset.grade is not None:
        said["grade"] = str(facts.asset.grade)
    if one.tracked is not None and one.bound is not None:
        said |= {
            "first": iso(one.tracked.first_seen), "last": iso(one.tracked.last_seen),
            "reopened": str(one.tracked.reopened or ""), "evidence": one.tracked.latest.evidence,
            "bound": tell(f"cli.vulnerabilities.bound.{_bound(one)}", number=len(one.bound.assets)),
        }  # fmt: skip
        if one.tracked.closed is not None:
            scan = scans.get(one.tracked.closed_by)
            said["proof"] = f"{iso(one.tracked.closed)} {scan.scanner if scan else ''} {scan.file if scan else ''}"
    if one.match is not None:
        said |= {
            "criterion": one.match.criterion, "range": one.match.range,
            "reasons": "; ".join(tell(f"cli.vulnerabilities.reason.{each}") for each in one.match.reasons),
        }  # fmt: skip
    for key, value in said.items():
        if value:
            yield tell(f"cli.vulnerabilities.column.{key}"), value
    for each in one.advisories:
        links = " ".join(each.references[:3])
        yield each.id, " · ".join(filter(None, (each.cnnvd, each.title_zh or each.title_en, links)))


def _bound(one: Standing) -> str:
    if one.bound is None or not one.bound.assets:
        return "none"
    if len(one.bound.assets) > 1:
        return "several"
    return one.bound.by if one.bound.then else f"{one.bound.by}_now"
