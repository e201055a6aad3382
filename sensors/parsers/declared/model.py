"""A declared format as a value: what its file says, checked for itself but not yet compiled."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from sensors.errors import Place
from sensors.parsers.declared.pairs import Dialect

Inside: TypeAlias = Literal["syslog", "line", "both"]
"""Where a format's texts stand: behind the header of a syslog line, as whole lines of a file, or either way."""


@dataclass(frozen=True, slots=True)
class Match:
    """How a text is known to be of a format; what is said must all hold.

    Attributes:
        program: names of the program (or the tag) in the syslog header, `*` for any characters; any of them.
        after: a text in the message behind which the format's own text begins; any of them, the first that is there.
        contains: texts that must all stand in the message.
        starts: what a whole line begins with; any of them. Behind a syslog header it is not asked.
        keys: for JSON, keys that must be there, with the value they must have or None for any.
    """

    program: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    keys: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """One form of a message: its template and what an event of this form is."""

    template: str
    constants: Mapping[str, Any]
    place: Place


@dataclass(frozen=True, slots=True)
class Messages:
    """A text is one of several messages; `strict` says that what is none of them is no text of this format."""

    messages: tuple[Message, ...]
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """Values in a fixed order.

    `names` are theirs; where `kind` is a column's number (from 0), `kinds` gives the names by that column's value.
    `header` is what a line begins with that gives the names itself, as in the W3C extended log format.
    """

    separator: str
    names: tuple[str, ...] = ()
    header: str = ""
    kind: int | None = None
    kinds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    quotes: str = '"'


@dataclass(frozen=True, slots=True)
class JsonObject:
    """The text is a JSON object; its leaves are fields by their dotted names."""


@dataclass(frozen=True, slots=True)
class Code:
    """The text is taken apart by code: `name` is a key of sensors.parsers.declared.coded.CODED."""

    name: str


Reading: TypeAlias = Messages | Dialect | Columns | JsonObject | Code


@dataclass(frozen=True, slots=True)
class Target:
    """Where one part goes: the ECS field, how its value is said there, and the values that are said otherwise."""

    to: str
    how: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Time:
    """Where an event's time stands: the parts that say it, joined by blanks, and the form they have."""

    parts: tuple[str, ...]
    form: str
    place: Place


@dataclass(frozen=True, slots=True)
class Case:
    """What events are whose parts have these values; `*` stands for any value."""

    when: Mapping[str, frozenset[str]]
    constants: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sample:
    """Lines of the format, and the events that they must become, in the order of their lines."""

    lines: tuple[str, ...]
    events: tuple[Mapping[str, Any], ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Declaration:
    """A format as its file declares it.

    Attributes:
        name: as it can be said, `cisco.asa`.
        dataset: event.dataset of its events.
        namespace: what parts are below that ECS has no name for.
        en, zh: what it is.
        evidence: documents that say what the format is; `verified` says whether what they show was read so.
        inside: where its texts stand.
        begins: what a record's first line holds, where a record may have several lines; None where each line is one.
        match: how they are known.
        reading: how they are taken apart.
        absent: values that say that there is none.
        fields: where parts go, by their names; the first of two that ask for one field gets it.
        drop: parts that are left out, since other fields say the same.
        time: where the time stands; the first that a text has.
        zone: IANA name of the zone of times that name none; None for the source's own.
        constants: what all events of the format are; `cases` what some of them are, later ones winning.
        samples: lines and the events that they must become.
        place: the file.
    """

    name: str
    dataset: str
    namespace: str
    en: str
    zh: str
    evidence: tuple[str, ...]
    verified: bool
    inside: Inside
    begins: re.Pattern[bytes] | None
    match: Match
    reading: Reading
    absent: frozenset[str]
    fields: Mapping[str, Target]
    drop: frozenset[str]
    time: Sequence[Time]
    zone: str | None
    constants: Mapping[str, Any]
    cases: Sequence[Case]
    samples: Sequence[Sample]
    place: Place
