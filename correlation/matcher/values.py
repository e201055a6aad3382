"""The value of a field as matching sees it: a text, null, several of these, or an object; and a field that is absent.

A rule's `4688` and an event's "4688", `true` and "true", 1 and 1.0 are equal, so every scalar is matched as its text.
The texts are also the keys of all caches: Python holds 1, True and 1.0 for one key, texts it does not.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np


class Mark:
    """A value that no event can hold."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


MISSING: Final = Mark("MISSING")
"""The field is not in the event."""
OBJECT: Final = Mark("OBJECT")
"""The field holds an object: it is there and not null, and no pattern fits it."""

Key: TypeAlias = str | Mark | tuple[str | Mark | None, ...] | None
"""What a field's value is matched as: a text, null, MISSING, OBJECT, or the elements of a list."""


def text_of(value: Any) -> str:
    """A scalar that is not null as its text."""
    if value.__class__ is str:
        return str(value)
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        return str(int(value))
    return str(value)


def key_of(value: Any) -> Key:
    """Any value that a field of an event can hold, as it is matched."""
    if value.__class__ is str or value is None or value.__class__ is Mark:
        return value
    if isinstance(value, Mapping):
        return OBJECT
    if isinstance(value, list | tuple | np.ndarray):
        found: list[str | Mark | None] = []
        for item in value:
            key = key_of(item)
            if isinstance(key, tuple):
                found.extend(key)
            else:
                found.append(key)
        return tuple(found)
    return text_of(value.item() if isinstance(value, np.generic) else value)


_SCALARS: Final = frozenset({str, int, float, bool, type(None)})
_INTEGERS: Final = frozenset({int})
_READY: Final = frozenset({str, type(None), Mark})
_WORDS: Final = {True: "true", False: "false"}
_WORDY: Final = _READY | {bool}


def keys_of(column: Sequence[Any] | np.ndarray[Any, Any]) -> Sequence[Key]:
    """A column's values as they are matched; columns of texts, the usual ones, pass as they are."""
    values = column.tolist() if isinstance(column, np.ndarray) else column
    kinds = set(map(type, values))
    if kinds <= _READY:
        return values
    if kinds == _INTEGERS:
        return list(map(str, values))
    if kinds <= _WORDY:
        return list(map(_WORDS.get, values, values))
    return list(map(key_of, values))


def reach(value: Any, path: Sequence[str]) -> Any:
    """What stands at a path below a value: MISSING, one value, or a list where a list of objects was crossed.

    Keys with dots are reached too: the path may be cut anywhere.
    """
    if not path:
        return value
    if isinstance(value, Mapping):
        found = []
        for cut in range(1, len(path) + 1):
            name = ".".join(path[:cut])
            if name in value:
                below = reach(value[name], path[cut:])
                if below is not MISSING:
                    found.append(below)
        return _merged(found)
    if isinstance(value, list | tuple):
        return _merged([below for item in value if (below := reach(item, path)) is not MISSING])
    return MISSING


def _merged(found: list[Any]) -> Any:
    if len(found) < 2:
        return found[0] if found else MISSING
    return found


def flatten(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document as dotted names and values; names that several places share get a list of all their values.

    Lists of objects are crossed: `{"a": [{"b": 1}, {"b": 2}]}` gives `a.b` the values 1 and 2. Whatever else a list
    holds stays below the list's own name, and an object without keys stays an object.
    """
    flat: dict[str, list[Any]] = {}
    work: list[tuple[str, Any]] = [(name, document[name]) for name in reversed(list(document))]
    while work:
        name, value = work.pop()
        if value.__class__ in _SCALARS:  # asked first: the question whether something is a mapping is dear
            flat.setdefault(name, []).append(value)
        elif isinstance(value, Mapping) and value:
            work.extend((f"{name}.{key}", value[key]) for key in reversed(list(value)))
        elif isinstance(value, list | tuple) and any(
            item.__class__ not in _SCALARS and isinstance(item, Mapping | list | tuple) for item in value
        ):
            work.extend((name, item) for item in reversed(value))
        else:
            flat.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in flat.items()}
