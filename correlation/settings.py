"""The settings of correlation: its event store, what is known about addresses, and where indicators come from."""

from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Final, Literal, TypeAlias

from correlation.secret import check_reference

StoreKind: TypeAlias = Literal["embedded", "elasticsearch"]

PRIVATE: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fe80::/10")
"""Private and shared networks (RFC 1918, RFC 6598, RFC 4193), and link-local addresses."""


@dataclass(frozen=True, slots=True)
class EmbeddedStoreSettings:
    """The embedded store: a folder of Parquet segments with its manifest.

    Attributes:
        path: the store's folder, made when it is missing; None for `store` below the data folder.
        keep_days: events younger than this are never dropped by age; the law asks for six months at least.
        min_free_bytes: below so much free disk the oldest days are dropped; 0 switches it off.
        max_bytes: above so many bytes of segments the oldest days are dropped; 0 switches it off.
        grace_seconds: how long a replaced file stays for those who are still reading it.
        memory_bytes: what a query may use at most.
        threads: how many threads a query may use at most.
    """

    path: Path | None = None
    keep_days: int = 180
    min_free_bytes: int = 2 << 30
    max_bytes: int = 0
    grace_seconds: int = 300
    memory_bytes: int = 2 << 30
    threads: int = 2

    def __post_init__(self) -> None:
        if self.keep_days < 1:
            raise ValueError(f"keep_days must be 1 or more, not {self.keep_days}")
        if min(self.min_free_bytes, self.max_bytes, self.grace_seconds) < 0:
            raise ValueError("min_free_bytes, max_bytes and grace_seconds cannot be negative")
        if self.memory_bytes < 64 << 20 or self.threads < 1:
            raise ValueError("a query needs at least 64 MiB and one thread")


@dataclass(frozen=True, slots=True)
class ElasticsearchSettings:
    """An Elasticsearch cluster.

    Attributes:
        url: of one or more nodes, such as `https://es.example:9200`.
        api_key: encoded API key; None where security is off.
        ca: file of the certificate authority; None for the system's.
        verify: whether the certificate is checked.
        namespace: last part of the data streams' names, `logs-<dataset>-<namespace>`.
        keep_days: data-stream lifecycle, where the cluster has one.
        replicas: copies of each shard; 0 on a single node.
        timeout_seconds: of one request.
        attempts: how often a request is tried before the store counts as unavailable.
        bulk_bytes: about how many bytes one bulk request has at most.
    """

    url: tuple[str, ...] = ("http://127.0.0.1:9200",)
    api_key: str | None = field(default=None, repr=False)
    ca: Path | None = None
    verify: bool = True
    namespace: str = "default"
    keep_days: int = 180
    replicas: int = 0
    timeout_seconds: float = 60.0
    attempts: int = 8
    bulk_bytes: int = 8 << 20

    def __post_init__(self) -> None:
        schemes = {url.partition("://")[0] for url in self.url}
        if schemes not in ({"http"}, {"https"}):
            raise ValueError("url must be one or more addresses, all of http:// or all of https://")
        if self.keep_days < 1 or self.attempts < 1 or self.timeout_seconds <= 0 or self.replicas < 0:
            raise ValueError("keep_days and attempts must be 1 or more, timeout_seconds above 0, replicas 0 or more")
        if not self.namespace or self.namespace != self.namespace.lower() or "-" in self.namespace:
            raise ValueError("namespace must be lower case without hyphens")
        if self.bulk_bytes < 1 << 16:
            raise ValueError("bulk_bytes must be 64 KiB or more")


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Which store (`kind`) and both sections; only the chosen one is used."""

    kind: StoreKind = "embedded"
    embedded: EmbeddedStoreSettings = field(default_factory=EmbeddedStoreSettings)
    elasticsearch: ElasticsearchSettings = field(default_factory=ElasticsearchSettings)


@dataclass(frozen=True, slots=True)
class ContextSettings:
    """What is known about addresses and hosts.

    Attributes:
        files: YAML and CSV files (docs/context.md), read at start and when rules are taken up anew; without any no
            event gets context.
    """

    files: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class DetectorSettings:
    """Detectors of behaviour.

    Attributes:
        enabled: whether they work.
        off: names of those that do not.
        inside: networks that are ours; what they talk to outside of them is abroad. Without any: the private ones.
        learning_hours: how long what is seen for the first time is learnt and not told.
    """

    enabled: bool = True
    off: tuple[str, ...] = ()
    inside: tuple[str, ...] = PRIVATE
    learning_hours: int = 168

    def __post_init__(self) -> None:
        for network in self.inside:
            ip_network(network)
        if self.learning_hours < 0:
            raise ValueError("learning_hours cannot be negative")


@dataclass(frozen=True, slots=True)
class IncidentSettings:
    """Incidents: files that say something else than the product's own rules (docs/incidents.md); None: the product's.

    Attributes:
        linking: what brings alerts together, and what many share.
        severity: what makes an incident severe.
        warning: what leads to which colour of the early warning.
        grading: the measures of the grading guide.
    """

    linking: Path | None = None
    severity: Path | None = None
    warning: Path | None = None
    grading: Path | None = None


@dataclass(frozen=True, slots=True)
class LifetimeSettings:
    """Days after which the confidence of an indicator that nobody has seen again has decayed to nothing, by kind."""

    ip: int = 90
    network: int = 90
    domain: int = 180
    url: int = 90
    hash: int = 1_825
    ja3: int = 365
    ja4: int = 365

    def __post_init__(self) -> None:
        if min(self.of(name) for name in self.__slots__) < 1:
            raise ValueError("a lifetime is one day or more")

    def of(self, kind: str) -> int:
        """The days of a kind."""
        days: int = getattr(self, kind)
        return days


FeedKind: TypeAlias = Literal["taxii", "misp", "file"]


@dataclass(frozen=True, slots=True)
class FeedSettings:
    """A feed that is read over HTTP.

    Attributes:
        url: of a TAXII collection, `https://…/collections/<id>/`; of the folder of a MISP feed; or of a file.
        kind: a collection of a TAXII 2.1 server, a feed of MISP with its manifest, or one file (CSV, STIX, MISP event).
        provider: what its indicators are said to come from; empty: what the feed says, else the server's name.
        authorization: reference to the content of the request's Authorization header, such as `Bearer …`: `env:NAME`,
            or `file:/path` of a file that its owner alone may read; empty for none.
        ca: file of the certificate authority; None for the system's.
    """

    url: str
    kind: FeedKind = "taxii"
    provider: str = ""
    authorization: str = field(default="", repr=False)
    ca: Path | None = None

    def __post_init__(self) -> None:
        if not self.url.lower().startswith(("https://", "http://")):
            raise ValueError("a feed has an address of http:// or https://")
        if self.authorization:
            check_reference(self.authorization)


@dataclass(frozen=True, slots=True)
class IntelligenceSettings:
    """Indicators: where they come from, what never is one, and how sure they must be.

    Attributes:
        files: files and folders that are read.
        feeds: what is read over HTTP.
        every_minutes: how often `hanwatch intelligence run` reads them; 0: never by itself.
        look_back_days: how far back `hanwatch intelligence run` looks again at stored events, once indicators have come
            that are new; 0: never by itself.
        allow: files of addresses, networks and domains that never match, one to a line.
        confidence: of entries that say none themselves, 0 to 100.
        minimum_confidence: below this, at the time of the event, an indicator does not match.
        lifetimes: how fast confidence decays.
    """

    files: tuple[Path, ...] = ()
    feeds: tuple[FeedSettings, ...] = ()
    every_minutes: int = 60
    look_back_days: int = 1
    allow: tuple[Path, ...] = ()
    confidence: int = 75
    minimum_confidence: int = 30
    lifetimes: LifetimeSettings = field(default_factory=LifetimeSettings)

    @property
    def active(self) -> bool:
        """Whether there is anything to be read by itself."""
        return self.every_minutes > 0 and bool(self.files or self.feeds)

    def __post_init__(self) -> None:
        if not 0 <= self.confidence <= 100 or not 0 <= self.minimum_confidence <= 100:
            raise ValueError("confidence is 0 to 100")
        if self.every_minutes < 0 or self.look_back_days < 0:
            raise ValueError("every_minutes and look_back_days cannot be negative")
        if len({feed.url.rstrip("/") for feed in self.feeds}) < len(self.feeds):
            raise ValueError("two feeds have the same address")
