"""What every crafted scene is made with: scapy's layers, addresses that nobody has, and packets one after another.

scapy (GPL-2.0) is imported only when a scene is made.
"""

from typing import Any, Final

from sensors.capture.errors import CrafterMissing
from sensors.capture.writing import Frame

AGENT: Final = "hanwatch-synthetic/1"
MILLISECOND: Final = 1_000_000

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


class Scene:
    """Frames in the making, one millisecond apart.

    Attributes:
        layers: scapy's layers, by name.
        frames: what was sent so far.
    """

    def __init__(self, start: int) -> None:
        """Begin at a moment (ns)."""
        self.layers = _scapy()
        self.frames: list[Frame] = []
        self._time = start

    def send(self, packet: Any, *, wait: int = MILLISECOND) -> None:
        """Add an IP packet in an Ethernet frame with locally administered addresses."""
        frame = self.layers.Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / packet
        self.frames.append(Frame(self._time, bytes(frame)))
        self._time += wait

    def wait(self, nanoseconds: int) -> None:
        """Let time pass before the next packet."""
        self._time += nanoseconds

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
