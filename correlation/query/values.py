"""What a search sees of an event: typed leaves, the same for every store.

A field's value is taken apart into scalars (`leaves`): objects by their keys, lists by their elements, null is nothing.
Each scalar is then made canonical by the type of its name (`canonical`), or does not fit that type and counts as
plain text beside it. Stores index these values and nothing else, and keep the original to give back.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from math import isfinite
from socket import AF_INET, AF_INET6, inet_ntop
from typing import Any, Final, TypeAlias

from correlation.addresses import MAPPED, packed
from sensors.event.fields import FieldType, field_type
from sensors.event.times import EARLIEST, LATEST, from_iso, iso

LONGEST_VALUE: Final = 7_500
"""Characters of a keyword that are searched: what follows is kept, but one index term takes no more."""
LONGEST_NAME: Final = 512
"""A leaf with a longer name, or with NUL in it, is kept but not searched."""
DEEPEST: Final = 64
"""Leaves below so many objects and lists are kept but not searched."""

Scalar: TypeAlias = str | int | float | bool

LONG_MIN: Final = -(1 << 63)
LONG_MAX: Final = (1 << 63) - 1
_LONG = re.compile(r"-?(?:0|[1-9][0-9]{0,18})")
_DOUBLE = re.compile(r"-?[0-9]{1,300}(?:\.[0-9]{1,300})?(?:[eE][+-]?[0-9]{1,4})?")
_LONGEST_TIME = 40
_WHOLE = 16
"""Octets of an IPv6 address."""


class Misfit:
    """Says that a scalar does not fit the type of its field; there is one such value, `MISFIT`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISFIT"


MISFIT: Final = Misfit()


def text_of(value: Scalar) -> str:
    """A scalar as text: `true` and `false`, numbers as Python writes them, which no library's version changes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)


@lru_cache(maxsize=65_536)
def ip_bytes(text: str) -> bytes | None:
    """An address as 16 bytes, IPv4 as IPv4-mapped; None if the text is no address (RFC 4291, section 2.2)."""
    octets = packed(text)
    return octets if octets is None or len(octets) == _WHOLE else MAPPED + octets


@lru_cache(maxsize=65_536)
def ip_text(octets: bytes) -> str:
    """The canonical text of an address of 16 bytes: dotted for IPv4, RFC 5952 for IPv6."""
    return inet_ntop(AF_INET, octets[12:]) if octets.startswith(MAPPED) else inet_ntop(AF_INET6, octets)


def _long(value: Scalar) -> int | Misfit:
    if isinstance(value, str):
        value = int(value) if _LONG.fullmatch(value) else MISFIT  # type: ignore[assignment]
    elif isinstance(value, float):
        value = int(value) if value.is_integer() else MISFIT  # type: ignore[assignment]
    if isinstance(value, int) and not isinstance(value, bool) and LONG_MIN <= value <= LONG_MAX:
        return value
    return MISFIT


def _double(value: Scalar) -> float | Misfit:
    if isinstance(value, bool) or (isinstance(value, str) and not _DOUBLE.fullmatch(value)):
        return MISFIT
    number = float(value)
    return number if isfinite(number) else MISFIT


def _boolean(value: Scalar) -> bool | Misfit:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value, MISFIT) if isinstance(value, str) else MISFIT


def _ip(value: Scalar) -> str | Misfit:
    octets = ip_bytes(value) if isinstance(value, str) else None
    return MISFIT if octets is None else ip_text(octets)


def time_ns(text: str) -> int | None:
    """ISO 8601 text as ns since 1970; None if it is no time, or one that a store cannot keep."""
    if len(text) > _LONGEST_TIME or not text.isascii():
        return None
    try:
        moment = from_iso(text)
    except (ValueError, OverflowError):
        return None
    return moment if EARLIEST <= moment < LATEST else None


def _date(value: Scalar) -> str | Misfit:
    moment = time_ns(value) if isinstance(value, str) else None
    return MISFIT if moment is None else iso(moment)


def canonical(kind: FieldType, value: Scalar) -> Scalar | Misfit:  # noqa: PLR0911 - one return for each type
    """The value that a field of this type is searched by: int, float, bool, or text (ip and date in canonical form).

    Returns `MISFIT` where the value is not of the type; its `text_of` is then searched as a keyword of the same name.
    """
    if kind == "keyword":
        return text_of(value)[:LONGEST_VALUE]
    if kind == "text":
        return text_of(value)
    if kind == "long":
        return _long(value)
    if kind == "ip":
        return _ip(value)
    if kind == "date":
        return _date(value)
    if kind == "double":
        return _double(value)
    return _boolean(value) if kind == "boolean" else MISFIT


def leaves(name: str, value: Any) -> Iterator[tuple[str, Scalar]]:
    """The searchable scalars of a field, each with the name of its leaf."""
    stack = [(name, value, 0)]
    while stack:
        place, this, depth = stack.pop()
        if this is None or depth > DEEPEST:
            continue
        if isinstance(this, Mapping):
            stack.extend((f"{place}.{key}", this[key], depth + 1) for key in reversed(list(this)))
        elif isinstance(this, list | tuple):
            stack.extend((place, element, depth + 1) for element in reversed(this))
        elif len(place) <= LONGEST_NAME and "\0" not in place:
            yield place, this


def misfit_text(value: Scalar) -> str:
    """How a value that does not fit its field's type is searched."""
    return text_of(value)[:LONGEST_VALUE]


class Seen:
    """One event as a search sees it: typed values and misfits by the name of the leaf, distinct, in order."""

    __slots__ = ("misfits", "typed")

    def __init__(self, event: Mapping[str, Any]) -> None:
        self.typed: dict[str, list[Scalar]] = {}
        self.misfits: dict[str, list[str]] = {}
        for name, value in event.items():
            for leaf, scalar in leaves(name, value):
                fitting = canonical(field_type(leaf), scalar)
                if isinstance(fitting, Misfit):
                    self.misfits.setdefault(leaf, []).append(misfit_text(scalar))
                else:
                    self.typed.setdefault(leaf, []).append(fitting)
