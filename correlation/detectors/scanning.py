"""Scans: one address that tries many ports, or many addresses, and of which nothing comes.

Only futile flows count (`Conversation.futile`), so that a busy client or a resolver is no scanner, and pings, which are
answered where they find somebody. Thresholds are those of common scanners turned down: nmap's default asks 1,000 ports
within seconds, and its slowest timing (-T0, a probe in five minutes) 288 a day.
"""

from collections.abc import Iterator
from typing import Final

from correlation.detectors.memory import Distinct, Pace, Quiet
from correlation.detectors.model import Detection, State
from correlation.detectors.reading import FLOWS, ONE_WAY, Conversation, Reading
from correlation.rules.model import Described
from sensors.event.times import SECOND

_MOST_KEYS: Final = 50_000
_MINUTE: Final = 60 * SECOND
_HOUR: Final = 3_600 * SECOND
_ECHO: Final = {"icmp": 8, "ipv6-icmp": 128}
"""ICMP types of echo requests (RFC 792, RFC 4443)."""


# So many different ports or addresses within a time make a scan.
PORT_PACES: Final = (Pace("fast", 25, 5 * _MINUTE), Pace("slow", 100, 24 * _HOUR))
HOST_PACES: Final = (Pace("fast", 40, 5 * _MINUTE), Pace("slow", 150, 24 * _HOUR))


class _Scan:
    """What both kinds share: counters of each pace, and what was told."""

    about: Described
    datasets = FLOWS | ONE_WAY

    def __init__(self, paces: tuple[Pace, ...]) -> None:
        self._paces = paces
        self._counters: list[Distinct[None]] = [Distinct(pace.wanted, pace.period, _MOST_KEYS) for pace in paces]
        self._told = [Quiet(max(pace.period, _HOUR)) for pace in paces]

    @property
    def given_up(self) -> int:
        """As in `Detector`."""
        return sum(counter.given_up for counter in self._counters)

    def _reached(self, key: tuple[str | int | None, ...], value: str | int, time: int) -> Iterator[Pace]:
        for pace, counter, told in zip(self._paces, self._counters, self._told, strict=True):
            if counter.add(key, value, time, None) is not None and told.tell(key, time):
                yield pace

    def dump(self) -> State:
        """As in `Detector`."""
        return {
            "counters": [counter.dump() for counter in self._counters],
            "told": [told.dump() for told in self._told],
        }

    def load(self, state: State) -> None:
        """As in `Detector`."""
        for counter, said in zip(self._counters, state["counters"], strict=True):
            counter.load(said)
        for told, said in zip(self._told, state["told"], strict=True):
            told.load(said)


class PortScan(_Scan):
    """One address tries many ports of another (vertical)."""

    about = Described(
        id="88b902ea-1442-5153-a0e0-092e7709d87e",
        name="port_scan",
        title="Many ports of one host were tried in vain",
        title_zh="对同一主机的大量端口探测（纵向扫描）",
        level="medium",
        tags=("attack.discovery", "attack.t1046"),
    )

    def __init__(self, paces: tuple[Pace, ...] = PORT_PACES) -> None:
        super().__init__(paces)

    def look(self, reading: Reading) -> Iterator[Detection]:
        """As in `Detector`."""
        for flow in reading.conversations:
            if flow.port is None or not flow.futile:
                continue
            for pace in self._reached((flow.source, flow.destination), flow.port, flow.time):
                minutes = pace.period // _MINUTE
                yield Detection(
                    self.about, (flow.row,),
                    f"{flow.source} tried {pace.wanted} ports of {flow.destination} in vain within {minutes} minutes"
                    f" ({pace.name})",
                    f"{flow.source} 在 {minutes} 分钟内探测 {flow.destination} 的 {pace.wanted} 个端口均无结果",
                    f'source.ip:"{flow.source}" AND destination.ip:"{flow.destination}"',
                )  # fmt: skip


class HostScan(_Scan):
    """One address tries one port, or pings, of many others (horizontal), IPv4 or IPv6."""

    about = Described(
        id="ed6e0f24-a304-5059-a82f-8fa332f12498",
        name="host_scan",
        title="Many hosts were tried on one port in vain, or pinged",
        title_zh="对大量主机的同一端口或 ping 探测（横向扫描）",
        level="medium",
        tags=("attack.discovery", "attack.t1018", "attack.t1046"),
    )

    def __init__(self, paces: tuple[Pace, ...] = HOST_PACES) -> None:
        super().__init__(paces)

    def look(self, reading: Reading) -> Iterator[Detection]:
        """As in `Detector`."""
        types = reading.batch.columns.get("hanwatch.icmp.type")
        for flow in reading.conversations:
            of = self._tried(flow, None if types is None else types[flow.row])
            if of is None:
                continue
            for pace in self._reached((flow.source, of), flow.destination, flow.time):
                minutes = pace.period // _MINUTE
                yield Detection(
                    self.about, (flow.row,),
                    f"{flow.source} tried {of} of {pace.wanted} hosts within {minutes} minutes ({pace.name})",
                    f"{flow.source} 在 {minutes} 分钟内以 {of} 探测 {pace.wanted} 台主机",
                    f'source.ip:"{flow.source}"'
                    + ("" if flow.port is None else f" AND destination.port:{flow.port}"),
                )  # fmt: skip

    @staticmethod
    def _tried(flow: Conversation, icmp_type: int | None) -> str | None:
        """What was tried of a host; None where the flow is no attempt that counts."""
        if flow.transport in _ECHO:
            return "ping" if icmp_type in {None, _ECHO[flow.transport]} else None
        return f"{flow.transport}/{flow.port}" if flow.port is not None and flow.futile else None
