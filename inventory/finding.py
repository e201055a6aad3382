"""Which record somebody means by a name: its key, one of the other names that it is known by, or its id."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rapidfuzz import process

from inventory.errors import RecordNotUnique, RecordUnknown
from inventory.history import at
from inventory.model import Moment, Register, Version
from inventory.ports import Known
from inventory.registers import registers
from inventory.values import UnusableError, read

_ALIKE: Final = 50
"""How alike a key must be, of 100, to be shown as the one that may have been meant."""
_COMPARED: Final = 20_000


def find(known: Known, register: Register, name: str, moment: Moment) -> str:
    """The id of the record that is called `name` at a moment, or was or will be where none is then.

    Of a key of several fields the parts are divided by blanks, in their order.

    Raises:
        RecordUnknown: there is none.
        RecordNotUnique: there are several.
    """
    for fields, values in _asked(known, register, name, moment):
        by_id = known.keyed(register, fields, [values]).get(values, {})
        found = _there(by_id, fields, values, moment) or list(by_id)
        if len(found) == 1:
            return found[0]
        if found:
            keys = sorted(known.named(register, found, moment).values())
            raise RecordNotUnique(register=register.name, name=name, found=", ".join(keys[:5]))
    if known.named(register, [name], moment):
        return name
    raise RecordUnknown(register=register.name, name=name, nearest=_nearest(known, register, name, moment))


def _asked(
    known: Known, register: Register, name: str, moment: Moment
) -> list[tuple[Sequence[str], tuple[Any, ...]]]:
    """By which fields with which values it is looked for, in this order."""
    asked: list[tuple[Sequence[str], tuple[Any, ...]]] = []
    parts = [name] if len(register.key) == 1 else name.split()
    if len(parts) == len(register.key):
        try:
            values = [_value(known, register, *one, moment) for one in zip(register.key, parts, strict=True)]
            asked.append((register.key, tuple(values)))
        except (UnusableError, RecordUnknown, RecordNotUnique):
            # It may be another name all the same.
            pass
    for key in register.known_by:
        try:
            asked.append(((key,), (read(register.by_key[key], name),)))
        except UnusableError:
            continue
    return asked


def _value(known: Known, register: Register, key: str, text: str, moment: Moment) -> Any:
    field = register.by_key[key]
    return find(known, registers()[field.register], text, moment) if field.register else read(field, text)


def _there(
    by_id: Mapping[str, Sequence[Version]], fields: Sequence[str], values: tuple[Any, ...], moment: Moment
) -> list[str]:
    found = []
    for id_, versions in by_id.items():
        now = at(versions, moment.valid)
        if now is not None and tuple(now.values.get(key) for key in fields) == values:
            found.append(id_)
    return found


def _nearest(known: Known, register: Register, name: str, moment: Moment) -> str:
    if known.count(register, moment) > _COMPARED:
        return "-"
    keys = (register.key[-1], *register.known_by)
    names = [str(one) for _, *row in known.columns(register, keys, moment) for one in row if one is not None]
    found = process.extractOne(name, names, score_cutoff=_ALIKE)
    return str(found[0]) if found else "-"
