"""Every field that the product sets, as data: one YAML file for each family, read here.

The stores take their types from this table, the documentation page is made from it, and a test holds every parser
to it. A name that ends in `.*` declares what a source may add below a prefix: kept and searchable as keywords, never
part of a growing mapping.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, get_args

import yaml

FieldType: TypeAlias = Literal["keyword", "text", "long", "double", "boolean", "ip", "date", "object"]
"""ECS types: `text` is searched by words, `keyword` as a whole; `object` is kept as JSON and searched by its leaves."""

FAMILIES = ("base", "network", "windows", "web", "syslog", "suricata", "zeek", "ecs")
"""The files beside this module, in the order of the documentation page."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its dotted name (or prefix with `.*`), its type, and what it means in English and Chinese."""

    name: str
    type: FieldType
    family: str
    en: str
    zh: str

    def __post_init__(self) -> None:
        if self.type not in get_args(FieldType):
            raise ValueError(f"{self.name}: no such field type: {self.type}")
        if not self.en or not self.zh:
            raise ValueError(f"{self.name}: a field is described in English and Chinese")


@cache
def fields() -> Mapping[str, Field]:
    """All declared fields by name; a name stands in one family only."""
    table: dict[str, Field] = {}
    for family in FAMILIES:
        text = (files(__package__) / f"{family}.yml").read_text(encoding="utf-8")
        entries: list[dict[str, Any]] = yaml.safe_load(text) or []
        for entry in entries:
            if entry["name"] in table:
                raise ValueError(f"{entry['name']} is declared in {table[entry['name']].family} and in {family}")
            table[entry["name"]] = Field(**entry, family=family)
    return MappingProxyType(table)


def field_type(name: str) -> FieldType:
    """The type of a field; what is not declared is a keyword."""
    found = fields().get(name)
    return found.type if found else "keyword"
