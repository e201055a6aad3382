"""Crafting sample captures with scapy: small scenes of known meaning for the demonstration, for tests and for drills.

Every scene is synthetic: its addresses are kept for documentation (RFC 5737, RFC 3849) or private, its names end in
`.example` or `.test`, its texts say so, and pcapng files carry a comment. A scene is a function of its beginning alone,
so the same beginning gives the same octets. scapy (GPL-2.0) is imported only when a scene is made.
"""

import struct
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from sensors.capture.errors import CrafterMissing
from sensors.capture.writing import Frame, write

COMMENT: Final = "synthetic: crafted by hanwatch, no real traffic 合成流量"
AGENT: Final = "hanwatch-synthetic/1"
_MILLISECOND: Final = 1_000_000

CLIENT: Final = "10.20.0.15"
SERVER: Final = "192.0.2.80"
RESOLVER: Final = "192.0.2.53"
CONTROLLER: Final = "10.30.0.10"
SCANNER: Final = "10.20.0.66"


def _scapy() -> Any:
    """Scapy's layers, imported late.

    Raises:
        CrafterMissing: scapy is not installed.
    """
    try:
        # Late by design: scapy is GPL-2.0 and optional, and takes a second to import.
        import scapy.all as layers  # noqa: PLC0415
    except ImportError as error:
        raise CrafterMissing(remedy="pip install 'hanwatch[packets]'") from error
    return layers


class _Scene:
    """Frames in the making, one millisecond apart."""

    def __init__(self, start: int) -> None:
        self.layers = _scapy()
        self.frames: list[Frame] = []
        self._time = start

    def send(self, packet: Any, *, wait: int = _MILLISECOND) -> None:
        """Add an IP packet in an Ethernet frame with locally administered addresses."""
        frame = self.layers.Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / packet
        self.frames.append(Frame(self._time, bytes(frame)))
        self._time += wait

    def exchange(self, client: str, server: str, ports: tuple[int, int], *turns: tuple[bool, bytes]) -> None:
        """A TCP connection from handshake to both FINs; each turn is (from the client, octets)."""
        ip, tcp, raw = self.layers.IP, self.layers.TCP, self.layers.Raw
        here, there = 1_000, 5_000
        out, back = ip(src=client, dst=server), ip(src=server, dst=client)
        sport, dport = ports
        self.send(out / tcp(sport=sport, dport=dport, flags="S", seq=here))
        self.send(back / tcp(sport=dport, dport=sport, flags="SA", seq=there, ack=here + 1))
        here, there = here + 1, there + 1
        self.send(out / tcp(sport=sport, dport=dport, flags="A", seq=here, ack=there))
        for mine, octets in turns:
            if mine:
                self.send(out / tcp(sport=sport, dport=dport, flags="PA", seq=here, ack=there) / raw(octets))
                here += len(octets)
            else:
                self.send(back / tcp(sport=dport, dport=sport, flags="PA", seq=there, ack=here) / raw(octets))
                there += len(octets)
        self.send(out / tcp(sport=sport, dport=dport, flags="FA", seq=here, ack=there))
        self.send(back / tcp(sport=dport, dport=sport, flags="FA", seq=there, ack=here + 1))
        self.send(out / tcp(sport=sport, dport=dport, flags="A", seq=here + 1, ack=there + 1))


def dns_lookups(start: int, names: Iterable[str] = ("portal.gov.example", "mail.gov.example")) -> list[Frame]:
    """Queries for addresses, each answered, and one for a name that does not exist."""
    scene = _Scene(start)
    y = scene.layers
    for number, name in enumerate([*names, "no-such-host.test"]):
        question = y.DNSQR(qname=name)
        asked = y.IP(src=CLIENT, dst=RESOLVER) / y.UDP(sport=40_000 + number, dport=53)
        told = y.IP(src=RESOLVER, dst=CLIENT) / y.UDP(sport=53, dport=40_000 + number)
        scene.send(asked / y.DNS(id=number + 1, rd=1, qd=question), wait=12 * _MILLISECOND)
        if name.endswith(".test"):
            scene.send(told / y.DNS(id=number + 1, qr=1, rd=1, ra=1, rcode=3, qd=question))
        else:
            answer = y.DNSRR(rrname=name, type="A", ttl=300, rdata=SERVER)
            scene.send(told / y.DNS(id=number + 1, qr=1, rd=1, ra=1, qd=question, an=answer))
    return scene.frames


def dns_tunnel(start: int, messages: int = 20) -> list[Frame]:
    """Queries whose names carry data, as tunnels over DNS make them; unanswered."""
    scene = _Scene(start)
    y = scene.layers
    for number in range(messages):
        label = f"{number:04d}" + "6d6a7965746e656874" * 3
        name = f"{label[:58]}.tunnel.example"
        udp = y.UDP(sport=41_000, dport=53)
        scene.send(y.IP(src=CLIENT, dst=RESOLVER) / udp / y.DNS(id=number, rd=1, qd=y.DNSQR(qname=name, qtype="TXT")))
    return scene.frames


def _extension(kind: int, body: bytes) -> bytes:
    return struct.pack(">HH", kind, len(body)) + body


def _record(handshake: int, body: bytes) -> bytes:
    """A handshake message in a record of its own (RFC 8446 section 4 and 5.1)."""
    message = struct.pack(">B", handshake) + len(body).to_bytes(3, "big") + body
    return b"\x16\x03\x01" + struct.pack(">H", len(message)) + message


def client_hello(name: str, suites: Iterable[int] = (0x1301, 0xC02B, 0xC02F, 0x009C)) -> bytes:
    """A client hello in its record: TLS 1.3 offered, one server name, ALPN h2 and http/1.1."""
    host = name.encode()
    packed = b"".join(suite.to_bytes(2, "big") for suite in suites)
    extensions = b"".join([
        _extension(0, struct.pack(">HBH", len(host) + 3, 0, len(host)) + host),
        _extension(10, b"\x00\x04\x00\x1d\x00\x17"),
        _extension(11, b"\x01\x00"),
        _extension(13, b"\x00\x04\x04\x03\x08\x04"),
        _extension(16, b"\x00\x0c\x02h2\x08http/1.1"),
        _extension(43, b"\x04\x03\x04\x03\x03"),
    ])
    return _record(1, b"".join([
        b"\x03\x03", b"\x5a" * 32, b"\x00", struct.pack(">H", len(packed)), packed, b"\x01\x00",
        struct.pack(">H", len(extensions)), extensions,
    ]))


def server_hello(suite: int = 0xC02F) -> bytes:
    """A server hello in its record that chooses TLS 1.2 and ALPN h2."""
    extensions = _extension(16, b"\x00\x03\x02h2")
    return _record(2, b"".join([
        b"\x03\x03", b"\xa5" * 32, b"\x00", suite.to_bytes(2, "big"), b"\x00", struct.pack(">H", len(extensions)),
        extensions,
    ]))


def tls_hello(start: int, name: str = "portal.gov.example") -> list[Frame]:
    """A TLS handshake whose client hello comes in two segments; what follows the hellos is made up."""
    scene = _Scene(start)
    hello = client_hello(name)
    sealed = b"\x14\x03\x03\x00\x01\x01" + b"\x17\x03\x03\x00\x09synthetic"
    scene.exchange(
        CLIENT, SERVER, (42_000, 443), (True, hello[:60]), (True, hello[60:]), (False, server_hello() + sealed),
        (True, sealed),
    )
    return scene.frames


def http_exchange(start: int, path: str = "/index.php?id=1", agent: str = AGENT) -> list[Frame]:
    """A request and its response over a connection of their own."""
    scene = _Scene(start)
    request = f"GET {path} HTTP/1.1\r\nHost: portal.gov.example\r\nUser-Agent: {agent}\r\nAccept: */*\r\n\r\n"
    body = "synthetic page"
    response = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    scene.exchange(CLIENT, SERVER, (43_000, 80), (True, request.encode()), (False, response.encode()))
    return scene.frames


def modbus_write(start: int, register: int = 40, value: int = 1_234) -> list[Frame]:
    """A write of one register from the office network to a controller (Modbus application protocol 1.1b3, 6.6)."""
    scene = _Scene(start)
    write_register = struct.pack(">HHHBBHH", 1, 0, 6, 1, 6, register, value)
    scene.exchange(CLIENT, CONTROLLER, (44_000, 502), (True, write_register), (False, write_register))
    return scene.frames


def port_scan(start: int, ports: Iterable[int] = range(1, 101)) -> list[Frame]:
    """SYNs to many ports of one host, all refused."""
    scene = _Scene(start)
    y = scene.layers
    for number, port in enumerate(ports):
        sport = 50_000 + number
        probe = y.TCP(sport=sport, dport=port, flags="S", seq=7)
        scene.send(y.IP(src=SCANNER, dst=SERVER) / probe)
        scene.send(y.IP(src=SERVER, dst=SCANNER) / y.TCP(sport=port, dport=sport, flags="RA", seq=0, ack=8))
    return scene.frames


def rogue_router(start: int) -> list[Frame]:
    """A router advertisement with a prefix that is not ours, sent to all nodes (RFC 4861 section 4.2)."""
    scene = _Scene(start)
    y = scene.layers
    advertisement = y.ICMPv6ND_RA(routerlifetime=1_800, prf=1)
    prefix = y.ICMPv6NDOptPrefixInfo(prefix="2001:db8:bad::", prefixlen=64)
    for _ in range(3):
        scene.send(y.IPv6(src="fe80::bad", dst="ff02::1", hlim=255) / advertisement / prefix, wait=1_000 * _MILLISECOND)
    return scene.frames


def echo(start: int, count: int = 4) -> list[Frame]:
    """ICMP echo requests with their replies."""
    scene = _Scene(start)
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
        begin = frames[-1].time + 1_000 * _MILLISECOND if frames else start
        frames += SCENES[name](begin)
    write(path, frames, comment=COMMENT)
    return len(frames)
