from inventory.ipv6.auditing import Report
from inventory.ipv6.model import Round, SelfTest, Site
from inventory.ipv6.registered import changes, sites
from inventory.model import Batch, Moment
from inventory.registers import registers
from sensors.errors import Problem
from tests.inventory.filling import NOON, Filled

SITES = registers()["sites"]


def _report(url: str, supported: object) -> Report:
    return Report(Site(url, url), (Round(1, NOON, SelfTest(well=True)),), supported)  # type: ignore[arg-type]


def test_websites_that_run_are_looked_at(filled: Filled) -> None:
    filled.fill("units", {"code": "U1", "name": "市局"})
    filled.fill(
        "sites",
        {"url": "https://a.example", "name": "甲", "unit": "U1", "aliases": "www.a.example"},
        {"url": "https://b.example", "name": "乙", "state": "下线"},
        {"url": "https://c.example", "name": "丙", "kind": "小程序"},
        {"url": "https://d.example", "name": "丁", "aliases": "not a host"},
    )
    found = list(sites(filled.inventory, Moment(NOON)))
    (site,) = (one for one in found if isinstance(one, Site))
    assert (site.name, site.unit, site.aliases) == ("甲", "U1", ("www.a.example",))
    (problem,) = (one for one in found if isinstance(one, Problem))
    assert problem.place is not None
    assert problem.place.file.startswith("sites/")


def test_what_is_known_is_recorded_and_what_is_not_stays(filled: Filled) -> None:
    filled.fill("sites", *({"url": f"https://{name}.example", "name": name} for name in "abc"))
    named = [one.url for one in sites(filled.inventory, Moment(NOON)) if isinstance(one, Site)]
    reports = [_report(url, said) for url, said in zip(named, ("yes", "no", "unknown"), strict=True)]
    reports.append(_report("https://elsewhere.example/", "yes"))
    made = list(changes(filled.inventory, reports, Moment(NOON)))
    filled.inventory.write(Batch(NOON, "tests", "audit"), {"sites": made})
    records = (one.values for one in filled.inventory.records(SITES, Moment(NOON)))
    assert {one["name"]: one.get("ipv6_supported") for one in records} == {"a": True, "b": False, "c": None}
