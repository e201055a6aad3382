from ipaddress import ip_address
from pathlib import Path

import pytest

from sensors.capture.protocols.dhcp import PROTOCOL, parse
from sensors.capture.protocols.model import Context, NotThis
from tests.sensors.capture.protocols.dialogues import Dialogue, own, told

MAC = bytes.fromhex("020000000a0b")
CONTEXT = Context(PROTOCOL.signs[0].framing)


def ip(*texts: str) -> bytes:
    return b"".join(ip_address(text).packed for text in texts)


def option(code: int, octets: bytes) -> bytes:
    return bytes([code, len(octets)]) + octets


def message(
    op: int, kind: int, *options: bytes, client: str = "0.0.0.0", given: str = "0.0.0.0", relay: str = "0.0.0.0",
    server: bytes = b"", file: bytes = b"", end: bytes = b"\xff",
) -> bytes:
    return (
        bytes([op, 1, 6, 0]) + (0xC0FFEE).to_bytes(4, "big") + bytes(4) + ip(client, given, "0.0.0.0", relay)
        + MAC.ljust(16, b"\0") + server.ljust(64, b"\0") + file.ljust(128, b"\0") + b"\x63\x82\x53\x63"
        + option(53, bytes([kind])) + b"".join(options) + end
    )


DISCOVER = message(
    1, 1, option(61, b"\x01" + MAC), option(12, b"pc-17\0"), option(60, b"MSFT 5.0"), option(55, b"\x01\x0f\x03\x06"),
    option(50, ip("192.0.2.17")), option(81, b"\x04\0\0\x05pc-17\x03gov\x07example\0"),
)
OFFER = message(
    2, 2, option(54, ip("192.0.2.1")), option(51, b"\0\0\x0e\x10"), option(1, ip("255.255.255.0")),
    option(3, ip("192.0.2.1")), option(6, ip("192.0.2.53", "192.0.2.54")), option(15, b"gov.example"),
    option(119, b"\x03gov\x07example\0\x02it\xc0\0"), option(252, b"http://wpad.gov.example/wpad.dat\n"),
    option(121, b"\0" + ip("192.0.2.9") + b"\x09\x0a\x80" + ip("192.0.2.8")),
    option(82, option(1, b"Gi0/7") + option(2, b"\x02\xfe") + option(5, ip("192.0.2.0"))),
    given="192.0.2.17", relay="192.0.2.2", server=b"boot.gov.example", file=b"pxelinux.0",
)
NAK = message(2, 6, option(54, ip("192.0.2.1")), option(56, b"no such lease"))
DIALOGUE = Dialogue(67, ((True, DISCOVER), (False, OFFER), (True, message(1, 3, option(54, ip("192.0.2.1")))),
                         (False, NAK)), udp=True, client_port=68)


def test_each_message_is_an_event_with_what_it_says(tmp_path: Path) -> None:
    events = told(tmp_path, "network.dhcp", *DIALOGUE.packets())
    discover, offer, request, nak = (own(event, "dhcp.") for event in events)
    assert discover == {
        "op": "request", "xid": 0xC0FFEE, "mac": "02-00-00-00-0A-0B", "message_type": "DISCOVER",
        "client_id": "02-00-00-00-0A-0B", "host_name": "pc-17", "vendor_class": "MSFT 5.0", "fingerprint": "1,15,3,6",
        "requested_addr": "192.0.2.17", "client_fqdn": "pc-17.gov.example",
    }
    assert offer == {
        "op": "reply", "xid": 0xC0FFEE, "mac": "02-00-00-00-0A-0B", "message_type": "OFFER",
        "assigned_addr": "192.0.2.17", "relay_addr": "192.0.2.2", "boot_server": "boot.gov.example",
        "boot_file": "pxelinux.0", "server_addr": "192.0.2.1", "lease_time": 3_600, "subnet_mask": "255.255.255.0",
        "routers": ["192.0.2.1"], "dns_servers": ["192.0.2.53", "192.0.2.54"], "domain": "gov.example",
        "domain_search": ["gov.example", "it.gov.example"],
        "auto_proxy_config": b"http://wpad.gov.example/wpad.dat\n".hex(),
        "static_routes": ["0.0.0.0/0 via 192.0.2.9", "10.128.0.0/9 via 192.0.2.8"],
        "circuit_id": "Gi0/7", "agent_remote_id": "02fe", "link_selection": "192.0.2.0",
    }
    assert (request["message_type"], request["server_addr"]) == ("REQUEST", "192.0.2.1")
    assert (nak["message_type"], nak["server_message"]) == ("NAK", "no such lease")
    assert events[1]["source.ip"] == "10.0.0.1"


def test_it_is_found_on_other_ports(tmp_path: Path) -> None:
    proxy = Dialogue(4_011, ((True, DISCOVER),), udp=True)
    (event,) = told(tmp_path, "network.dhcp", *proxy.packets())
    assert event["dhcp.message_type"] == "DISCOVER"


def test_options_go_on_in_the_fields_for_names_where_they_say_so() -> None:
    routers, servers = option(3, ip("192.0.2.7")) + b"\xff", option(6, ip("192.0.2.8")) + b"\xff"
    both = parse(message(2, 5, option(52, b"\3"), file=routers, server=servers), CONTEXT).fields
    one = parse(message(2, 5, option(52, b"\2"), file=b"boot.img", server=servers), CONTEXT).fields
    assert (both["dhcp.routers"], both["dhcp.dns_servers"]) == (["192.0.2.7"], ["192.0.2.8"])
    assert "dhcp.boot_file" not in both
    assert (one["dhcp.boot_file"], one["dhcp.dns_servers"]) == ("boot.img", ["192.0.2.8"])


def test_a_long_option_is_put_together_and_bounded() -> None:
    long = parse(message(2, 5, *[option(6, ip("192.0.2.1") * 60)] * 2), CONTEXT).fields
    assert (len(long["dhcp.dns_servers"]), long["dhcp.incomplete"]) == (64, True)
    endless = parse(message(1, 8, *[option(12, b"a" * 200)] * 300), CONTEXT).fields
    assert (endless["dhcp.host_name"], endless["dhcp.incomplete"]) == ("a" * 512, True)
    half = parse(message(1, 8, option(12, b"a" * 200), option(12, b"b" * 50)), CONTEXT).fields
    assert half["dhcp.host_name"] == "a" * 200 + "b" * 50
    assert "dhcp.incomplete" not in half


def test_clients_identify_themselves_in_many_ways() -> None:
    duid = bytes.fromhex("000300010200000000aa")
    said = parse(message(1, 1, option(61, b"\xff\0\0\0\1" + duid)), CONTEXT).fields
    assert (said["dhcp.client_id"], said["dhcp.duid"]) == ("ff00000001" + duid.hex(), duid.hex())
    assert parse(message(1, 1, option(61, b"\0switch-3")), CONTEXT).fields["dhcp.client_id"] == "switch-3"
    assert parse(message(1, 1, option(61, b"\x06\xaa\xbb")), CONTEXT).fields["dhcp.client_id"] == "06aabb"


def test_what_is_cut_off_or_not_of_its_form_is_marked_and_the_rest_is_read() -> None:
    cut = parse(message(1, 1, option(12, b"pc"), b"\x3c\x20MSFT", end=b""), CONTEXT).fields
    assert (cut["dhcp.host_name"], cut["dhcp.incomplete"]) == ("pc", True)
    bent = parse(message(2, 5, option(51, b"\1"), option(6, b"\1\2\3\4\5"), option(12, b"pc")), CONTEXT).fields
    assert (bent["dhcp.host_name"], bent["dhcp.incomplete"]) == ("pc", True)
    assert "dhcp.lease_time" not in bent


@pytest.mark.parametrize("octets", [
    message(3, 1), message(1, 99), message(1, 1)[:236] + b"\x63\x82\x53\x64\x35\1\1", message(1, 1)[:240] + b"\xff",
    message(1, 1)[:2] + b"\x40" + message(1, 1)[3:], b"", DISCOVER[:239],
])
def test_what_is_no_message_is_left_alone(octets: bytes) -> None:
    with pytest.raises(NotThis):
        parse(octets, CONTEXT)
