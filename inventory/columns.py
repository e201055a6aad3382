"""The columns of a register's tables: what they are called, what headings mean, and what can be chosen."""

from collections.abc import Mapping, Sequence
from typing import Final

from inventory.model import Field, Kind, Register, Words
from inventory.sheets.writing import Column

PROBLEM_HEADINGS: Final = ("问题", "What is wrong")
"""The column that a returned workbook has more; it is left out when that comes again."""
_HINTS: Final[Mapping[Kind, Words]] = {
    "flag": Words("是 / 否", "yes / no"),
    "day": Words("如 2026-03-01、2026/3/1、2026年3月1日", "such as 2026-03-01"),
    "network": Words("如 10.0.0.0/8、2400:da00::/32", "such as 10.0.0.0/8, 2400:da00::/32"),
    "addresses": Words("多个用分号隔开", "several are divided by semicolons"),
    "references": Words("多个用分号隔开", "several are divided by semicolons"),
    "texts": Words("多个用分号隔开", "several are divided by semicolons"),
}
_FLAGS: Final = (Words("是", "yes"), Words("否", "no"))


def headings(register: Register) -> Mapping[str, str]:
    """What a heading of a table means: the field's key for its key, its titles and whatever else it is called."""
    found = dict.fromkeys(PROBLEM_HEADINGS, "")
    for field in register.fields:
        for name in (field.key, field.title.zh, field.title.en, *field.also):
            found.setdefault(name, field.key)
    return found


def columns(register: Register, language: str) -> Sequence[Column]:
    """The columns of a table that is written, as people see them."""
    return [_column(field, language) for field in register.fields]


def in_language(words: Words, language: str) -> str:
    """A name in a language."""
    return words.zh if language == "zh" else words.en


def _column(field: Field, language: str) -> Column:
    choices = _FLAGS if field.kind == "flag" else tuple(field.choices.values())
    heading = in_language(field.title, language) + (" *" if field.required else "")
    hint = in_language(_HINTS[field.kind], language) if field.kind in _HINTS else ""
    meaning = "\n".join(filter(None, (f"{field.key} ({field.kind})", hint, field.basis)))
    return Column(heading, meaning, tuple(in_language(one, language) for one in choices))
