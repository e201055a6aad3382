"""First seen: what was never there in the time of learning, and is there now.

Four kinds: a router that advertises itself, a server that gives out addresses, a master that writes to a controller, a
service on critical infrastructure. Each learns for a time, counted in event time from the first event of its kind, and
tells what is new from then on, once.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from correlation.detectors.memory import Bounded, Key
from correlation.detectors.model import Detection, State
from correlation.detectors.reading import FLOWS, Reading
from correlation.rules.model import Described

_MOST: Final = 200_000


class Seen(NamedTuple):
    """Something that can be new: what it is known by, and in words."""

    key: Key
    words: str
    words_zh: str
    search: str


class Kind(NamedTuple):
    """A kind of first-seen thing.

    Attributes:
        fields: what is read of each row.
        seen: from these values what is seen in the row, None if nothing is.
    """

    about: Described
    datasets: frozenset[str]
    fields: tuple[str, ...]
    seen: Callable[[Mapping[str, Any]], Seen | None]


class First:
    """Looks for what is new of one kind."""

    def __init__(self, kind: Kind, learning: int) -> None:
        """Nothing is known yet.

        Args:
            kind: what it looks for.
            learning: ns of event time from the first event of the kind.
        """
        self.about, self.datasets = kind.about, kind.datasets
        self._kind, self._learning = kind, learning
        self._since: int | None = None
        self._known: Bounded[int] = Bounded(_MOST)

    @property
    def given_up(self) -> int:
        """As in `Detector`."""
        return self._known.given_up

    def look(self, reading: Reading) -> Iterator[Detection]:
        """As in `Detector`."""
        for row, time, *read in reading.rows(*self._kind.fields):
            found = self._kind.seen(dict(zip(self._kind.fields, read, strict=True)))
            if found is None:
                continue
            self._since = time if self._since is None else self._since
            if self._known.get(found.key) is not None:
                continue
            self._known.put(found.key, time)
            if time - self._since >= self._learning:
                yield Detection(self.about, (row,), found.words, found.words_zh, found.search)

    def dump(self) -> State:
        """As in `Detector`."""
        return {"since": self._since, "known": self._known.dump()}

    def load(self, state: State) -> None:
        """As in `Detector`."""
        self._since = state["since"]
        self._known.load(state["known"])


def _router(row: Mapping[str, Any]) -> Seen | None:
    # A lifetime of 0 says that it is no default router (RFC 4861, section 4.2).
    if row["ndp.type"] != "router_advertisement" or not row["ndp.router_lifetime"] or not row["source.ip"]:
        return None
    vlan, address = row["network.vlan.id"], row["source.ip"]
    where = f" in VLAN {vlan}" if vlan else ""
    return Seen(
        (vlan, address),
        f"{address} advertises itself as a router{where} for the first time",
        f"{address} 首次通告自己为路由器{f'（VLAN {vlan}）' if vlan else ''}",
        f'ndp.type:router_advertisement AND source.ip:"{address}"',
    )


def _address_server(row: Mapping[str, Any]) -> Seen | None:
    if row["dhcp.message_type"] not in {"OFFER", "ACK"}:
        return None
    vlan, address = row["network.vlan.id"], row["dhcp.server_addr"] or row["destination.ip"]
    if not address:
        return None
    where = f" in VLAN {vlan}" if vlan else ""
    return Seen(
        (vlan, address),
        f"{address} gives out addresses{where} for the first time",
        f"{address} 首次分配地址{f'（VLAN {vlan}）' if vlan else ''}",
        f'dhcp.server_addr:"{address}"',
    )


_CHANGES: Final = frozenset({"write", "control", "program", "configure"})


def _master(row: Mapping[str, Any]) -> Seen | None:
    source, device, operation = row["source.ip"], row["destination.ip"], row["hanwatch.industrial.operation"]
    if operation not in _CHANGES or not source or not device:
        return None
    return Seen(
        (device, source),
        f"{source} changes {device} ({operation}) for the first time",
        f"{source} 首次改写控制器 {device}（{operation}）",
        f'source.ip:"{source}" AND destination.ip:"{device}" AND hanwatch.industrial.operation:*',
    )


_DATA_SEGMENTS: Final = 2
"""An opened connection has at least these from whoever answers."""


def _service(row: Mapping[str, Any]) -> Seen | None:
    address, port, transport = row["destination.ip"], row["destination.port"], row["network.transport"]
    if not row["hanwatch.destination.cii"] or port is None or transport not in {"tcp", "udp"}:
        return None
    if (row["destination.packets"] or 0) < (_DATA_SEGMENTS if transport == "tcp" else 1):
        return None
    return Seen(
        (address, port, transport),
        f"{address} answers on {transport}/{port} for the first time, and belongs to critical infrastructure",
        f"关键信息基础设施 {address} 首次在 {transport}/{port} 提供服务",
        f'destination.ip:"{address}" AND destination.port:{port}',
    )


KINDS: Final = (
    Kind(
        Described(
            id="7b5c6f44-f894-500c-b34f-7dd533b7aa53",
            name="new_router",
            title="A router that was never seen advertises itself",
            title_zh="出现未曾见过的 IPv6 路由器通告",
            level="high",
            tags=("attack.credential-access", "attack.t1557"),
        ),
        frozenset({"network.ndp"}),
        ("ndp.type", "ndp.router_lifetime", "network.vlan.id", "source.ip"),
        _router,
    ),
    Kind(
        Described(
            id="9e7ada32-6de5-5dbf-98c6-e60246604312",
            name="new_address_server",
            title="A server that was never seen gives out addresses",
            title_zh="出现未曾见过的 DHCP 服务器",
            level="high",
            tags=("attack.credential-access", "attack.t1557.003"),
        ),
        frozenset({"network.dhcp"}),
        ("dhcp.message_type", "dhcp.server_addr", "network.vlan.id", "destination.ip"),
        _address_server,
    ),
    Kind(
        Described(
            id="7ac3a21e-95aa-5cb8-8179-93bfdf87d871",
            name="new_master",
            title="A controller is changed by a host that never did so",
            title_zh="控制器被从未操作过它的主机改写",
            level="critical",
            tags=("attack.impair-process-control", "attack.t0855", "attack.t0836"),
        ),
        frozenset({"network.modbus", "network.dnp3", "network.s7comm", "network.iec104"}),
        ("source.ip", "destination.ip", "hanwatch.industrial.operation"),
        _master,
    ),
    Kind(
        Described(
            id="dc71b883-1b4a-5601-8e53-3bb967d516f6",
            name="new_service",
            title="Critical infrastructure offers a service that it never did",
            title_zh="关键信息基础设施出现新的监听服务",
            level="high",
            tags=("attack.persistence", "attack.t1205"),
        ),
        FLOWS,
        (
            "destination.ip", "destination.port", "network.transport", "destination.packets",
            "hanwatch.destination.cii",
        ),
        _service,
    ),
)  # fmt: skip
