"""Information elements: what a field's number means, read from elements.yml."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal, TypeAlias

import yaml

Kind: TypeAlias = Literal[
    "number", "text", "octets", "ip4", "ip6", "mac", "uptime", "seconds", "milliseconds", "micros", "nanos", "delta"
]
REVERSE = 29_305
"""The enterprise number under which elements of the other direction stand (RFC 5103 section 6.1)."""

WIDTHS: Mapping[str, int] = {"ip4": 4, "ip6": 16, "mac": 6, "micros": 8, "nanos": 8}
"""Kinds that have one length; a field of another length is kept as octets."""
NUMBERS = frozenset({"number", "uptime", "seconds", "milliseconds", "delta"})
"""Kinds that are unsigned numbers, cut to fewer octets as exporters like (RFC 7011 section 6.2); eight at most."""


@dataclass(frozen=True, slots=True)
class Element:
    """An information element: its name, how its octets are read, and the field of an event that it fills."""

    name: str
    kind: Kind
    field: str


@cache
def elements() -> Mapping[int, Element]:
    """All elements that are known, by number."""
    text = (files(__package__) / "elements.yml").read_text(encoding="utf-8")
    return MappingProxyType({
        entry["id"]: Element(entry["name"], entry["kind"], entry.get("ecs", f"netflow.{entry['name']}"))
        for entry in yaml.safe_load(text)
    })


def element(number: int, enterprise: int, length: int) -> Element:
    """The element of a template's field; what is not known is kept as octets under its numbers."""
    known = elements().get(number) if enterprise in {0, REVERSE} else None
    if known is None:
        name = f"{enterprise}_{number}" if enterprise else str(number)
        return Element(f"ie_{name}", "octets", f"netflow.ie.{name}")
    if enterprise == REVERSE:
        known = Element(f"reverse_{known.name}", known.kind, f"netflow.reverse_{known.name}")
    fits = 0 < length <= 8 if known.kind in NUMBERS else length == WIDTHS.get(known.kind, length)
    return known if fits else Element(known.name, "octets", f"netflow.ie.{number}")
