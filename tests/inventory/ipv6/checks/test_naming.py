"""A1 to A4 against real name servers: each check with one that passes it and some that fail it."""

from collections.abc import Callable

import dns.flags
import dns.message
import dns.rcode
import pytest

from inventory.ipv6.model import Outcome
from inventory.ipv6.sites import site_of
from tests.inventory.ipv6.synthetic import APEX, NS6, V4, V6, WWW, City
from tests.inventory.serving import NameServer, WebServer


def told(outcome: Outcome) -> tuple[str, list[tuple[str, str]]]:
    return outcome.status, [(fault.reason, fault.subject) for fault in outcome.faults]


def coded(code: dns.rcode.Rcode) -> Callable[[dns.message.Message, str], bytes]:
    def twist(query: dns.message.Message, _transport: str) -> bytes:
        made = dns.message.make_response(query)
        made.set_rcode(code)
        return made.to_wire()

    return twist


def silent(_query: dns.message.Message, _transport: str) -> list[bytes]:
    return []


def nothing_of_ipv6(query: dns.message.Message, _transport: str) -> bytes | None:
    """As a resolver that filters AAAA answers."""
    return dns.message.make_response(query).to_wire() if query.question[0].rdtype == 28 else None


def test_both_names_by_both_resolvers(city: City) -> None:
    outcome = city.outcomes(depth="reach")["A1"]
    assert told(outcome) == ("pass", [])
    assert {(one.source, one.answer.split()[0]) for one in outcome.evidence} == {
        (server, name) for server in ("127.0.0.53", "127.0.0.54") for name in (WWW, APEX)
    }


def test_aliases_are_followed(city: City) -> None:
    city.zone.drop(WWW, "AAAA")
    city.zone.drop(WWW, "A")
    city.zone.put(WWW, "CNAME", "www.example.gov.cn.edge.example.net.")
    city.zone.put("www.example.gov.cn.edge.example.net", "AAAA", V6)
    city.zone.put("www.example.gov.cn.edge.example.net", "A", V4)
    outcomes = city.outcomes(depth="reach")
    assert (outcomes["A1"].status, outcomes["B1"].status) == ("pass", "pass")
    assert "CNAME" in outcomes["A1"].evidence[0].answer


def test_without_a_record_nothing_else_can_pass_and_one_record_mends_it(city: City) -> None:
    city.zone.drop(WWW, "AAAA")
    outcomes = city.outcomes()
    assert told(outcomes["A1"]) == ("fail", [("no-record", WWW)])
    assert {one.cause for check, one in outcomes.items() if one.status == "fail" and check != "A1"} == {"A1"}
    assert {check for check, one in outcomes.items() if one.status == "fail"} >= {"B1", "B2", "B3", "C1", "D1", "E4"}
    assert outcomes["A3"].status == outcomes["A4"].status == "pass"


def test_a_counterpart_without_a_record_is_half(city: City) -> None:
    city.zone.drop(APEX, "AAAA")
    outcome = city.outcomes(depth="reach")["A1"]
    assert told(outcome) == ("partial", [("no-record", APEX)])
    assert outcome.rate == 0.5


def test_a_counterpart_that_nobody_has_is_not_missed(city: City) -> None:
    city.zone.drop(APEX, "AAAA")
    city.zone.drop(APEX, "A")
    assert city.outcomes(depth="reach")["A1"].status == "pass"


def test_resolvers_that_differ_are_half(city: City) -> None:
    city.resolvers[1].twist = nothing_of_ipv6
    outcome = city.outcomes(depth="reach")["A1"]
    assert told(outcome) == ("partial", [("resolvers-differ", WWW), ("resolvers-differ", APEX)])


def test_a_resolver_that_says_nothing_is_left_out(city: City) -> None:
    city.resolvers[0].twist = silent
    outcomes = city.outcomes(depth="reach")
    assert (outcomes["A1"].status, outcomes["B1"].status) == ("pass", "pass")


@pytest.mark.parametrize("code", [dns.rcode.SERVFAIL, dns.rcode.REFUSED])
def test_an_error_of_all_resolvers_is_a_failure(city: City, code: dns.rcode.Rcode) -> None:
    for server in city.resolvers:
        server.twist = coded(code)
    assert told(city.outcomes(depth="reach")["A1"]) == ("fail", [("lookup-fails", WWW)])


def wrong_id(query: dns.message.Message, _transport: str) -> bytes:
    made = dns.message.make_response(query)
    made.id = (query.id + 1) % 65_536
    return made.to_wire()


def wrong_question(query: dns.message.Message, _transport: str) -> bytes:
    other = dns.message.make_query("other.example.net", "AAAA", id=query.id)
    return dns.message.make_response(other).to_wire()


def nonsense(_query: dns.message.Message, _transport: str) -> bytes:
    return b"\x00\xff" * 30


def flood(query: dns.message.Message, _transport: str) -> list[bytes]:
    return [wrong_id(query, "udp")] * 500


@pytest.mark.parametrize("twist", [silent, wrong_id, wrong_question, nonsense, flood])
def test_who_never_gets_an_answer_knows_nothing(city: City, twist: Callable[..., bytes | list[bytes]]) -> None:
    for server in city.resolvers:
        server.twist = twist
    outcomes = city.outcomes(depth="reach")
    assert {one.status for one in outcomes.values()} == {"unknown"}


def test_a_loop_of_aliases_ends(city: City) -> None:
    city.zone.drop(WWW, "AAAA")
    city.zone.put(WWW, "CNAME", f"b.{APEX}.")
    city.zone.put(f"b.{APEX}", "CNAME", f"{WWW}.")
    outcome = city.outcomes(depth="reach")["A1"]
    assert told(outcome) == ("fail", [("lookup-fails", WWW)])


@pytest.mark.parametrize(
    "address",
    ["::1", "::ffff:202.103.24.80", "2002:ca67:1850::1", "2001:0:1::1", "2001:db8::1", "fd00::1", "fe80::1",
     "64:ff9b::ca67:1850", "3fff::1", "100::1", "4000::1", "ff02::1"],
)  # fmt: skip
def test_special_addresses_fail_and_are_never_connected_to(city: City, address: str) -> None:
    city.zone.put(WWW, "AAAA", address)
    trap = city.serve(WebServer("::1", 443, {}, city.certificate))
    outcomes = city.outcomes()
    (fault,) = outcomes["A2"].faults
    assert outcomes["A2"].status == "fail"
    assert fault.reason == "address-special"
    assert (outcomes["B1"].status, outcomes["B1"].cause) == ("fail", "A2")
    assert trap.asked == []


def test_one_special_address_beside_a_good_one_fails_too(city: City) -> None:
    city.zone.put(WWW, "AAAA", V6, "fd00::1")
    outcomes = city.outcomes(depth="reach")
    assert told(outcomes["A2"]) == ("fail", [("address-special", "fd00::1")])
    assert outcomes["B1"].status == "pass"


def test_one_name_server_with_ipv6_is_half(city: City) -> None:
    city.zone.drop(f"ns2.{APEX}", "AAAA")
    outcomes = city.outcomes()
    assert told(outcomes["A3"]) == ("partial", [("server-no-record", f"ns2.{APEX}")])
    assert outcomes["A4"].status == "pass"


def test_no_name_server_with_ipv6(city: City) -> None:
    city.zone.drop(f"ns2.{APEX}", "AAAA")
    city.zone.put(f"ns1.{APEX}", "AAAA", "fd00::53")
    outcomes = city.outcomes()
    assert told(outcomes["A3"]) == ("fail", [("server-no-record", f"ns1.{APEX}"), ("server-no-record", f"ns2.{APEX}")])
    assert (outcomes["A4"].status, outcomes["A4"].cause) == ("fail", "A3")


def test_a_zone_with_a_single_name_server(city: City) -> None:
    city.zone.put(APEX, "NS", f"ns1.{APEX}.")
    assert told(city.outcomes()["A3"]) == ("partial", [("servers-few", APEX)])


def test_a_zone_that_is_not_found_is_not_known(city: City) -> None:
    city.zone.drop(APEX, "NS")
    outcomes = city.outcomes()
    assert (outcomes["A3"].status, outcomes["A4"].status) == ("unknown", "unknown")


def test_a_name_server_that_speaks_udp_only(city: City) -> None:
    city.shut(city.name_servers[1])
    city.serve(NameServer(city.zone, NS6[1], transports=("udp",)))
    outcome = city.outcomes()["A4"]
    assert told(outcome) == ("partial", [("server-silent", f"ns2.{APEX} tcp")])
    assert outcome.rate == 0.75


def test_name_servers_that_do_not_answer(city: City) -> None:
    for server in city.name_servers:
        city.shut(server)
    outcome = city.outcomes()["A4"]
    assert outcome.status == "fail"
    assert len(outcome.faults) == 4


def test_a_name_server_without_authority(city: City) -> None:
    def lame(query: dns.message.Message, _transport: str) -> bytes:
        made = city.zone.answer(query)
        made.flags &= ~dns.flags.AA
        return made.to_wire()

    city.name_servers[0].twist = lame
    outcome = city.outcomes()["A4"]
    assert told(outcome) == ("partial", [("server-lame", f"ns1.{APEX} udp"), ("server-lame", f"ns1.{APEX} tcp")])


def test_a_site_that_is_an_address_has_no_names(city: City) -> None:
    city.certificate = city.authority.certificate(V6)
    city.shut(city.web[6, 443])
    city.open(6, V6, 443, city.pages)
    outcomes = city.outcomes(site=site_of(f"https://[{V6}]/"))
    assert {check for check, one in outcomes.items() if one.status == "n/a"} >= {"A1", "A3", "A4", "D1"}
    assert (outcomes["A2"].status, outcomes["B1"].status) == ("pass", "pass")
