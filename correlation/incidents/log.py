"""What people did about an incident, as a log to which entries are only added: its state is the log, folded.

Each entry says who, when, what, and the values before and after; its digest covers the one before it, so that an
entry that was changed or taken out afterwards is noticed (`broken`). Undoing is an entry of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final, Literal, TypeAlias

import orjson

from correlation.incidents.errors import ChangeRefused

State: TypeAlias = Literal["new", "in-progress", "contained", "closed"]
What: TypeAlias = Literal["state", "assign", "note", "grade", "undo", "reopen", "announce", "end"]

STATES: Final[tuple[State, ...]] = ("new", "in-progress", "contained", "closed")
OUTCOMES: Final = ("resolved", "false-positive", "expected", "duplicate", "accepted")
"""Why one was closed: dealt with, no attack, an announced activity, another incident tells it, the risk is accepted."""
SYSTEM: Final = "hanwatch"
"""Who writes the entries that nobody makes by hand."""
MOST_TEXT: Final = 4_000


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a log; `before` and `after` hold the keys that it changes."""

    subject: str
    version: int
    at: int
    who: str
    what: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a log comes to: `measures` and `grade` are those of the grading, `outcome` says why it was closed."""

    version: int = 0
    state: str = "new"
    outcome: str = ""
    assignee: str = ""
    measures: Mapping[str, float] = field(default_factory=dict)
    grade: str = ""

    def value(self, key: str) -> Any:
        """The value of a key."""
        return dict(self.measures) if key == "measures" else getattr(self, key)


_KEYS: Final = frozenset({"state", "outcome", "assignee", "measures", "grade"})


def folded(changes: Iterable[Change]) -> Standing:
    """The standing after these entries, in order."""
    said: dict[str, Any] = {}
    version = 0
    for one in changes:
        version = one.version
        said |= {key: value for key, value in one.after.items() if key in _KEYS}
    return Standing(version=version, **said)


def undone(changes: Sequence[Change]) -> frozenset[int]:
    """The versions of entries that later ones took back."""
    return frozenset(one.after["undone"] for one in changes if one.what == "undo")


def moved(now: Standing, state: str, outcome: str = "", note: str = "") -> dict[str, Any]:
    """What becomes of a standing whose state is set.

    Raises:
        ChangeRefused: there is no such state, it is that already, or it was closed without saying why.
    """
    if state not in STATES:
        raise ChangeRefused(reason="state-unknown", given=state, known=", ".join(STATES))
    if state == now.state:
        raise ChangeRefused(reason="state-same", given=state, known="-")
    if state == "closed" and outcome not in OUTCOMES:
        raise ChangeRefused(reason="outcome-missing", given=outcome or "-", known=", ".join(OUTCOMES))
    if state != "closed" and outcome:
        raise ChangeRefused(reason="outcome-open", given=outcome, known="-")
    return {"state": state, "outcome": outcome} | ({"note": text(note)} if note else {})


def text(said: str) -> str:
    """A text that people wrote.

    Raises:
        ChangeRefused: it is empty or too long.
    """
    said = said.strip()
    if not said or len(said) > MOST_TEXT:
        raise ChangeRefused(reason="text-length", given=str(len(said)), known=str(MOST_TEXT))
    return said


def taken_back(changes: Sequence[Change]) -> dict[str, Any]:
    """What undoing the last entry that counts makes of it: its keys as they were before.

    Raises:
        ChangeRefused: there is nothing to undo.
    """
    gone = undone(changes)
    last = next((one for one in reversed(changes) if one.what != "undo" and one.version not in gone), None)
    if last is None:
        raise ChangeRefused(reason="undo-nothing", given="-", known="-")
    return {"undone": last.version} | dict(last.before)


def entry(now: Standing, subject: str, at: int, who: str, what: What, after: Mapping[str, Any], digest: str) -> Change:  # noqa: PLR0913, PLR0917 - the columns of the log
    """The next entry; `digest` is that of the one before, empty for the first."""
    before = {key: now.value(key) for key in after if key in _KEYS}
    return sealed(Change(subject, now.version + 1, at, who, what, before, after), digest)


def sealed(change: Change, digest: str) -> Change:
    """The entry with its digest."""
    said = [
        digest, change.subject, change.version, change.at, change.who, change.what, dict(change.before),
        dict(change.after),
    ]  # fmt: skip
    found = sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return Change(
        change.subject, change.version, change.at, change.who, change.what, change.before, change.after, found
    )


def broken(changes: Sequence[Change]) -> int | None:
    """The version of the first entry that is not as it was written or follows no other; None if all is whole."""
    digest = ""
    for number, one in enumerate(changes, 1):
        if one.version != number or sealed(one, digest).digest != one.digest:
            return number
        digest = one.digest
    return None
