"""What the commands about registers have in common: which register, which moment, who says it."""

import getpass
from difflib import get_close_matches
from typing import Annotated, TypeAlias

import typer

from cli.output import language, tell
from correlation.query.datemath import moment
from inventory.columns import in_language
from inventory.days import begin_of, end_of, read_day
from inventory.errors import DayUnusable, FieldUnknown, RegisterUnknown
from inventory.model import Field, Moment, Register
from inventory.registers import registers

RegisterArgument: TypeAlias = Annotated[str, typer.Argument(metavar="REGISTER", help=tell("cli.inventory.register"))]
NameArgument: TypeAlias = Annotated[str, typer.Argument(metavar="NAME", help=tell("cli.inventory.name"))]
AsOfOption: TypeAlias = Annotated[
    str | None, typer.Option("--as-of", metavar="DAY|TIME", help=tell("cli.inventory.as_of"), show_default=False)
]
KnownAtOption: TypeAlias = Annotated[
    str | None, typer.Option("--known-at", metavar="DAY|TIME", help=tell("cli.inventory.known_at"), show_default=False)
]
SinceOption: TypeAlias = Annotated[
    str | None, typer.Option("--from", metavar="DAY|TIME", help=tell("cli.inventory.from"), show_default=False)
]
ByOption: TypeAlias = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help=tell("cli.inventory.by"), show_default=False)
]
ReasonOption: TypeAlias = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help=tell("cli.inventory.reason"), show_default=False)
]


def register_of(name: str) -> Register:
    """The register of a name, in code or in either language.

    Raises:
        RegisterUnknown: there is none.
    """
    for one in registers().values():
        if name in {one.name, one.title.zh, one.title.en}:
            return one
    known = ", ".join(get_close_matches(name, registers(), n=3) or registers())
    raise RegisterUnknown(name=name, known=known)


def field_of(register: Register, name: str) -> Field:
    """The field of a name, in code or in either language.

    Raises:
        FieldUnknown: there is none.
    """
    for one in register.fields:
        if name in {one.key, one.title.zh, one.title.en}:
            return one
    known = ", ".join(get_close_matches(name, register.by_key, n=3) or register.by_key)
    raise FieldUnknown(register=register.name, key=name, nearest=known)


def moment_of(as_of: str | None, known_at: str | None, now: int) -> Moment:
    """The moment that is asked about: a day means its end, and nothing means now."""
    valid = _end(as_of, now) if as_of else now
    return Moment(valid, _end(known_at, now)) if known_at else Moment(valid)


def begin(text: str | None, now: int) -> int:
    """From when on something is so: a day means its beginning, and nothing means now."""
    if text is None:
        return now
    day = read_day(text)
    return begin_of(day) if day is not None else _moment(text, now)


def _end(text: str, now: int) -> int:
    day = read_day(text)
    return end_of(day) - 1 if day is not None else _moment(text, now)


def _moment(text: str, now: int) -> int:
    found = moment(text, now)
    if found is None:
        raise DayUnusable(value=text)
    return found


def who(by: str | None) -> str:
    """Who says it: whoever was named, else the user of the machine."""
    return by or getpass.getuser()


def titled(register: Register) -> str:
    """What a register is called in the language of this run."""
    return in_language(register.title, language)
