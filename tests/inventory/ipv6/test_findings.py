"""Findings have ids that last, and what follows from one thing counts there."""

import pytest

from inventory.ipv6.checks.registry import judged
from inventory.ipv6.findings import Finding, findings
from inventory.ipv6.profiles import profiles
from tests.inventory.ipv6.synthetic import APEX, WWW, City
from tests.inventory.serving import WebServer

PROFILE = profiles()["cac-like"]


def found(city: City) -> tuple[Finding, ...]:
    seen = city.look()
    return findings(seen, judged(seen), PROFILE)


def test_two_runs_find_the_same_by_the_same_ids(city: City) -> None:
    city.zone.drop(f"ns2.{APEX}", "AAAA")
    del city.pages["/about/"]
    one, other = found(city), found(city)
    assert [finding.id for finding in one] == [finding.id for finding in other]
    assert len({finding.id for finding in one}) == len(one) == 2
    city.pages["/about/"] = city.pages4["/about/"]
    (left,) = found(city)
    assert left.id == next(finding.id for finding in one if finding.check == "A3")


def test_ids_are_what_they_were(city: City) -> None:
    city.zone.drop(WWW, "AAAA")
    (finding,) = found(city)
    assert finding.id == "08d1dac650496496"


def test_everything_that_follows_from_a_missing_record_counts_there(city: City) -> None:
    city.zone.drop(WWW, "AAAA")
    (finding,) = found(city)
    assert (finding.check, finding.fault.subject) == ("A1", WWW)
    assert finding.points == pytest.approx(8 + 15 + 10 + 5 + 15 + 15 + 6 + 4 + 10), "all but name servers"


def test_what_follows_counts_at_the_sites_own_host(city: City) -> None:
    for name in (WWW, APEX):
        city.zone.drop(name, "AAAA")
    own, counterpart = found(city)
    assert (own.fault.subject, counterpart.fault.subject) == (WWW, APEX)
    assert (own.points, counterpart.points) == (pytest.approx(4 + 80), pytest.approx(4))


def test_points_of_all_findings_are_what_the_score_lacks(city: City) -> None:
    city.zone.drop(f"ns2.{APEX}", "AAAA")
    del city.pages["/about/"], city.pages["/news/2"]
    points = sum(finding.points for finding in found(city))
    assert points == pytest.approx(3 + 15 / 2 + 15 / 2)


def test_an_open_port_is_a_finding_without_points(city: City) -> None:
    city.serve(WebServer("240e:3a1:100::80", 8080, {}))
    (finding,) = found(city)
    assert (finding.check, finding.points, finding.fault.reason) == ("ports", 0, "port-exposed")
