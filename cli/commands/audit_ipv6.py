"""`hanwatch audit ipv6`: how ready web sites are for IPv6, and what has to be mended by whom."""

import csv
import socket
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from io import StringIO
from pathlib import Path
from typing import Annotated, Final

import typer

from cli.ground import settings_of
from cli.options import DataOption
from cli.output import FAILED, FINDINGS, complain, json_line, language, note, stdout, table, tell
from cli.parts.inventory import WithInventory
from cli.parts.ipv6 import COLUMNS, repair_text, report_document, rows_of, score_text
from cli.progress import progress
from cli.registers import who
from inventory.ipv6 import registered
from inventory.ipv6.auditing import Plan, Report, audit
from inventory.ipv6.errors import NoResolver, NoSites, ProfileUnknown, ResolverUnusable, TrustUnusable
from inventory.ipv6.listing import listed
from inventory.ipv6.measuring import Manner
from inventory.ipv6.model import Site, Status
from inventory.ipv6.profiles import Profile, profiles
from inventory.ipv6.settings import usual_measures
from inventory.ipv6.sites import read_sites, site_of
from inventory.ipv6.supporting import Supported
from inventory.model import Batch, Moment
from inventory.probing.asking import place_of
from inventory.probing.dialing import Trust, trust
from inventory.probing.model import Limits
from inventory.probing.network import SystemNetwork, configured_resolvers
from inventory.probing.urls import literal
from sensors.errors import Place, Problem

_TOLD: Final[tuple[Status, ...]] = ("fail", "partial", "unknown")
_SUPPORTED: Final[tuple[Supported, ...]] = ("yes", "no", "unknown")


class Format(StrEnum):
    """How reports are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def audit_ipv6(
    context: typer.Context,
    sites: Annotated[
        list[str] | None,
        typer.Option("--site", metavar="URL", help=tell("cli.audit.ipv6.site"), show_default=False),
    ] = None,
    files: Annotated[
        list[Path] | None,
        typer.Option("--sites", metavar="FILE", help=tell("cli.audit.ipv6.sites"), show_default=False),
    ] = None,
    resolvers: Annotated[
        list[str] | None,
        typer.Option("--resolver", metavar="ADDRESS", help=tell("cli.audit.ipv6.resolver"), show_default=False),
    ] = None,
    profile: Annotated[
        str, typer.Option("--profile", metavar="NAME", help=tell("cli.audit.ipv6.profile"))
    ] = "cac-like",
    rounds: Annotated[
        int, typer.Option("--rounds", metavar="NUMBER", min=1, max=100, help=tell("cli.audit.ipv6.rounds"))
    ] = 3,
    pause: Annotated[
        float, typer.Option("--pause", metavar="SECONDS", min=0, help=tell("cli.audit.ipv6.pause"))
    ] = 60.0,
    spacing: Annotated[
        float, typer.Option("--spacing", metavar="SECONDS", min=0, help=tell("cli.audit.ipv6.spacing"))
    ] = usual_measures().spacing_seconds,
    rate: Annotated[
        float, typer.Option("--rate", metavar="NUMBER", min=0.01, max=1_000, help=tell("cli.audit.ipv6.rate"))
    ] = 5.0,
    together: Annotated[
        int, typer.Option("--together", metavar="NUMBER", min=1, max=64, help=tell("cli.audit.ipv6.together"))
    ] = 4,
    controls: Annotated[
        list[str] | None,
        typer.Option("--control", metavar="NAME", help=tell("cli.audit.ipv6.control"), show_default=False),
    ] = None,
    authorities: Annotated[
        Path | None, typer.Option("--ca", metavar="FILE", help=tell("cli.audit.ipv6.ca"), show_default=False)
    ] = None,
    private: Annotated[bool, typer.Option("--private", help=tell("cli.audit.ipv6.private"))] = False,
    vantage: Annotated[
        str | None, typer.Option("--vantage", metavar="NAME", help=tell("cli.audit.ipv6.vantage"), show_default=False)
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="NUMBER", help=tell("cli.audit.ipv6.seed"))] = 0,
    form: Annotated[Format, typer.Option("--format", help=tell("cli.audit.ipv6.format"))] = Format.TABLE,
    record: Annotated[bool, typer.Option("--record", help=tell("cli.audit.ipv6.record"))] = False,
    data: DataOption = None,
) -> None:
    """Look at sites in rounds and print a report of each; exit 1 with findings, 3 where the probe has no IPv6."""
    chosen = _profile(profile)
    named, problems = _sites(sites or (), files or ()) if sites or files else _registered(context, data)
    usual = usual_measures()
    measures = replace(usual, spacing_seconds=spacing, controls=tuple(controls) if controls else usual.controls)
    manner = Manner(measures, vantage or socket.gethostname(), rate, seed)
    network = SystemNetwork(_resolvers(resolvers or ()), _trust(authorities), time.time_ns, Limits(), private=private)
    for problem in problems:
        complain(problem)
    with progress("cli.audit.ipv6.progress") as show:

        def told(number: int, site: Site | None, step: str) -> None:
            show(f"{number}/{rounds} {site.host if site else ''} {step}")

        reports = list(audit(named, network, manner, Plan(rounds, pause, together), chosen, told))
    _print(reports, form, chosen, manner.vantage)
    _tell(reports)
    if record:
        _record(context, data, reports)
    if problems or any(one.last.measurement is None for one in reports):
        raise typer.Exit(FAILED)
    if any(one.findings for one in reports):
        raise typer.Exit(FINDINGS)


def _profile(name: str) -> Profile:
    if name not in profiles():
        raise ProfileUnknown(name=name, known=list(profiles()))
    return profiles()[name]


def _sites(urls: Sequence[str], files: Sequence[Path]) -> tuple[list[Site], list[Problem]]:
    """The sites that were named, each once, and what is wrong with lines of files."""
    found = [site_of(url) for url in urls]
    problems: list[Problem] = []
    for file in files:
        more, wrong = read_sites(file)
        found += more
        problems += wrong
    sites = list({site.url: site for site in reversed(found)}.values())[::-1]
    if not sites and not problems:
        raise NoSites
    return sites, problems


def _registered(context: typer.Context, data: Path | None) -> tuple[list[Site], list[Problem]]:
    """The websites of the register, where nobody named any."""
    settings = settings_of(context, data)
    if not settings.data.is_dir():
        raise NoSites
    with WithInventory(settings) as house:
        found = list(registered.sites(house.inventory, Moment(house.clock())))
    named = [one for one in found if isinstance(one, Site)]
    problems = [one for one in found if not isinstance(one, Site)]
    if not named and not problems:
        raise NoSites
    return named, problems


def _record(context: typer.Context, data: Path | None, reports: Sequence[Report]) -> None:
    """Let the register say which sites support IPv6, as it was seen."""
    with WithInventory(settings_of(context, data)) as house:
        moment, inventory = Moment(house.clock()), house.inventory
        changes = list(registered.changes(inventory, reports, moment))
        if changes:
            inventory.write(Batch(moment.valid, who(None), "audit ipv6"), {"sites": changes})
    note("cli.audit.ipv6.recorded", sites=f"{len(changes):,}")


def _resolvers(named: Sequence[str]) -> tuple[str, ...]:
    found = tuple(named) or configured_resolvers()
    if not found:
        raise NoResolver
    for one in found:
        try:
            address, port = place_of(one)
        except ValueError:
            address, port = "", 0
        if not literal(address) or not 0 < port < 65_536:
            raise ResolverUnusable(value=one)
    return found


def _trust(authorities: Path | None) -> Trust:
    try:
        return trust(authorities)
    except OSError as error:
        place = Place(str(authorities)) if authorities else None
        raise TrustUnusable(place=place, reason=error.strerror or str(error)) from None


def _print(reports: Sequence[Report], form: Format, profile: Profile, vantage: str) -> None:
    if form is Format.JSON:
        for one in reports:
            json_line(report_document(one, profile, vantage, language))
    elif form is Format.CSV:
        text = StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        for one in reports:
            writer.writerows(rows_of(one, language))
        stdout.write(text.getvalue())
    else:
        _tables(reports)


def _tables(reports: Sequence[Report]) -> None:
    headings = ("site", "supported", "score", "failed", "partial", "unknown")
    table(_headings(*headings), map(_row, reports), right=(2,), fold=(0, 3, 4, 5))
    acts = [(one.site.host, repair) for one in reports for repair in one.repairs]
    if acts:
        stdout.write("\n")
        table(
            _headings("site", "mender", "points", "repair"),
            [
                (host, tell(f"ipv6.mender.{act.mender}"), f"{act.points:.1f}", repair_text(act, language))
                for host, act in acts
            ],
            right=(2,),
        )
    beside = [
        (tell(f"ipv6.listed.{item.topic}"), item.subject, tell(f"ipv6.state.{item.state}"), item.detail)
        for one in reports
        if one.last.measurement
        for item in listed(one.last.measurement)
    ]
    # What several sites have in common, such as their zone, is told once.
    beside = list(dict.fromkeys(beside))
    if beside:
        stdout.write("\n")
        table(_headings("listed", "subject", "there", "detail"), beside)


def _headings(*names: str) -> list[str]:
    return [tell(f"cli.audit.ipv6.column.{name}") for name in names]


def _row(report: Report) -> list[str]:
    outcomes = report.last.outcomes
    words = [" ".join(one.check for one in outcomes if one.status == wanted) for wanted in _TOLD]
    return [report.site.host, tell(f"ipv6.supported.{report.supported}"), score_text(report) or "-", *words]


def _tell(reports: Sequence[Report]) -> None:
    """What a person has to know beside the reports: that the probe did not work, and how many sites are what."""
    failed = {one.probe.reason for report in reports for one in report.rounds if not one.probe.well}
    for reason in sorted(failed):
        note("cli.audit.ipv6.probe", reason=tell(f"reason.{reason}"))
    counts = Counter(one.supported for one in reports)
    words = {state: f"{counts[state]:,}" for state in _SUPPORTED}
    note("cli.audit.ipv6.done", sites=f"{len(reports):,}", **words)
