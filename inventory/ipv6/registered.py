"""Sites of the register as the audit looks at them, and what the audit says of them as changes of the register."""

from collections.abc import Iterable, Iterator

from inventory.days import day_of
from inventory.ipv6.auditing import Report
from inventory.ipv6.errors import SiteUnusable
from inventory.ipv6.model import Site
from inventory.ipv6.sites import site_of
from inventory.model import Change, Moment
from inventory.ports import Known
from inventory.registers import registers
from sensors.errors import Place, Problem


def sites(known: Known, moment: Moment) -> Iterator[Site | Problem]:
    """The websites that run at a moment, and what is wrong with others."""
    register = registers()["sites"]
    keys = ("url", "name", "unit", "aliases", "kind", "state")
    found = list(known.columns(register, keys, moment))
    units = known.named(registers()["units"], {row[3] for row in found if row[3]}, moment)
    for id_, url, name, unit, aliases, kind, state in sorted(found, key=lambda row: str(row[1])):
        if state in {"suspended", "retired"} or kind in {"app", "mini_program"}:
            continue
        try:
            yield site_of(url, name, units.get(unit, ""), aliases or ())
        except SiteUnusable as problem:
            yield SiteUnusable(place=Place(f"sites/{id_}"), **problem.parameters)


def changes(known: Known, reports: Iterable[Report], moment: Moment) -> Iterator[Change]:
    """What the register is to say from a moment on: of each site of which it is known whether it supports IPv6."""
    register = registers()["sites"]
    ids: dict[str, str] = {}
    for id_, url, aliases in known.columns(register, ("url", "aliases"), moment):
        try:
            ids[site_of(url, aliases=aliases or ()).url] = id_
        except SiteUnusable:
            continue
    for report in reports:
        id_ = ids.get(report.site.url, "")
        if id_ and report.supported != "unknown":
            said = {"ipv6_supported": report.supported == "yes", "ipv6_checked_on": day_of(report.last.at)}
            yield Change(id_, said, valid_from=moment.valid)
