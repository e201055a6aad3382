"""The test of the probe itself: with IPv6, without any, and broken in between."""

from inventory.ipv6.auditing import Plan, audit
from inventory.ipv6.measuring import Manner
from inventory.ipv6.model import SelfTest
from inventory.ipv6.probe import self_test
from inventory.ipv6.profiles import profiles
from inventory.ipv6.sites import site_of
from inventory.probing.dialing import trust
from inventory.probing.network import SystemNetwork
from tests.inventory.ipv6.synthetic import (
    CONTROL,
    CONTROL_NAME,
    LIMITS,
    MEASURES,
    NOWHERE,
    OTHER6,
    RESOLVERS,
    V4,
    V6,
    WWW,
    City,
)
from tests.inventory.serving import NameServer, Zone, own_addresses


def probed(city: City, *names: str) -> SelfTest:
    return self_test(city.network(), names or (CONTROL_NAME,))


def test_one_control_name_suffices(city: City) -> None:
    found = probed(city, "nobody.example.net", CONTROL_NAME)
    assert (found.well, found.reason) == (True, "")
    assert found.evidence[-1].answer == "TCP 443: open"


def test_no_control_name_resolves(city: City) -> None:
    city.zone.put(CONTROL_NAME, "AAAA", "::1")
    assert probed(city).reason == "ipv6-no-controls"
    for server in city.resolvers:
        server.twist = lambda _query, _transport: []
    assert probed(city).reason == "ipv6-no-controls"


def test_a_machine_without_any_ipv6() -> None:
    with own_addresses(V4):
        zone = Zone()
        zone.put(CONTROL_NAME, "AAAA", CONTROL)
        zone.put(WWW, "AAAA", V6)
        server = NameServer(zone, RESOLVERS[0])
        network = SystemNetwork(RESOLVERS, trust(), lambda: 0, LIMITS)
        assert self_test(network, (CONTROL_NAME,)).reason == "ipv6-no-route"
        manner = Manner(MEASURES, rate=1_000)
        (report,) = audit([site_of(f"https://{WWW}/")], network, manner, Plan(2), profiles()["cac-like"])
        server.close()
    assert (report.supported, report.findings, report.scores) == ("unknown", (), ())
    assert {name for _, _, name, _ in zone.asked} == {CONTROL_NAME}, "the site is not even asked for"


def test_no_route(city: City) -> None:
    city.zone.put(CONTROL_NAME, "AAAA", NOWHERE)
    found = probed(city)
    assert (found.well, found.reason) == (False, "ipv6-no-route")
    assert found.evidence[-1].source == NOWHERE


def test_nobody_answers(city: City) -> None:
    city.zone.put(CONTROL_NAME, "AAAA", OTHER6)
    assert probed(city).reason == "ipv6-controls-silent"
