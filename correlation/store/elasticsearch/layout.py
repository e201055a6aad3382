"""Where a leaf lives in a document: a mapped field of its own, a flattened namespace, or `hanwatch.unmapped`.

A mapped field takes the values that fit its type. An open namespace (`prefix.*` in the table of fields) is one
flattened field, so that any number of keys below it never grows the mapping; where the table also declares single
fields below the prefix, the prefix is an object and what is not declared is unmapped. `hanwatch.unmapped` is one
flattened field with every leaf that has no other place, and the texts of values that do not fit their field's type.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, Literal, TypeAlias

from sensors.event.fields import FieldType, fields

UNMAPPED: Final = "hanwatch.unmapped"
REST: Final = "hanwatch.rest"
"""JSON text, not indexed: the originals of fields that their place in the document cannot give back as they came."""
RECORD: Final = "hanwatch.spool.record"
"""Sequence and digest of the spool record that stored the event: tells a redo of ours from a duplicate."""

Place: TypeAlias = Literal["own", "namespace", "unmapped"]


@dataclass(frozen=True, slots=True)
class Slot:
    """A leaf's place: the field that is asked, and for a flattened one its root and the key below it."""

    place: Place
    kind: FieldType
    field: str
    root: str = ""
    key: str = ""


@cache
def namespaces() -> tuple[str, ...]:
    """The prefixes that are flattened fields, longest first."""
    declared = [name for name in fields() if not name.endswith(".*")]
    prefixes = [name[:-2] for name in fields() if name.endswith(".*")]
    closed = {
        prefix
        for prefix in prefixes
        for name in declared
        if name == prefix or name.startswith(f"{prefix}.") or prefix.startswith(f"{name}.")
    }
    alone = [prefix for prefix in prefixes if prefix not in closed]
    outer = [one for one in alone if not any(one.startswith(f"{other}.") for other in alone)]
    return tuple(sorted(outer, key=len, reverse=True))


@cache
def mapped() -> dict[str, FieldType]:
    """The fields with a mapping of their own; a declared object has none, its leaves have."""
    return {name: one.type for name, one in fields().items() if one.type != "object" and not name.endswith(".*")}


@lru_cache(maxsize=16_384)
def slot(leaf: str) -> Slot:
    """Where a leaf's fitting values are."""
    kind = mapped().get(leaf)
    if kind is not None:
        return Slot("own", kind, leaf)
    for prefix in namespaces():
        if leaf.startswith(f"{prefix}."):
            return Slot("namespace", "keyword", leaf, prefix, leaf[len(prefix) + 1 :])
    return Slot("unmapped", "keyword", f"{UNMAPPED}.{leaf}", UNMAPPED, leaf)


def misfit_slot(field: str) -> Slot:
    """Where the texts are of values that do not fit a field's type."""
    return Slot("unmapped", "keyword", f"{UNMAPPED}.{field}", UNMAPPED, field)


def flattened_roots() -> tuple[str, ...]:
    """All flattened fields."""
    return (*namespaces(), UNMAPPED)
