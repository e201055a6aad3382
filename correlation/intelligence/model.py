"""What an indicator is: a value that somebody holds to be bad, who said so, how sure they are and for how long."""

import hashlib
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from sensors.errors import Problem

Kind: TypeAlias = Literal["ip", "network", "domain", "url", "hash", "ja3", "ja4"]
KINDS: tuple[Kind, ...] = get_args(Kind)

ECS_TYPES: dict[Kind, str] = {
    "ip": "ip-addr",
    "network": "network-traffic",
    "domain": "domain-name",
    "url": "url",
    "hash": "file",
    "ja3": "network-traffic",
    "ja4": "network-traffic",
}
"""threat.indicator.type: names of STIX's cyber observables, `ip-addr` for both versions (ECS 9, threat.indicator)."""

MARKINGS = ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")
"""Traffic Light Protocol 2.0 (FIRST), the most public first; TLP 1's WHITE is CLEAR."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One value of one provider, normalised (correlation.intelligence.normalising).

    Times are ns since 1970, None where the feed says nothing. `confidence` is 0 to 100 at `seen`, from which it decays.
    `id` is the feed's own where it has one; several values of one entry share it.
    """

    kind: Kind
    value: str
    provider: str
    confidence: int
    seen: int
    valid_from: int | None = None
    valid_until: int | None = None
    first_seen: int | None = None
    last_seen: int | None = None
    tags: tuple[str, ...] = ()
    name: str = ""
    description: str = ""
    marking: str = ""
    id: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS or not self.value or not self.provider:
            raise ValueError(f"an indicator has a kind, a value and a provider: {self.kind} {self.value!r}")
        if not 0 <= self.confidence <= 100:
            raise ValueError(f"confidence is 0 to 100, not {self.confidence}")
        if self.marking and self.marking not in MARKINGS:
            raise ValueError(f"no such marking: {self.marking}")
        if not self.id:
            said = f"{self.provider}\0{self.kind}\0{self.value}".encode("utf-8", "surrogatepass")
            object.__setattr__(self, "id", hashlib.blake2b(said, digest_size=16).hexdigest())


@dataclass(frozen=True, slots=True)
class Assumed:
    """What holds for the entries of a feed that say nothing of their own, and when it is read (ns since 1970)."""

    provider: str
    confidence: int
    now: int
    forced: int | None = None
    """A confidence that counts whatever the feed says; a person chose it."""
    stated: bool = False
    """Whether a person named the provider; then that name counts, whatever the feed says."""

    def provider_of(self, said: str) -> str:
        """Who is said to provide an entry."""
        return self.provider if self.stated else said or self.provider


@dataclass(frozen=True, slots=True)
class Portion:
    """A part of a feed: what can be used, what cannot and why, and what was taken back, by provider and id.

    `position`: where reading goes on once this and all before it is in the book; None where that is not known yet.
    """

    indicators: tuple[Indicator, ...] = ()
    problems: tuple[Problem, ...] = ()
    withdrawn: tuple[tuple[str, str], ...] = ()
    position: str | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """How many values are new, were known of their provider, were taken back, and how many entries cannot be used."""

    fresh: int = 0
    renewed: int = 0
    withdrawn: int = 0
    unusable: int = 0

    def __add__(self, other: "Imported") -> "Imported":
        return Imported(
            self.fresh + other.fresh,
            self.renewed + other.renewed,
            self.withdrawn + other.withdrawn,
            self.unusable + other.unusable,
        )


def marking_of(text: str) -> str:
    """The marking that a text such as `tlp:white` or `TLP:AMBER+STRICT` names; empty where it names none."""
    upper = text.strip().upper().removeprefix("TLP:").removeprefix("TLP-")
    upper = "CLEAR" if upper == "WHITE" else upper
    return upper if upper in MARKINGS else ""
