"""What the audit speaks of: sites, what was measured of one, and what came of each check."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from inventory.probing.model import Dial, Exchange, Lookup, Visit
from inventory.probing.urls import literal, parsed, registrable

Status: TypeAlias = Literal["pass", "partial", "fail", "unknown", "n/a"]
Depth: TypeAlias = Literal["reach", "full"]
"""Whether only what makes a site supported was measured, or everything."""


@dataclass(frozen=True, slots=True)
class Site:
    """A registered site.

    Attributes:
        url: its home page, normalised; it is what the site is known by.
        aliases: further domains that are the same site.
        unit: who is responsible.
        absent: why it intentionally has no IPv6, empty where it should have.
    """

    name: str
    url: str
    aliases: tuple[str, ...] = ()
    unit: str = ""
    absent: str = ""

    def __post_init__(self) -> None:
        parts = parsed(self.url)
        if parts is None or str(parts) != self.url:
            raise ValueError(f"a site has a normalised address of http or https: {self.url!r}")

    @property
    def host(self) -> str:
        """The host of its home page."""
        parts = parsed(self.url)
        assert parts is not None
        return parts.host

    @property
    def names(self) -> tuple[str, ...]:
        """The host, and its counterpart with or without `www` where the host is a registrable domain or its `www`."""
        host = self.host
        if literal(host):
            return ()
        apex = registrable(host)
        if host == apex:
            return (host, f"www.{host}")
        return (host, apex) if host == f"www.{apex}" else (host,)

    @property
    def domains(self) -> frozenset[str]:
        """What is in-site: its registrable domain and its aliases."""
        return frozenset({registrable(self.host), *self.aliases})


@dataclass(frozen=True, slots=True)
class NameServer:
    """A name server of the zone, its addresses, and what it told of the zone's SOA over IPv6."""

    name: str
    addresses: Lookup
    answers: tuple[Lookup, ...] = ()


@dataclass(frozen=True, slots=True)
class Reached:
    """Whether an address answered over IPv6.

    Attributes:
        failure: a code, empty where it answered well; `status` where it answered with an error of HTTP.
        anyway: where it did not, whether it does so over IPv4; None where that was not asked.
    """

    url: str
    host: str
    at: int
    address: str = ""
    status: int = 0
    failure: str = ""
    detail: str = ""
    anyway: bool | None = None


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses that were found, and those of them that were tried."""

    found: int = 0
    tried: tuple[Reached, ...] = ()


Measure: TypeAlias = Literal["dns", "connect", "first", "page", "download"]
MEASURES: Final[tuple[Measure, ...]] = ("dns", "connect", "first", "page", "download")


@dataclass(frozen=True, slots=True)
class Samples:
    """Times of one measure in ns, over both families, taken in turn."""

    v4: tuple[int, ...] = ()
    v6: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Beside:
    """What is listed and not scored.

    Attributes:
        elsewhere: AAAA of hosts off the site that its home page links to.
        mail: AAAA of the hosts that take mail; `spf` is the policy of the zone.
        signed: DS of the zone; `authentic`: whether a resolver verified the site's address.
        alternative: the Alt-Svc field of the home page; `service`: the HTTPS record of its host.
    """

    elsewhere: tuple[Lookup, ...] = ()
    mail: tuple[Lookup, ...] = ()
    spf: str = ""
    signed: Lookup | None = None
    authentic: bool = False
    alternative: str = ""
    service: Lookup | None = None


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one round saw of one site.

    Attributes:
        vantage: from where it was looked at, as a person named it.
        usable: addresses of the host that may be connected to, among those that resolvers told.
        lookups: A and AAAA of the site's names, by every resolver.
        known: what each further host resolves to.
        zone: the zone that the host is in, empty where it was not found.
        ports: both families, the same ports.
        unmeasured: checks for which the time did not suffice.
    """

    site: Site
    at: int
    vantage: str
    depth: Depth
    lookups: tuple[Lookup, ...]
    usable: tuple[str, ...]
    home6: Visit
    known: tuple[Lookup, ...] = ()
    home4: Visit | None = None
    zone: str = ""
    servers: tuple[NameServer, ...] = ()
    tries: tuple[Exchange, ...] = ()
    ports: tuple[Dial, ...] = ()
    second: Links = Links()
    third: Links = Links()
    parts: Links = Links()
    again4: Exchange | None = None
    samples: Mapping[Measure, Samples] = field(default_factory=lambda: MappingProxyType({}))
    beside: Beside = Beside()
    unmeasured: frozenset[str] = frozenset()

    def slim(self) -> "Measurement":
        """The same without the bodies of pages, once they are judged: a city's are gigabytes."""
        home4 = self.home4 and _slim(self.home4)
        return replace(self, home6=_slim(self.home6), home4=home4, again4=None)

    def of(self, name: str, kind: str) -> tuple[Lookup, ...]:
        """What the resolvers told of one of the site's names."""
        return tuple(one for one in self.lookups if one.name == name and one.type == kind)


def _slim(visit: Visit) -> Visit:
    return replace(visit, hops=tuple(replace(hop, body=b"") for hop in visit.hops))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a judgement stands on: when, asked from whom, and the raw answer."""

    at: int
    source: str
    answer: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is missing or wrong.

    Attributes:
        reason: a code of the catalogues (`ipv6.fault.…`), which says what has to be mended.
        subject: the record, server, link or host.
        host: the host that it stands on, which tells who can mend it.
        share: of the check's points, what is lost by it.
    """

    reason: str
    subject: str
    host: str
    detail: str = ""
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one check.

    Attributes:
        rate: 1 for pass, 0 for fail, between them for partial; 0 where it is not known.
        reason: a code of the catalogues (`ipv6.reason.…`) where there is something to say.
        cause: the check that failed before, so that this one could not pass.
    """

    check: str
    status: Status
    rate: float = 0.0
    faults: tuple[Fault, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    reason: str = ""
    cause: str = ""


@dataclass(frozen=True, slots=True)
class SelfTest:
    """Whether the probe itself has IPv6; `reason` is a code where it has not."""

    well: bool
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Round:
    """One look at one site; without a measurement the probe itself did not work, and nothing is known."""

    number: int
    at: int
    probe: SelfTest
    measurement: Measurement | None = None
    outcomes: tuple[Outcome, ...] = ()

    def status(self, check: str) -> Status:
        """What came of a check in this round."""
        return next((one.status for one in self.outcomes if one.check == check), "unknown")
