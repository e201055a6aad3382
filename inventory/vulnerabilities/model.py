"""What a scanner found, what a scan covered, and what an advisory tells: frozen values that all formats lead to.

Times are ns since 1970 in UTC, None where a file says nothing. Texts are bounded by whoever makes the values.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from inventory.vulnerabilities.cpe import Cpe
from sensors.errors import Problem

Severity: TypeAlias = Literal["unknown", "none", "low", "medium", "high", "critical"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""In order; `unknown` is not less than `none` but is told apart, since nobody has judged yet."""

Operator: TypeAlias = Literal["AND", "OR"]


@dataclass(frozen=True, slots=True)
class Score:
    """One score of CVSS: `version` is 2.0, 3.0, 3.1 or 4.0, `score` 0 to 10, `vector` as FIRST writes it."""

    version: str
    score: float
    vector: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.score <= 10:
            raise ValueError(f"a score of CVSS is 0 to 10, not {self.score}")


@dataclass(frozen=True, slots=True)
class ScanFinding:
    """One thing that one scanner's plugin saw at one host and port.

    `target` is how a re-check finds the place again: the address for network scanners, the name for those of sites.
    Port 0 stands for the host as a whole. `credentialed`: the scanner could log in there, so that it saw more.
    """

    scanner: str
    target: str
    plugin: str
    title: str
    address: str = ""
    name: str = ""
    port: int = 0
    protocol: str = ""
    cves: tuple[str, ...] = ()
    cpes: tuple[str, ...] = ()
    severity: Severity = "unknown"
    score: Score | None = None
    evidence: str = ""
    seen: int | None = None
    credentialed: bool = False

    def __post_init__(self) -> None:
        if not (self.scanner and self.target and self.plugin):
            raise ValueError("a finding has a scanner, a target and a plugin")
        if not 0 <= self.port <= 65_535:
            raise ValueError(f"no such port: {self.port}")


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a scan is proven to have looked at, at one target: these ports with these plugins.

    `ports` are ranges (protocol, first, last); port 0 is covered where the host's scan came to its end. `plugins` are
    those that are known to have run, None where nothing says which: then nothing is proven.
    """

    scanner: str
    target: str
    ports: tuple[tuple[str, int, int], ...] = ()
    plugins: frozenset[str] | None = None
    ended: int | None = None
    credentialed: bool = False

    def covers(self, port: int, protocol: str, plugin: str) -> bool:
        """Whether a plugin is proven to have looked at a port."""
        if self.plugins is None or plugin not in self.plugins:
            return False
        return any(
            first <= port <= last and (port == 0 or kind == protocol or not protocol)
            for kind, first, last in self.ports
        )


@dataclass(frozen=True, slots=True)
class CpeMatch:
    """One criterion: which products, and of them which versions; `vulnerable` is False for what must only be there."""

    criterion: Cpe
    vulnerable: bool = True
    start_including: str = ""
    start_excluding: str = ""
    end_including: str = ""
    end_excluding: str = ""

    @property
    def bounded(self) -> bool:
        """Whether a range says which versions, and not the criterion itself."""
        return bool(self.start_including or self.start_excluding or self.end_including or self.end_excluding)

    def spelled(self) -> str:
        """The range as people write it, such as `>=2.4.0 <2.4.58`."""
        said = (">=", self.start_including), (">", self.start_excluding), ("<=", self.end_including)
        parts = [f"{sign}{version}" for sign, version in (*said, ("<", self.end_excluding)) if version]
        return " ".join(parts) or (self.criterion.full_version() or "*")


@dataclass(frozen=True, slots=True)
class Node:
    """Criteria joined by an operator."""

    operator: Operator
    matches: tuple[CpeMatch, ...]
    negate: bool = False


@dataclass(frozen=True, slots=True)
class Configuration:
    """Nodes joined by an operator; an advisory applies where one of its configurations does."""

    nodes: tuple[Node, ...]
    operator: Operator = "OR"
    negate: bool = False


@dataclass(frozen=True, slots=True)
class Advisory:
    """What one source tells of one vulnerability; `source` is nvd, cnnvd or kev, `id` the source's own."""

    id: str
    source: str
    cves: tuple[str, ...] = ()
    cnnvd: str = ""
    published: int | None = None
    modified: int | None = None
    scores: tuple[Score, ...] = ()
    severity: Severity = "unknown"
    configurations: tuple[Configuration, ...] = ()
    exploited: bool = False
    due: int | None = None
    ransomware: bool = False
    references: tuple[str, ...] = ()
    title_en: str = ""
    title_zh: str = ""
    withdrawn: bool = False

    def __post_init__(self) -> None:
        if not (self.id and self.source):
            raise ValueError("an advisory has an id and a source")

    @property
    def score(self) -> Score | None:
        """The score of the latest version of CVSS that there is."""
        return max(self.scores, key=lambda one: one.version, default=None)


Item: TypeAlias = ScanFinding | Coverage | Advisory | Problem
"""What a reader gives, one after the other: what is good, and what is wrong with its place."""


def severity_of(score: float) -> Severity:
    """The qualitative rating of a score (CVSS v3.1, section 5; v4.0, section 6)."""
    if score <= 0:
        return "none"
    if score < 4:
        return "low"
    if score < 7:
        return "medium"
    return "high" if score < 9 else "critical"
