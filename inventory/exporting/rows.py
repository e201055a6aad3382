"""Records as rows of texts, with references by the keys of what they lead to."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from inventory.columns import in_language
from inventory.model import Field, Moment, Record, Register
from inventory.ports import Known
from inventory.registers import registers
from inventory.values import spell

_TOGETHER: Final = 2_000
"""Records whose references are looked up together."""


def exported(known: Known, register: Register, moment: Moment, language: str) -> Iterator[list[str]]:
    """All records that were there at a moment, a text for each field."""
    for _, row in spelled(known, register, known.records(register, moment), moment, language):
        yield row


def spelled(
    known: Known, register: Register, records: Iterable[Record], moment: Moment, language: str
) -> Iterator[tuple[Record, list[str]]]:
    """Records with a text for each field; choices and flags are in a language that reading understands as well."""
    rest = iter(records)
    while some := list(islice(rest, _TOGETHER)):
        names = referred(known, register, some, moment)
        for record in some:
            yield record, [_text(field, record.values.get(field.key), names, language) for field in register.fields]


def referred(known: Known, register: Register, records: Sequence[Record], moment: Moment) -> Mapping[str, str]:
    """The keys of all records that some refer to, by id."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for field in register.fields:
        if field.register:
            for record in records:
                wanted[field.register].update(_ids(record.values.get(field.key)))
    return {
        id_: name
        for other, ids in wanted.items()
        for id_, name in known.named(registers()[other], ids, moment).items()
    }


def _text(field: Field, value: Any, names: Mapping[str, str], language: str) -> str:
    if value is None:
        return ""
    if field.register:
        named = [names.get(one, one) for one in value] if isinstance(value, list) else names.get(value, value)
        return spell(field, named)
    if field.kind == "choice":
        return in_language(field.choices[value], language) if value in field.choices else value
    if field.kind == "flag" and language == "zh":
        return "是" if value else "否"
    return spell(field, value)


def _ids(value: Any) -> Sequence[str]:
    if value is None:
        return ()
    return value if isinstance(value, list) else (value,)
