"""References that lead to nothing at the moment of the audit or go in circles, and exclusions of nothing."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from inventory.audits.landscape import Landscape
from inventory.audits.model import Hit, Rule
from inventory.model import LISTS
from inventory.registers import registers

_TOLD: Final = 10


def dangling(land: Landscape, rule: Rule) -> Iterator[Hit]:
    """References to records that are not there, of every register."""
    for name, register in registers().items():
        for field in register.fields:
            if not field.register or f"{name}.{field.key}" in rule.parameters["elsewhere"]:
                continue
            there = land.table(field.register).rows
            for row, value in enumerate(land.table(name).column(field.key)):
                for id_ in (value or ()) if field.kind in LISTS else (value,):
                    if id_ is not None and id_ not in there:
                        yield Hit(name, row, f"{field.key} {id_}", {"field": field.key, "id": id_})


def circular(land: Landscape, _: Rule) -> Iterator[Hit]:
    """Records that are above themselves, each circle once."""
    for name, register in registers().items():
        for field in (one for one in register.fields if one.tree):
            table = land.table(name)
            above = dict(zip(table.ids, table.column(field.key), strict=True))
            for ids in _circles(above):
                keys = [land.named(name, id_) for id_ in ids]
                shown = {"field": field.key, "path": keys[:_TOLD], "number": len(keys)}
                yield Hit(name, table.rows[ids[0]], " ".join([field.key, *sorted(ids)]), shown)


def exclusions(land: Landscape, _: Rule) -> Iterator[Hit]:
    """Exclusions of records that are not there."""
    table = land.table("exclusions")
    keys: dict[str, frozenset[str]] = {}
    for row, (register, record) in enumerate(zip(table.column("register"), table.column("record"), strict=True)):
        if register in registers() and register not in keys:
            keys[register] = frozenset(land.key(register, other) for other in range(len(land.table(register))))
        if record not in keys.get(register, ()):
            yield Hit("exclusions", row, "", {"register": register, "record": record})


def _circles(above: Mapping[str, Any]) -> Iterator[list[str]]:
    """The circles in a map from each to the one above it, each from its least id on."""
    done: set[str] = set()
    for start in above:
        way: dict[str, int] = {}
        at: str | None = start
        while at is not None and at in above and at not in done and at not in way:
            way[at] = len(way)
            at = above[at]
        if at is not None and at in way:
            circle = list(way)[way[at] :]
            least = circle.index(min(circle))
            yield circle[least:] + circle[:least]
        done |= way.keys()
