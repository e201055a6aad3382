"""Values of a column brought to a field's declared type, or told apart where they are not of it.

A value that does not fit is never bent: its row keeps it under the vendor's name instead (sensors.parsers.renaming).
"""

from collections.abc import Callable, Sequence
from ipaddress import ip_address
from itertools import chain
from types import NoneType
from typing import Any, Final

from sensors.event.fields import FieldType
from sensors.event.times import EARLIEST, LATEST, iso
from sensors.parsers.caches import Bounded
from sensors.parsers.instants import iso_moment

INT64_MIN, INT64_MAX = -(1 << 63), (1 << 63) - 1
DOUBLE_EXACT = 1 << 53
"""Whole numbers up to here survive as a double."""


class Unfit:
    """The type of `UNFIT`: stands in a converted column where a value is not of the field's type."""


UNFIT: Final = Unfit()

_TEXT = {str}
_TEXT_OR_NULL = {str, NoneType}


def text_of(value: Any) -> str:
    """A scalar as text, the way Sigma compares it: true and false in lower case, numbers by their digits."""
    if value.__class__ is bool:
        return "true" if value else "false"
    return value if value.__class__ is str else str(value)


def _address(text: str) -> str | Unfit:
    # Windows writes IPv4 addresses as ::ffff:a.b.c.d, and scopes (%12) belong to the host, not to the address.
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return UNFIT
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def _date(text: str) -> str | Unfit:
    moment = iso_moment(text)
    return iso(moment) if moment is not None and EARLIEST <= moment < LATEST else UNFIT


ADDRESSES: Bounded[str, str | Unfit] = Bounded(_address)
_DATES: Bounded[str, str | Unfit] = Bounded(_date)


def _keyword(value: Any) -> Any:
    kind = value.__class__
    if kind is dict:
        return UNFIT
    if kind is list:
        return UNFIT if any(item.__class__ in (dict, list) for item in value) else [
            None if item is None else text_of(item) for item in value
        ]
    return text_of(value)


def _ip(value: Any) -> Any:
    if value.__class__ is str:
        return ADDRESSES[value]
    if value.__class__ is list and all(item.__class__ is str for item in value):
        found = [ADDRESSES[item] for item in value]
        return UNFIT if UNFIT in found else found
    return UNFIT


def whole_number(value: Any) -> Any:
    """An int64 from a number or its decimal text, UNFIT where it is none."""
    if value.__class__ is str:
        digits = value[1:] if value[:1] == "-" else value
        if not (0 < len(digits) < 20 and digits.isascii() and digits.isdecimal()):
            return UNFIT
        value = int(value)
    elif value.__class__ is float and value.is_integer() and abs(value) <= DOUBLE_EXACT:
        value = int(value)
    return value if value.__class__ is int and INT64_MIN <= value <= INT64_MAX else UNFIT


def _double(value: Any) -> Any:
    if value.__class__ is int and abs(value) <= DOUBLE_EXACT:
        return float(value)
    return value if value.__class__ is float else UNFIT


def _boolean(value: Any) -> Any:
    return value if value.__class__ is bool else UNFIT


def _moment(value: Any) -> Any:
    return _DATES[value] if value.__class__ is str else UNFIT


def _object(value: Any) -> Any:
    return value


_REMEMBERED: dict[FieldType, Bounded[str, str | Unfit]] = {"ip": ADDRESSES, "date": _DATES}
_CONVERTERS: dict[FieldType, Callable[[Any], Any]] = {
    "keyword": _keyword,
    "text": _keyword,
    "long": whole_number,
    "double": _double,
    "boolean": _boolean,
    "ip": _ip,
    "date": _moment,
    "object": _object,
}


def convert(  # noqa: C901, PLR0911, PLR0912 - a case a type
    column: Sequence[Any], kind: FieldType
) -> tuple[Sequence[Any], bool]:
    """The column with every value of type `kind`, UNFIT where one is not of it, and whether all of them are.

    Null stays null.
    """
    types = set(map(type, column))
    if kind in ("keyword", "text"):
        if types <= _TEXT_OR_NULL:
            return column, True
        if types == {int}:
            return list(map(str, column)), True
        if types == {list} and set(map(type, chain.from_iterable(column))) <= _TEXT:
            return column, True
    elif kind == "long":
        if types == {int} and min(column) >= INT64_MIN and max(column) <= INT64_MAX:
            return column, True
        if types == _TEXT:
            digits = "".join(column)
            if digits.isascii() and digits.isdecimal() and max(map(len, column)) < 19 and "" not in column:
                return list(map(int, column)), True
    elif kind == "double":
        if types == {float}:
            return column, True
    elif kind == "boolean":
        if types == {bool}:
            return column, True
    elif kind == "ip" and types == {list} and set(map(type, chain.from_iterable(column))) <= _TEXT:
        lists = [list(map(ADDRESSES.__getitem__, texts)) for texts in column]
        if Unfit not in set(map(type, chain.from_iterable(lists))):
            return lists, True
    elif types == _TEXT and kind in _REMEMBERED:
        values: list[Any] = list(map(_REMEMBERED[kind].__getitem__, column))
        return values, Unfit not in set(map(type, values))
    one = _CONVERTERS[kind]
    values = [None if value is None else one(value) for value in column]
    return values, Unfit not in set(map(type, values))


def fits(value: Any, kind: FieldType) -> bool:
    """Whether a value is of the type already, as a store may expect it: what the tests ask of every column."""
    if value is None:
        return True
    if value.__class__ is list:
        return all(fits(item, kind) for item in value)
    converted = _CONVERTERS[kind](value)
    return converted is not UNFIT and converted == value and converted.__class__ is value.__class__
