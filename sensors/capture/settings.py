"""The settings of captures: which interfaces, with which filter and ring, and what of the packets is kept."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class InterfaceSettings:
    """One interface to capture.

    Attributes:
        interface: its name, such as eth1.
        filter: what to capture, in the language of pcap-filter(7); empty: everything.
        snap_bytes: how many octets of each packet are taken.
        ring_bytes: how much memory the kernel's ring has: what must last while a portion is made.
        promiscuous: whether packets for others are wanted, as on a mirror port they all are.
        protocols: whose messages are read, by name (`dns`, `tls`, `smb` …); empty: of all. Flows are told in any case.
        hardware_time: whether the card's clock is asked for; where it has none the kernel's is taken, and counted.
    """

    interface: str
    filter: str = ""
    snap_bytes: int = 262_144
    ring_bytes: int = 128 << 20
    promiscuous: bool = True
    protocols: tuple[str, ...] = ()
    hardware_time: bool = False

    def __post_init__(self) -> None:
        if not self.interface or len(self.interface.encode()) > 15 or "/" in self.interface:
            raise ValueError(f"no interface can have this name: {self.interface!r}")
        if not 64 <= self.snap_bytes <= 262_144:
            raise ValueError("snap_bytes must be 64 to 262144")
        if not 4 << 20 <= self.ring_bytes <= 4 << 30:
            raise ValueError("ring_bytes must be 4194304 to 4294967296")


@dataclass(frozen=True, slots=True)
class KeepSettings:
    """The ring of original packets on disk.

    Attributes:
        max_bytes: how much disk it takes at most; 0: no packets are kept.
        max_hours: packets that are older are removed.
        segment_bytes: how long a file of it is.
        min_free_bytes: with less free disk than this packets are not kept, which is counted.
    """

    max_bytes: int = 0
    max_hours: int = 72
    segment_bytes: int = 64 << 20
    min_free_bytes: int = 1 << 30

    def __post_init__(self) -> None:
        if min(self.max_bytes, self.max_hours, self.min_free_bytes) < 0:
            raise ValueError("max_bytes, max_hours and min_free_bytes cannot be negative")
        if not 4 << 20 <= self.segment_bytes <= 1 << 30:
            raise ValueError("segment_bytes must be 4194304 to 1073741824")
        if 0 < self.max_bytes < 2 * self.segment_bytes:
            raise ValueError("max_bytes must hold two segments at least")


@dataclass(frozen=True, slots=True)
class CaptureSettings:
    """Live capture.

    Attributes:
        interfaces: what is captured, each interface a source of its own.
        user: whom the process becomes once the rings are open, if it was started as root; empty: it stays root.
        portion_seconds: how often what was captured is delivered, at least.
        absent_seconds: for how long an interface that went away is looked for; 0: its capture ends at once.
        keep: the ring of original packets.
    """

    interfaces: tuple[InterfaceSettings, ...] = ()
    user: str = ""
    portion_seconds: float = 1.0
    absent_seconds: float = 86_400.0
    keep: KeepSettings = field(default_factory=KeepSettings)

    def __post_init__(self) -> None:
        if not 0.05 <= self.portion_seconds <= 60:
            raise ValueError("portion_seconds must be 0.05 to 60")
        if not 0 <= self.absent_seconds <= 31_536_000:
            raise ValueError("absent_seconds must be 0 to 31536000")
        names = [one.interface for one in self.interfaces]
        if len(set(names)) < len(names):
            raise ValueError("an interface is named twice")
