from ipaddress import ip_address
from pathlib import Path

import pytest

from sensors.capture.protocols.model import Context, NotThis
from sensors.capture.protocols.ndp import PROTOCOL, parse
from tests.sensors.capture import frames as made
from tests.sensors.capture.protocols.dialogues import Dialogue, own, told

CONTEXT = Context(PROTOCOL.signs[0].framing)
MAC = bytes.fromhex("020000000a0b")


def six(text: str) -> bytes:
    return ip_address(text).packed


def option(kind: int, body: bytes) -> bytes:
    assert (len(body) + 2) % 8 == 0
    return bytes([kind, (len(body) + 2) // 8]) + body


def prefix(network: str, length: int = 64, bits: int = 0xC0) -> bytes:
    return option(3, bytes([length, bits]) + (86_400).to_bytes(4, "big") + (14_400).to_bytes(4, "big") + bytes(4) + (
        six(network)
    ))


def router(*options: bytes, lifetime: int = 1_800, bits: int = 0x48) -> bytes:
    head = b"\x86\0\0\0" + bytes([64, bits]) + lifetime.to_bytes(2, "big")
    return head + bytes(4) + b"\0\0\3\xe8" + b"".join(options)


def neighbour(kind: int, target: str, *options: bytes, bits: int = 0) -> bytes:
    return bytes([kind, 0, 0, 0]) + bits.to_bytes(4, "big") + six(target) + b"".join(options)


ADVERTISEMENT = router(
    option(1, MAC), prefix("2001:db8:bad::"), prefix("fd00:1::", 48, 0x80), option(5, b"\0\0\0\0\5\xdc"),
    option(25, b"\0\0\0\0\2\x58" + six("2001:db8::53") + six("2001:db8::54")),
    option(31, b"\0\0\0\0\2\x58" + b"\3gov\7example\0\0\0\0"),
    option(24, b"\x30\x08\0\0\2\x58" + six("2001:db8:7::")[:8]), option(38, b"\0\x80" + six("64:ff9b::")[:12]),
    option(37, b"https://x\0\0\0\0\0"), option(99, bytes(6)),
)
DIALOGUE = Dialogue(0, (
    (True, b"\x85\0\0\0\0\0\0\0" + option(1, MAC)),
    (False, ADVERTISEMENT),
    (True, neighbour(135, "2001:db8::2", option(1, MAC))),
    (False, neighbour(136, "2001:db8::2", option(2, MAC), bits=0xE000_0000)),
    (False, neighbour(137, "fe80::bad", six("2001:db8::99"), option(2, MAC))),
), client_port=0, icmpv6=True)


@pytest.mark.parametrize("hops", [0, 1, 64, 254])
def test_what_may_have_come_from_outside_the_link_is_no_router(tmp_path: Path, hops: int) -> None:
    packet = made.ethernet(made.ipv6("2001:db8::bad", made.SIX_A, 58, ADVERTISEMENT, hops=hops), 0x86DD)
    (event,) = told(tmp_path, "network.ndp", packet)
    assert "ndp.type" not in event
    assert (event["ndp.invalid"], event["ndp.claimed_type"]) == ("hop_limit", "router_advertisement")
    assert "2001:db8:bad::/64" in event["ndp.prefixes"]
    (flow,) = told(tmp_path, "network.flow", packet)
    assert flow["network.protocol"] == "ndp"


def test_each_message_is_an_event_with_what_it_says(tmp_path: Path) -> None:
    events = sorted(told(tmp_path, "network.ndp", *DIALOGUE.packets()), key=lambda event: event["event.sequence"])
    asks, advertises, seeks, claims, redirects = (own(event, "ndp.") for event in events)
    assert asks == {"type": "router_solicitation", "source_mac": "02-00-00-00-0A-0B"}
    assert advertises == {
        "type": "router_advertisement", "hop_limit": 64, "managed": False, "other": True, "home_agent": False,
        "preference": "high", "router_lifetime": 1_800, "reachable_time": 0, "retrans_timer": 1_000,
        "source_mac": "02-00-00-00-0A-0B", "mtu": 1_500,
        "prefixes": ["2001:db8:bad::/64", "fd00:1::/48"], "prefix_addresses": ["2001:db8:bad::", "fd00:1::"],
        "on_link_prefixes": ["2001:db8:bad::/64", "fd00:1::/48"], "autonomous_prefixes": ["2001:db8:bad::/64"],
        "valid_lifetime": 86_400, "preferred_lifetime": 14_400,
        "dns_servers": ["2001:db8::53", "2001:db8::54"], "domain_search": ["gov.example"],
        "routes": ["2001:db8:7::/48"], "nat64_prefixes": ["64:ff9b::/96"], "captive_portal": "https://x",
    }
    assert seeks == {"type": "neighbor_solicitation", "target": "2001:db8::2", "source_mac": "02-00-00-00-0A-0B"}
    assert claims == {
        "type": "neighbor_advertisement", "target": "2001:db8::2", "router": True, "solicited": True, "override": True,
        "target_mac": "02-00-00-00-0A-0B",
    }
    assert (redirects["target"], redirects["destination"]) == ("fe80::bad", "2001:db8::99")
    assert {event["network.transport"] for event in events} == {"ipv6-icmp"}
    assert {event["network.type"] for event in events} == {"ipv6"}


def test_what_others_say_over_icmpv6_is_none_of_it(tmp_path: Path) -> None:
    echo = Dialogue(0, ((True, b"\x80\0\0\0\0\7\0\1" + bytes(40)),), client_port=0, icmpv6=True)
    assert not told(tmp_path, "network.ndp", *echo.packets())
    assert len(told(tmp_path, "network.flow", *echo.packets())) == 1


def test_many_prefixes_are_bounded_and_marked() -> None:
    fields = parse(router(*[prefix("2001:db8::")] * 70), CONTEXT).fields
    assert (len(fields["ndp.prefixes"]), fields["ndp.incomplete"]) == (64, True)
    servers = option(25, bytes(6) + six("2001:db8::53") * 40)
    fields = parse(router(servers, servers), CONTEXT).fields
    assert (len(fields["ndp.dns_servers"]), fields["ndp.incomplete"]) == (64, True)


@pytest.mark.parametrize("wrong", [
    b"\x03\x04\x40", b"\x03", option(3, bytes([129]) + bytes(29)), option(31, bytes(6) + b"\x30" + bytes(7)),
    option(3, bytes(6)), option(24, bytes([200]) + bytes(5)), option(38, b"\0\7" + bytes(12)),
    option(25, bytes(14)),
])
def test_what_is_cut_off_or_not_of_its_form_is_marked_and_the_rest_is_read(wrong: bytes) -> None:
    fields = parse(router(option(1, MAC), wrong), CONTEXT).fields
    assert (fields["ndp.source_mac"], fields["ndp.incomplete"]) == ("02-00-00-00-0A-0B", True)


@pytest.mark.parametrize("octets", [
    b"", b"\x87\0\0\0", b"\x80" + router()[1:], b"\x86\1" + router()[2:], router()[:15], router(b"\1\0" + bytes(6)),
    neighbour(135, "ff02::1"), neighbour(136, "2001:db8::1")[:20], neighbour(137, "fe80::1", six("ff02::1")),
])
def test_what_nobody_would_accept_is_left_alone(octets: bytes) -> None:
    with pytest.raises(NotThis):
        parse(octets, CONTEXT)
