from ipaddress import ip_address
from pathlib import Path

import pytest

from sensors.capture.protocols.dhcpv6 import PROTOCOL, parse
from sensors.capture.protocols.model import Context, NotThis
from tests.sensors.capture.protocols.dialogues import Dialogue, own, told

CONTEXT = Context(PROTOCOL.signs[0].framing)
CLIENT = bytes.fromhex("000100012c3d4e5f020000000a0b")
SERVER = bytes.fromhex("000300010200000000fe")


def six(text: str) -> bytes:
    return ip_address(text).packed


def option(number: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return number.to_bytes(2, "big") + len(body).to_bytes(2, "big") + body


def long(value: int) -> bytes:
    return value.to_bytes(4, "big")


def message(kind: int, *options: bytes) -> bytes:
    return bytes([kind]) + b"\xc0\xff\xee" + b"".join(options)


def relayed(kind: int, hops: int, inner: bytes, *options: bytes, link: str = "2001:db8:7::1") -> bytes:
    return bytes([kind, hops]) + six(link) + six("fe80::7") + b"".join(options) + option(9, inner)


def leased(address: str, lifetime: int, *inner: bytes) -> bytes:
    return option(5, six(address), long(lifetime // 2), long(lifetime), *inner)


SOLICIT = message(
    1, option(1, CLIENT), option(3, long(7), long(0), long(0)), option(6, b"\0\x17\0\x18\0\x27"), option(14),
    option(16, long(311), b"\0\x08MSFT 5.0"), option(39, b"\1\5pc-17\3gov\7example\0"), option(8, b"\0\0"),
    option(15, b"\0\4desk"),
)
REPLY = message(
    7, option(1, CLIENT), option(2, SERVER), option(3, long(7), long(0), long(0), leased("2001:db8::17", 7_200)),
    option(25, long(8), long(0), long(0), option(26, long(600), long(9_000), b"\x38", six("2001:db8:aa00::")),
           option(13, b"\0\6", b"no prefix left")),
    option(23, six("2001:db8::53"), six("2001:db8::54")), option(24, b"\3gov\7example\0"), option(13, b"\0\0"),
    option(56, option(1, six("2001:db8::123")), option(3, b"\3ntp\7example\0")), option(59, b"tftp://[::1]/boot"),
    option(17, long(9), b"\0\1\0\0"),
)
FORWARDED = relayed(
    12, 1, relayed(12, 0, SOLICIT, option(18, b"Gi0/7"), option(79, b"\0\1\2\0\0\0\x0a\x0b"), link="2001:db8:8::1"),
    option(37, long(9), b"\xfe\1"), option(38, b"desk-17"),
)
DIALOGUE = Dialogue(547, ((True, SOLICIT), (False, REPLY), (True, FORWARDED)), udp=True, client_port=546)


def test_each_message_is_an_event_with_what_it_says(tmp_path: Path) -> None:
    events = sorted(told(tmp_path, "network.dhcpv6", *DIALOGUE.packets()), key=lambda event: event["event.sequence"])
    asks, given, carried = (own(event, "dhcpv6.") for event in events)
    assert asks == {
        "message_type": "SOLICIT", "xid": 0xC0FFEE, "client_duid": CLIENT.hex(), "client_mac": "02-00-00-00-0A-0B",
        "iaids": [7], "fingerprint": "23,24,39", "rapid_commit": True, "vendor_enterprise": 311,
        "vendor_classes": ["MSFT 5.0"], "client_fqdn": "pc-17.gov.example", "user_classes": ["desk"],
    }
    assert given == {
        "message_type": "REPLY", "xid": 0xC0FFEE, "client_duid": CLIENT.hex(), "client_mac": "02-00-00-00-0A-0B",
        "server_duid": SERVER.hex(), "server_mac": "02-00-00-00-00-FE", "iaids": [7, 8],
        "addresses": ["2001:db8::17"], "prefixes": ["2001:db8:aa00::/56"], "valid_lifetime": 9_000,
        "status_codes": ["NoPrefixAvail", "Success"], "status_message": "no prefix left",
        "dns_servers": ["2001:db8::53", "2001:db8::54"], "domain_search": ["gov.example"],
        "ntp_servers": ["2001:db8::123", "ntp.example"], "boot_file": "tftp://[::1]/boot", "vendor_enterprise": 9,
    }
    assert (carried["message_type"], carried["relayed"], carried["hops"]) == ("SOLICIT", "RELAY-FORW", 1)
    assert carried["relay_links"] == ["2001:db8:7::1", "2001:db8:8::1"]
    assert carried["relay_peers"] == ["fe80::7", "fe80::7"]
    assert (carried["interface_ids"], carried["remote_ids"]) == (["Gi0/7"], ["fe01"])
    assert (carried["subscriber_ids"], carried["client_link_layer"]) == (["desk-17"], "02-00-00-00-0A-0B")
    assert carried["client_duid"] == CLIENT.hex()


def nested(depth: int) -> bytes:
    octets = SOLICIT
    for hops in range(depth):
        octets = relayed(12, hops, octets)
    return octets


def test_relays_are_taken_off_as_deep_as_they_may_be() -> None:
    assert len(parse(nested(9), CONTEXT).fields["dhcpv6.relay_links"]) == 9
    with pytest.raises(NotThis):
        parse(nested(10), CONTEXT)


def test_many_addresses_are_bounded_and_marked() -> None:
    many = [leased("2001:db8::17", 60)] * 70
    fields = parse(message(7, option(3, long(7), long(0), long(0), *many)), CONTEXT).fields
    assert (len(fields["dhcpv6.addresses"]), fields["dhcpv6.incomplete"]) == (64, True)


@pytest.mark.parametrize("wrong", [
    option(3, b"\1"), option(23, bytes(17)), b"\0\x17\0\x20\1", b"\0\x17", option(24, b"\x30abc"), option(1, b"\1"),
    option(16, long(1), b"\0\x20x"), option(4, long(1), leased("::", 1)[:-3]), option(13, b"\0"),
])
def test_what_is_cut_off_or_not_of_its_form_is_marked_and_the_rest_is_read(wrong: bytes) -> None:
    fields = parse(message(7, option(2, SERVER), wrong), CONTEXT).fields
    assert (fields["dhcpv6.server_duid"], fields["dhcpv6.incomplete"]) == (SERVER.hex(), True)


@pytest.mark.parametrize("octets", [
    b"", b"\1\0\0", message(1), message(0, option(1, CLIENT)), message(99, option(1, CLIENT)), message(1, bytes(8)),
    relayed(12, 0, SOLICIT)[:33], bytes([12, 0]) + bytes(32) + option(18, b"x"), message(1, b"\0\1\0\x0e"),
])
def test_what_is_no_message_is_left_alone(octets: bytes) -> None:
    with pytest.raises(NotThis):
        parse(octets, CONTEXT)


def test_other_ports_are_left_alone(tmp_path: Path) -> None:
    assert not told(tmp_path, "network.dhcpv6", *Dialogue(1_547, DIALOGUE.steps, udp=True).packets())
