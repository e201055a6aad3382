"""Many sites in rounds: whole, broken, without IPv6, with a probe that loses it."""

import threading
import time
from dataclasses import replace

import pytest

from inventory.ipv6 import auditing
from inventory.ipv6.auditing import Plan, Report, audit
from inventory.ipv6.measuring import Manner
from inventory.ipv6.model import Measurement, Site
from inventory.ipv6.profiles import profiles
from inventory.ipv6.sites import site_of
from tests.inventory.ipv6.synthetic import APEX, CONTROL_NAME, LIMITS, MEASURES, NOWHERE, V4, V6, WWW, City
from tests.inventory.serving import WebServer, redirect

WHOLE = site_of(f"https://{WWW}/")
BARE = site_of(f"http://bare.{APEX}/")


def audited(city: City, *sites: Site, rounds: int = 3, told: object = None) -> list[Report]:
    manner = Manner(MEASURES, "test", rate=2_000)
    more = {} if told is None else {"told": told}
    return list(audit(sites, city.network(), manner, Plan(rounds), profiles()["cac-like"], **more))  # type: ignore[arg-type]


def test_sites_whole_and_without_ipv6(city: City) -> None:
    city.zone.put(f"bare.{APEX}", "A", V4)
    whole, bare = audited(city, WHOLE, BARE)
    assert (whole.supported, whole.findings) == ("yes", ())
    assert (bare.supported, bare.scores[0].value) == ("no", pytest.approx(100 * 12 / 100))
    assert [one.measurement.depth for one in whole.rounds if one.measurement] == ["reach", "reach", "full"]
    assert [one.profile for one in whole.scores] == ["cac-like", "internet.nl", "usgv6"]
    assert whole.scores[1].value == 100
    assert bare.scores[2].states == {"dns": "green", "web": "red"}


def test_a_probe_that_loses_ipv6_makes_no_site_fail(city: City) -> None:
    def told(number: int, site: Site | None, _step: str) -> None:
        if number == 2 and site is None:
            city.zone.put(CONTROL_NAME, "AAAA", NOWHERE)

    (report,) = audited(city, WHOLE, told=told)
    assert (report.supported, report.findings) == ("unknown", ())
    assert [one.probe.well for one in report.rounds] == [True, False, False]
    assert report.scores[0].value is None, "the rounds that worked measured too little"
    assert report.scores[0].known < 0.8


def test_a_site_that_fails_in_one_round_is_not_supported(city: City) -> None:
    def told(number: int, site: Site | None, _step: str) -> None:
        if site is None:
            city.pages["/"] = redirect("/") if number == 2 else city.pages4["/"]

    (report,) = audited(city, WHOLE, told=told)
    assert report.supported == "no"
    assert report.scores[0].value == 100, "the depth is another matter"


def test_what_is_intentionally_absent_is_not_missed_but_an_open_port_is(city: City) -> None:
    city.zone.put(f"bare.{APEX}", "A", V4)
    (report,) = audited(city, replace(BARE, absent="closed network"), rounds=1)
    assert (report.findings, report.repairs) == ((), ())
    city.serve(WebServer(V6, 8080, {}))
    (report,) = audited(city, replace(WHOLE, absent="closed network"), rounds=1)
    assert [one.check for one in report.findings] == ["ports"]


def test_reports_come_in_the_order_of_the_sites(city: City) -> None:
    sites = [site_of(f"http://s{number}.{APEX}/") for number in range(12)]
    for site in sites:
        city.zone.put(site.host, "AAAA", V6)
    assert [one.site for one in audited(city, *sites, rounds=1)] == sites


def test_an_interrupt_does_not_wait_for_the_sites(city: City) -> None:
    stop = threading.Event()

    def silent(_handler: object) -> None:
        stop.wait(20)

    city.pages["/"] = silent
    network = city.network(replace(LIMITS, exchange_seconds=1))

    def told(_number: int, _site: Site | None, step: str) -> None:
        if step == "done":
            raise KeyboardInterrupt

    city.zone.put(f"bare.{APEX}", "A", V4)
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        list(audit([WHOLE, BARE], network, Manner(MEASURES, rate=1), Plan(1), profiles()["cac-like"], told))
    for thread in [one for one in threading.enumerate() if one.name.startswith("site")]:
        thread.join()
    assert time.monotonic() - begun < 8
    stop.set()


def test_what_is_not_foreseen_of_one_site_does_not_end_the_others(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = auditing.measure

    def broken(site: Site, *more: object) -> Measurement:
        if site == BARE:
            raise ZeroDivisionError("made by the test")
        return real(site, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(auditing, "measure", broken)
    whole, bare = audited(city, WHOLE, BARE)
    assert (whole.supported, bare.supported) == ("yes", "unknown")
    assert (bare.last.probe.reason, bare.findings) == ("ipv6-unforeseen", ())
    assert bare.last.probe.evidence[0].answer == "ZeroDivisionError: made by the test"


def test_bodies_are_not_kept(city: City) -> None:
    (report,) = audited(city, WHOLE, rounds=1)
    seen = report.last.measurement
    assert seen is not None
    assert seen.home4 is not None
    assert (seen.home6.last.body, seen.home4.last.body, seen.again4) == (b"", b"", None)
    assert report.scores[0].value == 100
