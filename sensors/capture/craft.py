"""Crafting sample captures with scapy: small scenes of known meaning for the demonstration, for tests and for drills.

Every scene is synthetic: its addresses are kept for documentation (RFC 5737, RFC 3849) or private, its names end in
`.example` or `.test`, its texts say so, and pcapng files carry a comment. A scene is a function of its beginning alone,
so the same beginning gives the same octets.
"""

import struct
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from sensors.capture import incidents
from sensors.capture.crafting import AGENT, CLIENT, CONTROLLER, MILLISECOND, RESOLVER, SCANNER, SERVER, Scene
from sensors.capture.handshakes import SEALED, client_hello, server_hello
from sensors.capture.writing import Frame, write

COMMENT: Final = "synthetic: crafted by hanwatch, no real traffic 合成流量"


def dns_lookups(start: int, names: Iterable[str] = ("portal.gov.example", "mail.gov.example")) -> list[Frame]:
    """Queries for addresses, each answered, and one for a name that does not exist."""
    scene = Scene(start)
    y = scene.layers
    for number, name in enumerate([*names, "no-such-host.test"]):
        question = y.DNSQR(qname=name)
        asked = y.IP(src=CLIENT, dst=RESOLVER) / y.UDP(sport=40_000 + number, dport=53)
        told = y.IP(src=RESOLVER, dst=CLIENT) / y.UDP(sport=53, dport=40_000 + number)
        scene.send(asked / y.DNS(id=number + 1, rd=1, qd=question), wait=12 * MILLISECOND)
        if name.endswith(".test"):
            scene.send(told / y.DNS(id=number + 1, qr=1, rd=1, ra=1, rcode=3, qd=question))
        else:
            answer = y.DNSRR(rrname=name, type="A", ttl=300, rdata=SERVER)
            scene.send(told / y.DNS(id=number + 1, qr=1, rd=1, ra=1, qd=question, an=answer))
    return scene.frames


def dns_tunnel(start: int, messages: int = 20) -> list[Frame]:
    """Queries whose names carry data in hexadecimal, as tunnels over DNS make them; unanswered."""
    scene = Scene(start)
    y = scene.layers
    for number in range(messages):
        label = f"{number:04x}" + "6d6a7965746e656874" * 3
        name = f"{label}.{label[::-1]}.tunnel.example"
        udp = y.UDP(sport=41_000, dport=53)
        scene.send(y.IP(src=CLIENT, dst=RESOLVER) / udp / y.DNS(id=number, rd=1, qd=y.DNSQR(qname=name, qtype="TXT")))
    return scene.frames


def tls_hello(start: int, name: str = "portal.gov.example") -> list[Frame]:
    """A TLS handshake whose client hello comes in two segments; what follows the hellos is made up."""
    scene = Scene(start)
    hello = client_hello(name)
    scene.exchange(
        CLIENT, SERVER, (42_000, 443), (True, hello[:60]), (True, hello[60:]), (False, server_hello() + SEALED),
        (True, SEALED),
    )
    return scene.frames


def http_exchange(start: int, path: str = "/index.php?id=1", agent: str = AGENT) -> list[Frame]:
    """A request and its response over a connection of their own."""
    scene = Scene(start)
    request = f"GET {path} HTTP/1.1\r\nHost: portal.gov.example\r\nUser-Agent: {agent}\r\nAccept: */*\r\n\r\n"
    body = "synthetic page"
    response = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    scene.exchange(CLIENT, SERVER, (43_000, 80), (True, request.encode()), (False, response.encode()))
    return scene.frames


def modbus_write(start: int, register: int = 40, value: int = 1_234) -> list[Frame]:
    """A write of one register from the office network to a controller (Modbus application protocol 1.1b3, 6.6)."""
    scene = Scene(start)
    write_register = struct.pack(">HHHBBHH", 1, 0, 6, 1, 6, register, value)
    scene.exchange(CLIENT, CONTROLLER, (44_000, 502), (True, write_register), (False, write_register))
    return scene.frames


def port_scan(start: int, ports: Iterable[int] = range(1, 101)) -> list[Frame]:
    """SYNs to many ports of one host, all refused."""
    scene = Scene(start)
    y = scene.layers
    for number, port in enumerate(ports):
        sport = 50_000 + number
        probe = y.TCP(sport=sport, dport=port, flags="S", seq=7)
        scene.send(y.IP(src=SCANNER, dst=SERVER) / probe)
        scene.send(y.IP(src=SERVER, dst=SCANNER) / y.TCP(sport=port, dport=sport, flags="RA", seq=0, ack=8))
    return scene.frames


def rogue_router(start: int) -> list[Frame]:
    """A router advertisement with a prefix that is not ours, sent to all nodes (RFC 4861 section 4.2)."""
    scene = Scene(start)
    y = scene.layers
    advertisement = y.ICMPv6ND_RA(routerlifetime=1_800, prf=1)
    prefix = y.ICMPv6NDOptPrefixInfo(prefix="2001:db8:bad::", prefixlen=64)
    for _ in range(3):
        scene.send(y.IPv6(src="fe80::bad", dst="ff02::1", hlim=255) / advertisement / prefix, wait=1_000 * MILLISECOND)
    return scene.frames


def echo(start: int, count: int = 4) -> list[Frame]:
    """ICMP echo requests with their replies."""
    scene = Scene(start)
    y = scene.layers
    for number in range(count):
        body = y.Raw(b"hanwatch synthetic")
        scene.send(y.IP(src=CLIENT, dst=SERVER) / y.ICMP(type=8, id=9, seq=number) / body)
        scene.send(y.IP(src=SERVER, dst=CLIENT) / y.ICMP(type=0, id=9, seq=number) / body)
    return scene.frames


SCENES: Final[Mapping[str, Callable[[int], list[Frame]]]] = {
    "dns-lookups": dns_lookups,
    "dns-tunnel": dns_tunnel,
    "tls-hello": tls_hello,
    "http-exchange": http_exchange,
    "modbus-write": modbus_write,
    "port-scan": port_scan,
    "rogue-router": rogue_router,
    "echo": echo,
    "portal-attack": incidents.portal_attack,
    "remote-desktop-from-outside": incidents.remote_desktop_from_outside,
    "telnet-administration": incidents.telnet_administration,
    "controller-from-outside": incidents.controller_from_outside,
    "obsolete-tls": incidents.obsolete_tls,
    "beacon": incidents.beacon,
    "teredo": incidents.teredo,
    "files-to-outside": incidents.files_to_outside,
}
"""Every scene by name, the harmless ones among them as background; in the order in which a day's capture shows them."""


def save(path: Path, start: int, names: Iterable[str] = tuple(SCENES)) -> int:
    """Write scenes one after another, a second apart, as pcapng or pcap by the path's suffix.

    Returns:
        How many packets were written.

    Raises:
        CrafterMissing: scapy is not installed.
        KeyError: a name is none of `SCENES`.
    """
    frames: list[Frame] = []
    for name in names:
        begin = frames[-1].time + 1_000 * MILLISECOND if frames else start
        frames += SCENES[name](begin)
    write(path, frames, comment=COMMENT)
    return len(frames)
