"""Labelled traffic to measure detectors on: a synthetic office and its attackers, made by a seeded generator.

Nothing here was recorded. Background: people who browse, names that are asked for (some of them machine-made, some
mistyped), clocks, updates that everybody fetches, nightly copies to a cloud, services that are down, and a few things
that look like attacks and are none. Each attack is one instance with the address that is to be found; some are made to
be hard: much jitter, few requests, pronounceable names.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random  # noqa: TID251 - seeded by the caller
from typing import Any, Final, NamedTuple

import numpy as np

from sensors.event.model import BATCH_ROWS, Batch, Source
from sensors.event.times import SECOND

START: Final = 1_767_225_600
"""Seconds since 1970: 1 January 2026, UTC."""
DAYS: Final = 4
_DAY: Final = 86_400
_HOSTS: Final = 200
_WORDS: Final = (
    "news", "video", "shop", "weather", "hubei", "wuhan", "school", "health", "bank", "travel", "music", "mail",
    "cloud", "photo", "map", "search", "sport", "book", "city", "portal", "market", "train", "doc", "play", "home",
)  # fmt: skip
_SOURCE: Final = Source("5e" * 16, "capture", "synthetic")


class Label(NamedTuple):
    """An attack that is in the traffic: which detector is to find it, by which source address, and what it is like."""

    detector: str
    address: str
    variant: str


@dataclass
class Traffic:
    """Events by dataset, each as its time in seconds and its fields, and what is to be found among them."""

    events: dict[str, list[tuple[float, dict[str, Any]]]] = field(default_factory=dict)
    labels: list[Label] = field(default_factory=list)

    def flow(  # noqa: PLR0913, PLR0917 - what a flow is
        self, time: float, source: str, destination: str, port: int | None, sent: int = 900, received: int = 4_000,
        asked: int = 8, answered: int = 8, duration: float = 1.0, transport: str = "tcp", **more: Any,
    ) -> None:  # fmt: skip
        """A flow that begins at a time."""
        self.events.setdefault("network.flow", []).append((time, {
            "source.ip": source, "destination.ip": destination, "destination.port": port,
            "network.transport": transport, "source.bytes": sent, "destination.bytes": received,
            "source.packets": asked, "destination.packets": answered, "event.duration": int(duration * SECOND), **more,
        }))  # fmt: skip

    def name(self, time: float, source: str, name: str, code: str = "NOERROR") -> None:
        """A question for a name with its answer."""
        self.events.setdefault("network.dns", []).append((
            time, {"source.ip": source, "dns.question.name": name, "dns.response_code": code}
        ))  # fmt: skip

    def batches(self) -> Iterator[Batch]:
        """All events, one dataset after the other, each in order of time."""
        for dataset, events in self.events.items():
            events.sort(key=lambda event: event[0])
            names = sorted({name for _, event in events for name in event})
            for first in range(0, len(events), BATCH_ROWS):
                yield batch_of(dataset, first, events[first : first + BATCH_ROWS], names)


def batch_of(dataset: str, first: int, events: Sequence[tuple[float, dict[str, Any]]], names: Sequence[str]) -> Batch:
    """A batch of such events, of which `first` came before, with columns of these names; it came with its newest."""
    times = np.array([round(time * SECOND) for time, _ in events], dtype=np.int64)
    return Batch(
        dataset=dataset, source=_SOURCE, received=int(times.max()), times=times,
        ids=[f"{dataset}{first + number}".encode().hex().zfill(32)[-32:] for number in range(len(events))],
        ordinals=np.arange(first + 1, first + len(events) + 1),
        constants={}, columns={name: [event.get(name) for _, event in events] for name in names},
    )  # fmt: skip


def labelled(seed: int = 20_261_129, hosts: int = _HOSTS, days: int = DAYS) -> Traffic:
    """The office of so many hosts for so many days, and the attacks in it."""
    draw = Random(seed)  # noqa: S311 - reproducible, not secret
    traffic = Traffic()
    people = [f"10.1.{number // 200}.{number % 200 + 10}" for number in range(hosts)]
    servers = [f"{draw.randrange(20, 220)}.{draw.randrange(256)}.{draw.randrange(256)}.9" for _ in range(1_500)]
    for person in people:
        _browsing(traffic, draw, person, servers, days)
    _infrastructure(traffic, draw, people, days)
    _like_attacks(traffic, draw, days)
    _beacons(traffic, draw, days)
    _scans(traffic, draw)
    _names(traffic, draw)
    _volumes(traffic, draw, days)
    _firsts(traffic, days)
    return traffic


def _browsing(traffic: Traffic, draw: Random, person: str, servers: Sequence[str], days: int) -> None:
    """A working day: sessions of a few servers, many flows each, names before them; now and then one that is down."""
    for day in range(days):
        for _ in range(draw.randrange(4, 12)):
            begun = START + day * _DAY + draw.uniform(8, 18) * 3_600
            for server in draw.sample(servers, draw.randrange(2, 8)):
                traffic.name(begun, person, f"www.{draw.choice(_WORDS)}{draw.choice(_WORDS)}.com.cn")
                if draw.random() < 0.3:
                    traffic.name(begun, person, f"{draw.randbytes(6).hex()}.cdn{draw.randrange(9)}.net")
                if draw.random() < 0.02:
                    traffic.name(begun, person, f"{draw.choice(_WORDS)}{draw.choice('qwe')}.com.cn", "NXDOMAIN")
                for _ in range(draw.randrange(1, 9)):
                    begun += draw.expovariate(1 / 4)
                    down = draw.random() < 0.03
                    traffic.flow(
                        begun, person, server, 443, int(draw.lognormvariate(7.5, 1)),
                        int(draw.lognormvariate(9.5, 1.5)),
                        3 if down else 12, 0 if down else 14, draw.expovariate(1 / 30),
                    )  # fmt: skip


def _infrastructure(traffic: Traffic, draw: Random, people: Sequence[str], days: int) -> None:
    """Clocks and updates, which are regular and everybody's; monitoring inside; a copy to the cloud each night."""
    for person in people:
        for hour in range(days * 24):
            at = START + hour * 3_600
            traffic.flow(at + draw.random() * 5, person, "203.0.114.7", 443, 800 + draw.randrange(20), duration=2)
            if hour % 4 == 0:
                traffic.flow(at + 7, person, "203.0.114.9", 123, 90, 90, 1, 1, transport="udp")
    for minute in range(0, days * 24 * 60, 5):
        for person in people[:40]:
            traffic.flow(START + minute * 60, "10.1.9.2", person, 161, 120, 400, 1, 1, transport="udp")
    for day in range(days):
        for part in range(40):
            at = START + day * _DAY + 2 * 3_600 + part * 60
            traffic.flow(at, "10.1.9.3", "198.51.101.4", 443, 50_000_000 + draw.randrange(9_000_000), duration=50)


def _like_attacks(traffic: Traffic, draw: Random, days: int) -> None:
    """What looks like an attack and is none.

    One host asks a rare service every ten minutes, one does not find eighteen file servers, a mail server's reputation
    lookups are long names, a provider's names are many, a connection to a partner is open for three hours.
    """
    for number in range(days * 144):
        traffic.flow(START + number * 600 + draw.uniform(0, 3), "10.1.0.11", "91.1.2.3", 443, 700 + draw.randrange(60))
    for number in range(18):
        traffic.flow(START + 40_000 + number, "10.1.0.12", f"10.1.1.{number}", 445, asked=2, answered=0)
    for number in range(300):
        name = f"{draw.randbytes(12).hex()}.{draw.randrange(99)}.avqs.mcafee.com"
        traffic.name(START + 50_000 + number, "10.1.9.4", name)
    for number in range(200):
        traffic.name(START + 60_000 + number, "10.1.9.4", f"{draw.choice(_WORDS)}-{number}.hosting.example.com")
    for day in range(days):
        traffic.flow(START + day * _DAY, "10.1.9.5", "198.51.101.9", 443, duration=3.0 * 3_600)


def _beacons(traffic: Traffic, draw: Random, days: int) -> None:
    variants = [
        (interval, jitter, uneven)
        for interval in (30, 60, 300, 900, 3_600)
        for jitter, uneven in ((0.0, 0.0), (0.1, 0.1), (0.3, 0.2), (0.5, 0.5))
    ]
    for number, (interval, jitter, uneven) in enumerate(variants):
        address, at = f"10.1.20.{number + 1}", START + 20_000.0
        traffic.labels.append(Label("beacon", address, f"every {interval} s, jitter {jitter:.0%}, size {uneven:.0%}"))
        until = min(START + days * _DAY, at + 200 * interval)
        while at < until:
            sent = round(600 * (1 + draw.uniform(-uneven, uneven)))
            traffic.flow(at, address, f"45.7.{number}.8", 8_443, sent)
            at += interval * (1 + draw.uniform(-jitter, jitter))


def _scans(traffic: Traffic, draw: Random) -> None:
    for number, (ports, gap) in enumerate(((1_000, 0.01), (200, 1), (100, 8), (150, 300), (120, 600))):
        address, at = f"10.1.21.{number + 1}", START + 30_000.0
        traffic.labels.append(Label("port_scan", address, f"{ports} ports, one every {gap} s"))
        for port in draw.sample(range(1, 10_000), ports):
            traffic.flow(at, address, "10.1.0.50", port, 60, 60, 1, 1 if draw.random() < 0.8 else 0, 0.01)
            at += gap * draw.uniform(0.8, 1.2)
    for number, (hosts, gap, kind) in enumerate((
        (250, 0.05, "tcp"), (250, 2, "tcp"), (200, 120, "tcp"), (250, 0.5, "icmp"), (300, 1, "ipv6-icmp"),
        (200, 1, "v6"),
    )):  # fmt: skip
        address, at = f"10.1.22.{number + 1}", START + 30_000.0
        address = f"fd00::22:{number + 1}" if "6" in kind else address
        traffic.labels.append(Label("host_scan", address, f"{hosts} hosts by {kind}, one every {gap} s"))
        for host in range(hosts):
            other = f"fd00::{host + 1:x}" if "6" in kind else f"10.1.{30 + host // 250}.{host % 250 + 1}"
            if "icmp" in kind:
                echo: dict[str, Any] = {"hanwatch.icmp.type": 8 if kind == "icmp" else 128}
                traffic.flow(at, address, other, None, 98, 0, 1, 0, 0.0, kind, **echo)
            else:
                traffic.flow(at, address, other, 22, 60, 0, 1, 0, 0.0)
            at += gap * draw.uniform(0.8, 1.2)


def _names(traffic: Traffic, draw: Random) -> None:
    letters, pairs = "abcdefghijklmnopqrstuvwxyz", ("ka", "to", "mi", "re", "so", "lu", "ne", "vi", "pa", "go")
    tunnels: tuple[tuple[str, int, Callable[[], str]], ...] = (
        ("base32", 1, lambda: "".join(draw.choices(f"{letters}234567", k=50))),
        ("hex", 1, lambda: draw.randbytes(25).hex()),
        ("base64 in two labels", 3, lambda: f"{draw.randbytes(15).hex()}.{draw.randbytes(15).hex()}"),
        ("slow, one in 30 s", 30, lambda: draw.randbytes(20).hex()),
        ("short names", 1, lambda: draw.randbytes(4).hex()),
    )  # fmt: skip
    for number, (variant, gap, made) in enumerate(tunnels):
        address = f"10.1.23.{number + 1}"
        traffic.labels.append(Label("dns_tunnel", address, variant))
        for question in range(300):
            traffic.name(START + 35_000 + question * gap, address, f"{made()}.t{number}-relay.net")
    generators: tuple[tuple[str, Callable[[], str]], ...] = (
        ("letters", lambda: "".join(draw.choices(letters, k=draw.randrange(10, 16)))),
        ("hexadecimal", lambda: draw.randbytes(8).hex()),
        ("letters and digits", lambda: "".join(draw.choices(f"{letters}0123456789", k=14))),
        ("pronounceable", lambda: "".join(draw.choices(pairs, k=6))),
        ("words", lambda: draw.choice(_WORDS) + draw.choice(_WORDS) + draw.choice(_WORDS)),
    )
    for number, (variant, generate) in enumerate(generators):
        address = f"10.1.24.{number + 1}"
        traffic.labels.append(Label("generated_names", address, variant))
        for question in range(200):
            name = f"{generate()}.{draw.choice(('com', 'net', 'info'))}"
            traffic.name(START + 36_000 + question * 4, address, name, "NXDOMAIN")


def _volumes(traffic: Traffic, draw: Random, days: int) -> None:
    """Hosts that send a little every hour, and once much; and connections that stay."""
    for number, much in enumerate((5_000_000_000, 1_000_000_000, 300_000_000, 150_000_000)):
        address = f"10.1.25.{number + 1}"
        for hour in range(days * 24):
            traffic.flow(START + hour * 3_600 + 60, address, "45.8.1.1", 443, 2_000_000 + draw.randrange(1_000_000))
        traffic.labels.append(Label("unusual_volume", address, f"{much // 1_000_000:,} MB, usually 2 to 3"))
        for part in range(10):
            at = START + (days - 1) * _DAY + 50_400 + part * 200
            traffic.flow(at, address, "45.8.1.2", 443, much // 10, duration=100)
    for number, hours in enumerate((4.5, 9.0, 30.0)):
        address = f"10.1.26.{number + 1}"
        traffic.labels.append(Label("long_connection", address, f"{hours} h"))
        traffic.flow(START + 20_000, address, "45.9.1.1", 443, 80_000, 90_000, 900, 900, hours * 3_600)


def _firsts(traffic: Traffic, days: int) -> None:
    """The last quarter brings a router, a server of addresses, a master and a service that were not there before."""
    late = START + days * _DAY * 0.75
    said: list[tuple[str, str, str, dict[str, Any]]] = [
        ("new_router", "network.ndp", "fe80::", {"ndp.type": "router_advertisement", "ndp.router_lifetime": 1_800}),
        (
            "new_master", "network.modbus", "10.1.27.",
            {"destination.ip": "10.1.50.1", "hanwatch.industrial.operation": "write"},
        ),
    ]  # fmt: skip
    for detector, dataset, prefix, fields in said:
        events = traffic.events.setdefault(dataset, [])
        events += [(START + hour * 3_600.0, {"source.ip": f"{prefix}1", **fields}) for hour in range(days * 24)]
        events.append((late, {"source.ip": f"{prefix}66", **fields}))
        traffic.labels.append(Label(detector, f"{prefix}66", "first seen in the fourth quarter"))
    offers = traffic.events.setdefault("network.dhcp", [])
    for hour in range(days * 24):
        offers.append((START + hour * 3_600.0, {"dhcp.message_type": "ACK", "dhcp.server_addr": "10.1.28.1"}))
    offers.append((late, {"dhcp.message_type": "OFFER", "dhcp.server_addr": "10.1.28.66"}))
    traffic.labels.append(Label("new_address_server", "10.1.28.66", "first seen in the fourth quarter"))
    critical: dict[str, Any] = {"hanwatch.destination.cii": True}
    for hour in range(days * 24):
        traffic.flow(START + hour * 3_600, "10.1.0.30", "10.1.29.1", 443, **critical)
    traffic.flow(late, "10.1.0.30", "10.1.29.1", 4_444, **critical)
    traffic.labels.append(Label("new_service", "10.1.29.1", "first seen in the fourth quarter"))
