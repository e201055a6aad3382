"""The settings of the sensors: where the spool's retention draws its lines, and what is listened to."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

MOST_UNPACKED = 16 << 30
"""Bytes that one compressed input may hold, unless the settings say otherwise."""


@dataclass(frozen=True, slots=True)
class SpoolSettings:
    """The embedded spool.

    Attributes:
        segment_bytes: a producer begins a new segment file when its present one is this long.
        max_bytes: above so many bytes, segments and database together, room is made or appending refused.
        min_free_bytes: with less free disk than this, room is made or appending refused; 0 switches it off.
        keep_hours: segments whose newest record is older are removed, if every consumer has acknowledged them.
        expire_unacknowledged: whether age and watermarks may also remove what a consumer has not acknowledged yet. It
            is then counted as expired. If not, a full spool holds the readers up instead.
        quarantine_days: quarantine entries older than this are removed and counted.
        busy_seconds: how long to wait for another process's transaction.
    """

    segment_bytes: int = 64 << 20
    max_bytes: int = 8 << 30
    min_free_bytes: int = 512 << 20
    keep_hours: int = 24
    expire_unacknowledged: bool = False
    quarantine_days: int = 180
    busy_seconds: float = 30.0

    def __post_init__(self) -> None:
        if self.segment_bytes < 1 or self.max_bytes < 1:
            raise ValueError("segment_bytes and max_bytes must be 1 or more")
        if min(self.min_free_bytes, self.keep_hours, self.quarantine_days, self.busy_seconds) < 0:
            raise ValueError("min_free_bytes, keep_hours, quarantine_days and busy_seconds cannot be negative")


ListenerKind: TypeAlias = Literal["syslog.udp", "syslog.tcp", "syslog.tls", "http", "netflow"]


@dataclass(frozen=True, slots=True)
class ListenerSettings:
    """One address on which something is received.

    Attributes:
        kind: what is spoken there: syslog over UDP, TCP or TLS, HTTP (NDJSON and Elasticsearch's `_bulk`),
            NetFlow and IPFIX.
        port: port; 0 takes any free one.
        address: address of this machine; loopback unless another one is said.
        name: what identifies the listener across restarts, and moves with it to another port; made of kind, address
            and port where it is empty.
        format: the format of what comes, as `hanwatch ingest --format` names it; empty: told from each sender's lines.
        zone: IANA zone of senders whose times name none, such as `Asia/Shanghai`; empty: the format's own.
        tokens: HTTP only: what a client has to know (see docs/listeners.md); without any everybody is refused.
        token_file: a file with further tokens, one a line.
        certificate: PEM file with the certificate and those that lead to its authority; `syslog.tls` needs one.
        key: PEM file with its private key; empty: it stands in the same file.
        client_ca: PEM file with the authorities of clients; with it every client must show a certificate.
        receive_bytes: receive buffer to ask the system for (UDP); what was granted is told.
        connections: how many may be open at a time; further ones are closed at once and counted.
        max_message: a longer message (line, frame, request) is refused with its reason, bytes.
        stall_seconds: a connection whose message stays unfinished for so long is closed.
    """

    kind: ListenerKind
    port: int
    address: str = "127.0.0.1"
    name: str = ""
    format: str = ""
    zone: str = ""
    tokens: tuple[str, ...] = ()
    token_file: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    client_ca: Path | None = None
    receive_bytes: int = 64 << 20
    connections: int = 10_000
    max_message: int = 0
    stall_seconds: float = 300.0

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65_535:
            raise ValueError("port is a number from 0 to 65535")
        if self.kind == "syslog.tls" and self.certificate is None:
            raise ValueError("syslog.tls needs a certificate")
        if self.client_ca is not None and self.certificate is None:
            raise ValueError("client_ca needs a certificate of our own")
        if (self.tokens or self.token_file) and self.kind != "http":
            raise ValueError("tokens are for http only")
        if min(self.receive_bytes, self.connections) < 1 or self.max_message < 0 or self.stall_seconds <= 0:
            raise ValueError("receive_bytes, connections and stall_seconds must be positive, max_message not negative")
        if self.zone:
            try:
                ZoneInfo(self.zone)
            except (KeyError, ValueError, OSError) as error:
                raise ValueError(f"no such zone: {self.zone}") from error

    @property
    def identity(self) -> str:
        """The name, or what stands for it."""
        return self.name or f"{self.kind}://{self.place}"

    @property
    def place(self) -> str:
        """Address and port as one text."""
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"

    @property
    def longest(self) -> int:
        """The longest message in bytes: `max_message`, or what is usual for the kind."""
        return self.max_message or (64 << 20 if self.kind == "http" else 64 << 10)


SaidEncoding: TypeAlias = Literal["utf-8", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"]


@dataclass(frozen=True, slots=True)
class LocalitySettings:
    """What is known of some sources beforehand.

    Attributes:
        name: the sources meant, by the path of their file or the name that a listener gives them; `*` for any
            characters. The first entry that fits a source holds for it.
        zone: IANA zone of times that name none; empty: that of all (`parsers.zone`).
        encoding: how their text is encoded; None: UTF-8, or what the bytes of a line look like.
    """

    name: str
    zone: str = ""
    encoding: SaidEncoding | None = None

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("name says which sources are meant")
        _check_zone(self.zone or "UTC")


@dataclass(frozen=True, slots=True)
class ParserSettings:
    """The formats of logs.

    Attributes:
        folders: folders and files that declare formats (docs/formats.md), beside the product's own; a format of the
            same name as one of ours takes its place.
        zone: IANA zone of times that name none.
        sources: what is known of single sources.
    """

    folders: tuple[Path, ...] = ()
    zone: str = "Asia/Shanghai"
    sources: tuple[LocalitySettings, ...] = ()

    def __post_init__(self) -> None:
        _check_zone(self.zone)


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"no such zone: {zone}") from error
