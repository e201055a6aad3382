"""What context consists of: who has which addresses from when to when, and which events are in which address space."""

from dataclasses import dataclass, field, fields
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

from sensors.errors import Place

Domain: TypeAlias = Literal["extranet", "tenant", "cii", "iot", "ot", "internet"]
"""The network that an address belongs to: the e-government extranet, a tenant of the city's cloud, critical information
infrastructure, sensing (cameras, meters), industrial control, or the Internet."""

DOMAINS: Final[tuple[Domain, ...]] = get_args(Domain)
GRADES: Final = range(1, 6)
"""Grades of classified protection, GB/T 22239 (等保)."""


class Known(NamedTuple):
    """What is known about one address or host; None is not known. In the order of the fields that events get."""

    asset: str | None = None
    system: str | None = None
    unit: str | None = None
    district: str | None = None
    domain: Domain | None = None
    grade: int | None = None
    cii: bool | None = None


NOTHING: Final = Known()
INTERNET: Final = Known(domain="internet")
"""Of a public address that no entry covers."""


class Address(NamedTuple):
    """An address as a number: `version` 4 or 6, and its 32 or 128 bits."""

    version: int
    number: int


@dataclass(frozen=True, slots=True)
class Range:
    """Addresses from `first` to `last`, both included: a network, a single address or any other stretch."""

    version: int
    first: int
    last: int

    def __post_init__(self) -> None:
        if not 0 <= self.first <= self.last < 1 << (32 if self.version == 4 else 128):
            raise ValueError("a range goes from its first address to its last")

    @property
    def size(self) -> int:
        """How many addresses it has; of two ranges the one with fewer is more specific."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known about the addresses of a range, a host, or both, in one address space and for some time.

    Attributes:
        known: what is said; at least one thing.
        range: the addresses; None for a host without a fixed one.
        host: its name in lower case; None where it has none.
        space: the address space; empty for the one that all events are in that fit no other.
        valid_from: ns since 1970, included; None for ever since.
        valid_to: ns since 1970, not included any more; None for open.
        place: where it was said.
    """

    known: Known
    range: Range | None = None
    host: str | None = None
    space: str = ""
    valid_from: int | None = None
    valid_to: int | None = None
    place: Place = field(default=Place(""), compare=False)

    def __post_init__(self) -> None:
        if self.range is None and self.host is None:
            raise ValueError("an entry is about addresses or a host")
        if self.known == NOTHING:
            raise ValueError("an entry says something")
        if self.valid_from is not None and self.valid_to is not None and self.valid_from >= self.valid_to:
            raise ValueError("an entry ends after it begins")


@dataclass(frozen=True, slots=True)
class Space:
    """An address space, such as a tenant's, and which events have their addresses in it.

    An event must fit everything that is said: its outer VLAN is one of `vlan`, one of its tunnels has an id of
    `tunnel_id`, and the name of its source or of its observer fits one of the patterns in `source`. Several spaces of
    one name are alternatives.
    """

    name: str
    vlan: frozenset[str] = frozenset()
    tunnel_id: frozenset[str] = frozenset()
    source: tuple[str, ...] = ()
    place: Place = field(default=Place(""), compare=False)

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("a space has a name")
        if not (self.vlan or self.tunnel_id or self.source):
            raise ValueError("a space says which events are in it")


KEYS: Final = ("network", "host", "space", "valid_from", "valid_to", *Known._fields)
"""What an entry can say, by the keys of the files."""

SPACE_KEYS: Final = tuple(one.name for one in fields(Space) if one.name != "place")
