"""What audits consist of: rules with their article, and findings that are known again by their ids."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from typing import Any, Final, Literal, TypeAlias, get_args

from inventory.audits.conditions import Condition
from inventory.model import Words

Severity: TypeAlias = Literal["low", "medium", "high", "critical"]
Origin: TypeAlias = Literal["law", "standard", "plan", "proposal"]
"""Who asks for it: a law or an ordinance under one, a standard, the city's plan, or nobody but the product."""
SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
ORIGINS: Final[tuple[Origin, ...]] = get_args(Origin)


@dataclass(frozen=True)
class Rule:
    """One thing that is looked for, with the text that asks for it.

    A rule either declares by `register`, `where`, `each`, `there` and `same` which records it finds, or is computed by
    the check of the same name.

    Attributes:
        audit, check: its audit, and its name in there.
        title: what it finds.
        remedy: what to do about it.
        severity: how bad that is.
        origin: who asks for it.
        article: the place in the text that does.
        source: that text: name, number, edition.
        valid_from: the first day on which it holds. Of several rules of one name the latest that holds is taken.
        verified: whether somebody compared it with the text; what is not says so wherever it is shown.
        parameters: numbers that the text or the product sets.
        register: the register whose records it finds, or most of them; empty where it looks at all.
        where: what a record must fulfil to be found.
        each: a field of references: each of them that fulfils `there` is found by itself.
        same: fields that no two records may share.
        show: what the words of a finding show, by name: paths of fields. Of a computed rule they say whose choices a
            value is one of.
    """

    audit: str
    check: str
    title: Words
    remedy: Words
    severity: Severity
    origin: Origin
    article: Words
    source: Words
    valid_from: str
    verified: bool
    parameters: Mapping[str, Any] = field(default_factory=dict)
    register: str = ""
    where: tuple[Condition, ...] = ()
    each: str = ""
    there: tuple[Condition, ...] = ()
    same: tuple[str, ...] = ()
    show: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES or self.origin not in ORIGINS:
            raise ValueError(f"{self.id}: no such severity or origin")
        if self.there and not self.each:
            raise ValueError(f"{self.id}: what holds there needs a field that leads there")
        if self.origin == "proposal" and self.verified:
            raise ValueError(f"{self.id}: a proposal of the product has no text to be compared with")
        date.fromisoformat(self.valid_from)

    @property
    def id(self) -> str:
        """Its name among all rules."""
        return f"{self.audit}.{self.check}"

    @property
    def declared(self) -> bool:
        """Whether it says by itself what it finds."""
        return bool(self.where or self.same or self.each)


@dataclass(frozen=True, slots=True)
class Hit:
    """What a check found: a record by its number in its table, None for the city as a whole.

    Attributes:
        subject: what tells several hits at one record apart; never a number that changes from day to day.
        parameters: what the words of the finding show.
    """

    register: str
    row: int | None
    subject: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as a rule asks.

    Attributes:
        id: the same for the same thing in every audit, however often and when it is looked for.
        audit, check: which check found it.
        severity: how bad it is.
        register, record, key: at which record, by its id and its key; empty for the city as a whole.
        name: what the record is called beside its key; empty where its register has no names.
        unit, unit_name, district, district_name: codes and names of those whose record it is; empty where that is not
            known.
        subject: what tells several findings at one record apart.
        parameters: what its words show; its words are the message of `code`.
        basis: the rule.
    """

    id: str
    audit: str
    check: str
    severity: Severity
    register: str
    record: str
    key: str
    name: str
    unit: str
    unit_name: str
    district: str
    district_name: str
    subject: str
    parameters: Mapping[str, Any]

    @property
    def basis(self) -> str:
        """The id of its rule."""
        return f"{self.audit}.{self.check}"

    @property
    def code(self) -> str:
        """The code of its words."""
        return f"audit.{self.basis}"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that an audit tells beside its findings; its words are the message of `code`."""

    code: str
    parameters: Mapping[str, Any]


def finding_id(audit: str, check: str, register: str, record: str, subject: str) -> str:
    """The id of a finding: 16 hexadecimal digits."""
    state = blake2b(digest_size=8, person=b"hanwatch.finding")
    for part in (audit, check, register, record, subject):
        content = part.encode()
        state.update(len(content).to_bytes(4, "big") + content)
    return state.hexdigest()
