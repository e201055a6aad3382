"""Templates: what the records of a set look like, told by the exporter, kept across restarts.

A template belongs to an exporter's address, version and domain (RFC 3954 section 5.1, RFC 7011 section 8). Exporters
send them again and again, since UDP loses some; one that differs takes the place of the one before.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

VARIABLE = 65_535
"""A field's length that stands in the record itself (RFC 7011 section 7)."""
MAX_FIELDS = 1_000
MAX_TEMPLATES = 10_000

_PAIR = struct.Struct(">HH")
_TRIPLE = struct.Struct(">HHH")
_ENTERPRISE = struct.Struct(">I")

Field: TypeAlias = tuple[int, int, int]
"""Number of the element, number of the enterprise (0: IANA's), length in octets."""
Exporter: TypeAlias = tuple[str, int, int]
"""Address, version, domain."""


@dataclass(frozen=True, slots=True)
class Template:
    """Fields of a record in order; `scopes` of them say what an options record is about, 0 for flows.

    What follows from the fields is worked out once, since every data set asks for it.

    Attributes:
        least: the least octets that a record has; what is left of a set and shorter is padding.
        fixed: whether all records are equally long.
    """

    id: int
    fields: tuple[Field, ...]
    scopes: int = 0
    least: int = field(init=False, repr=False, compare=False)
    fixed: bool = field(init=False, repr=False, compare=False)
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        lengths = [length for _, _, length in self.fields]
        object.__setattr__(self, "least", sum(1 if length == VARIABLE else length for length in lengths))
        object.__setattr__(self, "fixed", VARIABLE not in lengths)
        object.__setattr__(self, "_hash", hash((self.id, self.fields, self.scopes)))

    def __hash__(self) -> int:
        return self._hash


class Book:
    """The templates of all exporters."""

    def __init__(self) -> None:
        self._templates: dict[tuple[Exporter, int], Template] = {}
        self.changed = False

    def __len__(self) -> int:
        return len(self._templates)

    def find(self, exporter: Exporter, number: int) -> Template | None:
        """The template of a set."""
        return self._templates.get((exporter, number))

    def keep(self, exporter: Exporter, templates: Iterable[Template]) -> list[int]:
        """Remember templates; returns the ids of those that are new or differ."""
        news = []
        for template in templates:
            key = exporter, template.id
            if self._templates.get(key) == template:
                continue
            self._templates.pop(key, None)
            if len(self._templates) >= MAX_TEMPLATES:
                del self._templates[next(iter(self._templates))]
            self._templates[key] = template
            news.append(template.id)
            self.changed = True
        return news

    def state(self) -> list[Any]:
        """All templates as JSON."""
        return [
            [*exporter, template.id, template.scopes, [list(field) for field in template.fields]]
            for (exporter, _), template in self._templates.items()
        ]

    def load(self, state: Any) -> None:
        """Take up what `state` gave; what is none of it is left out."""
        for entry in state if isinstance(state, list) else []:
            try:
                address, version, domain, number, scopes, fields = entry
                template = Template(number, tuple((one, two, three) for one, two, three in fields), scopes)
            except (TypeError, ValueError):
                continue
            self._templates[(address, version, domain), number] = template


def read_templates(version: int, number: int, content: bytes) -> tuple[list[Template], str]:
    """The templates of a set with this id (0 and 1 in v9, 2 and 3 in IPFIX), and what is wrong with the rest."""
    if version == 9:
        return _version_9_options(content) if number == 1 else _plain(content, enterprises=False, options=False)
    return _plain(content, enterprises=True, options=number == 3)


def _plain(content: bytes, *, enterprises: bool, options: bool) -> tuple[list[Template], str]:
    """Templates of v9 (RFC 3954 section 5.2) and IPFIX (RFC 7011 sections 3.4.1 and 3.4.2.2)."""
    found: list[Template] = []
    header = _TRIPLE if options else _PAIR
    at = 0
    while at + header.size <= len(content):
        number, count, scopes = _TRIPLE.unpack_from(content, at) if options else (*_PAIR.unpack_from(content, at), 0)
        if number < 256:
            break
        at += header.size
        if not count:
            # A withdrawal, which has no place over UDP (RFC 7011 section 8.4).
            continue
        if count > MAX_FIELDS or scopes > count or (options and not scopes):
            return found, "netflow-template"
        fields, at = _fields(content, at, count, enterprises=enterprises)
        if fields is None:
            return found, "netflow-template"
        found.append(Template(number, fields, scopes))
    return found, _fault_of_rest(content, at)


def _version_9_options(content: bytes) -> tuple[list[Template], str]:
    """Options templates of v9, whose lengths are octets (RFC 3954 section 6.1); scopes come first."""
    found: list[Template] = []
    at = 0
    while at + _TRIPLE.size <= len(content):
        number, scope_octets, option_octets = _TRIPLE.unpack_from(content, at)
        if number < 256:
            break
        at += _TRIPLE.size
        scopes, count = scope_octets // 4, (scope_octets + option_octets) // 4
        fields, at = _fields(content, at, count, enterprises=False)
        if fields is None or count > MAX_FIELDS or (scope_octets + option_octets) % 4:
            return found, "netflow-template"
        if fields:
            # A scope's number means something else than an element's: system, interface, line card, cache, template.
            marked = tuple((field[0], SCOPE, field[2]) for field in fields[:scopes])
            found.append(Template(number, marked + fields[scopes:], max(1, scopes)))
    return found, _fault_of_rest(content, at)


def _fault_of_rest(content: bytes, at: int) -> str:
    """What is left of a set is padding: zeros, or whatever a few exporters leave in the last octets of a word."""
    return "netflow-template" if len(content) - at >= 4 and any(content[at:]) else ""


SCOPE = -1
"""Stands for the enterprise of a v9 scope field."""


def _fields(content: bytes, at: int, count: int, *, enterprises: bool) -> tuple[tuple[Field, ...] | None, int]:
    fields: list[Field] = []
    for _ in range(count):
        if at + 4 > len(content):
            return None, at
        number, length = _PAIR.unpack_from(content, at)
        at += 4
        enterprise = 0
        if enterprises and number & 0x8000:
            if at + 4 > len(content):
                return None, at
            (enterprise,) = _ENTERPRISE.unpack_from(content, at)
            number &= 0x7FFF
            at += 4
        fields.append((number, enterprise, length))
    return tuple(fields), at
