"""What each leaf asks of one text: the last word wherever an index has only found a candidate."""

import ipaddress
import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeAlias

from correlation.matcher.values import MISSING, OBJECT, Key
from correlation.rules.condition import (
    Cidr,
    Compare,
    Contains,
    EndsWith,
    Equals,
    Exists,
    FieldRef,
    Glob,
    Leaf,
    Null,
    Present,
    Regex,
    StartsWith,
    Wild,
)
from correlation.rules.conversion import compile_regex

Predicate: TypeAlias = Callable[[str, str], bool]
"""Takes a value's text as it is and in lower case."""

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "eq": operator.eq, "neq": operator.ne, "lt": operator.lt, "lte": operator.le, "gt": operator.gt, "gte": operator.ge,
}
_GLOB = {Wild.MANY: ".*", Wild.ONE: "."}


def predicate(leaf: Leaf) -> Predicate:  # noqa: C901, PLR0911 - one short branch for each kind of leaf
    """The question that a leaf asks of a value's text; only for leaves that look at texts."""
    match leaf:
        case Equals(_, value, cased):
            return (lambda text, _: text == value) if cased else (lambda _, lower: lower == value)
        case Contains(_, value, cased):
            return (lambda text, _: value in text) if cased else (lambda _, lower: value in lower)
        case StartsWith(_, value, cased):
            return (lambda text, _: text.startswith(value)) if cased else (lambda _, lower: lower.startswith(value))
        case EndsWith(_, value, cased):
            return (lambda text, _: text.endswith(value)) if cased else (lambda _, lower: lower.endswith(value))
        case Glob(_, parts, cased):
            pattern = "".join(re.escape(part) if isinstance(part, str) else _GLOB[part] for part in parts)
            whole = re.compile(pattern, re.DOTALL).fullmatch
            return (lambda text, _: whole(text) is not None) if cased else (lambda _, lower: whole(lower) is not None)
        case Regex(_, pattern, flags):
            search = compile_regex(pattern, flags).search
            return lambda text, _: search(text) is not None
        case Cidr(_, network):
            inside = ipaddress.ip_network(network)
            return lambda text, _: any(address in inside for address in addresses(text))
        case Compare():
            return _comparison(leaf)
        case Present():
            return lambda _text, _lower: True
        case Null() | Exists() | FieldRef():
            raise TypeError(f"{type(leaf).__name__} does not look at texts")


def holds(leaf: Leaf, key: Key) -> bool:
    """Whether a leaf that looks at one field is true of a whole value, be it absent, null, a text or several."""
    if isinstance(leaf, Exists):
        return (key is not MISSING) == leaf.wanted
    if isinstance(key, tuple):
        return any(holds(leaf, item) for item in key)
    if isinstance(leaf, Null):
        return key is None or key is MISSING
    if isinstance(key, str):
        return predicate(leaf)(key, key.lower())
    return isinstance(leaf, Present) and key is OBJECT


def addresses(text: str) -> tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, ...]:
    """The address that a text is, and the IPv4 address inside it where it is an IPv6 address that maps one."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ()
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (address,) if mapped is None else (address, mapped)


def _comparison(leaf: Compare) -> Predicate:
    relation, number, unit = _COMPARE[leaf.operator], leaf.number, leaf.unit

    def numeric(text: str, _: str) -> bool:
        value = number_of(text)
        return value is not None and relation(value, number)

    def temporal(text: str, _: str) -> bool:
        moment = moment_of(text)
        return moment is not None and relation(_PARTS[unit or "year"](moment), number)

    return numeric if unit is None else temporal


_PARTS: dict[str, Callable[[datetime], int]] = {
    "minute": lambda moment: moment.minute,
    "hour": lambda moment: moment.hour,
    "day": lambda moment: moment.day,
    "week": lambda moment: moment.isocalendar().week,
    "month": lambda moment: moment.month,
    "year": lambda moment: moment.year,
}
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


def number_of(text: str) -> float | None:
    """A text as a number, None if it is none: decimal digits, a point, an exponent; not `1_0`, `inf` or `0x10`."""
    stripped = text.strip()
    return float(stripped) if _NUMBER.fullmatch(stripped) else None


@lru_cache(maxsize=4_096)
def moment_of(text: str) -> datetime | None:
    """A text as a time in UTC: ISO 8601, or seconds or milliseconds since 1970; None if it is neither."""
    number = number_of(text)
    try:
        if number is not None:
            return datetime.fromtimestamp(number / 1_000 if number >= 1e11 else number, UTC)
        moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text.strip()))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None
