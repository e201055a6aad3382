"""All registers, as data: one YAML file for each, read here.

The tables, the columns of files, the API and the documentation page are made from them.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

import yaml

from inventory.model import Field, Register, Words

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

NAMES: Final = (
    # Who is responsible, from the whole to its parts: everything else refers to these.
    "districts", "units",
    # Where things run. Platforms stand in data centres, tenants on platforms.
    "address_spaces", "data_centres", "private_networks", "cloud_platforms", "tenants",
    # The systems, which are what the plan counts, and how people reach them.
    "systems", "sites",
    # What systems are made of.
    "assets", "software", "installations", "cloud_resources", "iot_platforms", "iot_devices",
    # The networks between.
    "access_points", "lines", "vlans", "prefixes",
    # What the law looks at.
    "data_catalogue", "data_reviews", "cii",
    # What the plan's indicators need beyond.
    "indicator_values", "exclusions",
)  # fmt: skip
"""The files beside this module, so that whoever imports them in this order finds what a register refers to."""


@cache
def registers() -> Mapping[str, Register]:
    """All registers by name, in the order of `NAMES`."""
    made = {name: _register(name) for name in NAMES}
    for register in made.values():
        for field in register.fields:
            if field.register and len(made[field.register].key) > 1:
                raise ValueError(f"{register.name}.{field.key}: {field.register} has no key of one field to refer to")
    return MappingProxyType(made)


def _register(name: str) -> Register:
    said = yaml.load((files(__package__) / f"{name}.yml").read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - both loaders are the safe ones
    return Register(
        name=name,
        title=Words(**said["title"]),
        key=tuple(said["key"]),
        known_by=tuple(said.get("known_by", ())),
        basis=said["basis"],
        fields=tuple(_field(one) for one in said["fields"]),
    )


def _field(said: dict[str, Any]) -> Field:
    choices = {str(code): Words(**words) for code, words in said.pop("choices", {}).items()}
    title = Words(said.pop("zh"), said.pop("en"))
    also = tuple(str(one) for one in said.pop("also", ()))
    return Field(title=title, also=also, choices=choices, **said)
