"""What a probe sees, as values: answers of name servers, connections, exchanges of HTTP; and the bounds of them."""

from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

Family: TypeAlias = Literal[4, 6]
RECORD_TYPES: Final[dict[Family, str]] = {4: "A", 6: "AAAA"}

Transport: TypeAlias = Literal["udp", "tcp"]

Told: TypeAlias = Literal["found", "none", "no-name", "error", "loop", "timeout", "unreachable", "malformed"]
"""What came of a question: records, none of this type, no such name, an error of the server, a chain that does not end,
nothing in time, no way to the server, or nonsense."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a server may take of us; times in seconds."""

    dns_seconds: float = 3.0
    connect_seconds: float = 5.0
    exchange_seconds: float = 15.0
    site_seconds: float = 900.0
    octets: int = 2**20
    """Of one answer, as they come over the network and after unpacking each."""
    redirects: int = 10
    addresses: int = 3
    """Of one host and family, that are tried one after the other."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """One question to one name server, and what it told.

    Attributes:
        server: its address, with `#port` where that is not 53.
        at: when it was asked, ns since 1970.
        took: ns until the answer was complete.
        records: of the type that was asked for, as master files write them (RFC 1035, section 5).
        chain: names that aliases led to, in order.
        detail: the response code, or what went wrong.
        authoritative: whether the server says so (AA).
        authentic: whether a resolver says that it verified the answer (AD, RFC 4035).
        raw: the answer as text, its beginning.
    """

    name: str
    type: str
    server: str
    transport: Transport
    at: int
    took: int
    told: Told
    records: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()
    detail: str = ""
    authoritative: bool = False
    authentic: bool = False
    raw: str = field(default="", repr=False)

    @property
    def answered(self) -> bool:
        """Whether the server said anything about the name, be it that there is nothing."""
        return self.told in {"found", "none", "no-name"}


@dataclass(frozen=True, slots=True)
class Dial:
    """One attempt to open a TCP connection; `failure` is empty where it opened."""

    address: str
    port: int
    at: int
    took: int
    failure: str = ""

    @property
    def open(self) -> bool:
        """Whether the port took the connection."""
        return not self.failure


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came back.

    Attributes:
        url: what was asked for.
        address: the server that was asked, empty where there was none.
        at: when it began, ns since 1970.
        failure: a code, empty where an answer came: `no-address`, `address-refused`, `refused`, `unreachable`, `reset`,
            `timeout`, `tls`, `not-http`, `slow`, `url`. With a status it says why the body is not whole.
        detail: words of the system or the library for it.
        certificate: why the certificate does not hold for the name; the exchange went on without.
        encrypted: whether it went over TLS.
        cut: whether the body is longer than we take.
        connected, first, whole: ns from the beginning until the connection stood, the first octet came, all was there.
    """

    url: str
    family: Family
    address: str
    at: int
    status: int = 0
    failure: str = ""
    detail: str = ""
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    cut: bool = False
    encrypted: bool = False
    certificate: str = ""
    connected: int = 0
    first: int = 0
    whole: int = 0

    @property
    def well(self) -> bool:
        """Whether the server answered with success or a redirect, to the end of what we take."""
        return not self.failure and 200 <= self.status < 400

    def header(self, name: str) -> str:
        """The first field of that name, empty where there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


@dataclass(frozen=True, slots=True)
class Visit:
    """An address with its redirects followed.

    Attributes:
        hops: at least one.
        ended: empty where the last hop is the answer; `redirect-loop`, `redirects-too-many` or `redirect-unusable`.
        left: where it leads away from the site; there nothing is asked for.
    """

    hops: tuple[Exchange, ...]
    ended: str = ""
    left: str = ""

    @property
    def last(self) -> Exchange:
        """The exchange that it ended with."""
        return self.hops[-1]

    @property
    def well(self) -> bool:
        """Whether it ended with success."""
        return not self.ended and self.last.well
