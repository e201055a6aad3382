"""Dialogues of protocols as captures: who says what, in order, over TCP, UDP or ICMPv6."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sensors.capture.writing import pcap
from tests.sensors.capture import frames as made


@dataclass(frozen=True)
class Dialogue:
    """What client (True) and server (False) say in turn."""

    port: int
    steps: tuple[tuple[bool, bytes], ...]
    udp: bool = False
    client_port: int = 40_000
    icmpv6: bool = False

    def packets(self, size: int = 60_000) -> list[bytes]:
        """Its packets; over TCP in segments of at most so many octets."""
        if self.icmpv6:
            ends = made.SIX_A, made.SIX_B
            return [
                made.ethernet(made.ipv6(*(ends if mine else ends[::-1]), 58, octets), 0x86DD)
                for mine, octets in self.steps
            ]
        if self.udp:
            return [
                made.udp4(self.client_port, self.port, octets) if mine
                else made.udp4(self.port, self.client_port, octets, back=True)
                for mine, octets in self.steps
            ]
        said = {True: 0, False: 0}
        segments = []
        for mine, octets in self.steps:
            segments += [(mine, said[mine] + at, part) for at, part in made.pieces(octets, size)]
            said[mine] += len(octets)
        return made.conversation(*segments, sport=self.client_port, dport=self.port)


def told(tmp_path: Path, dataset: str, *packets: bytes) -> list[dict[str, Any]]:
    """Events of a dataset in a capture of these packets, in their order."""
    portions = made.read(tmp_path / "made.pcap", pcap(made.frames(*packets)))
    return sorted(made.rows(portions, dataset), key=lambda row: (row["event.sequence"], row["event.id"]))


def own(event: dict[str, Any], prefix: str) -> dict[str, Any]:
    """What an event says below a prefix."""
    return {name.removeprefix(prefix): value for name, value in event.items() if name.startswith(prefix)}
