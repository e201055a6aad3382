"""How each feed stands: where reading goes on, when it was tried, and what came of it; kept in the book."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

import orjson

from correlation.intelligence.errors import BY_CODE, FeedUnreadable, IntelligenceProblem
from correlation.intelligence.model import Imported
from sensors.errors import Place

CUT_OFF: Final = 3
"""So many readings may be cut off in a row, as by people who start the product again, before that counts as failing."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a feed stands; times are ns since 1970, 0 where there is none.

    Attributes:
        begun: when the last reading began.
        ended: when a reading last ended, well or not.
        success: when one last ended well.
        failures: how many failed since.
        imported: what the last reading that ended brought.
        problem: why it failed; None where it did not.
        first: when it was first tried, as long as that never went well.
        cut: how many readings in a row were cut off before the one that began last, by a kill or for want of memory.
    """

    begun: int = 0
    ended: int = 0
    success: int = 0
    failures: int = 0
    imported: Imported = field(default_factory=Imported)
    problem: IntelligenceProblem | None = None
    first: int = 0
    cut: int = 0

    @property
    def unfinished(self) -> bool:
        """Whether a reading goes on, or was cut off."""
        return self.begun > self.ended

    @property
    def failing(self) -> bool:
        """Whether somebody should look: the last readings failed, or were cut off again and again."""
        return self.failures > 0 or self.cut >= CUT_OFF

    def beginning(self, now: int) -> "Standing":
        """A reading begins; one that is unfinished by then was cut off."""
        return replace(
            self, begun=now, first=0 if self.success else self.first or now, cut=self.cut + self.unfinished
        )

    def ending(self, now: int, imported: Imported, problem: IntelligenceProblem | None) -> "Standing":
        """It ended, well where there is no problem."""
        well = problem is None
        return Standing(
            self.begun, max(now, self.begun), now if well else self.success, 0 if well else self.failures + 1, imported,
            problem, 0 if well else self.first,
        )  # fmt: skip


class Standings:
    """How the feeds of a book stand, by the key of each.

    `reading` answers a question with rows, `writing` gives a transaction of the book; both raise BookUnusable.
    """

    def __init__(
        self, reading: Callable[[str, Sequence[Any]], Iterator[Any]],
        writing: Callable[[], AbstractContextManager[sqlite3.Connection]],
    ) -> None:  # fmt: skip
        self._reading = reading
        self._writing = writing

    def position(self, feed: str) -> str:
        """Up to where a feed was read; empty where it never was."""
        found = next(self._reading("SELECT position FROM feed WHERE url = ?", (feed,)), None)
        return found[0] if found else ""

    def move(self, feed: str, position: str) -> None:
        """Remember up to where a feed was read. Indicators stay as they are, so that no index becomes one of before."""
        with self._writing() as db:
            db.execute(
                "INSERT INTO feed (url, position) VALUES (?, ?) "
                "ON CONFLICT (url) DO UPDATE SET position = excluded.position WHERE position != excluded.position",
                (feed, position),
            )

    def of(self, feed: str) -> Standing:
        """How a feed stands."""
        asked = "SELECT begun, ended, success, failures, outcome FROM feed WHERE url = ?"
        found = next(self._reading(asked, (feed,)), None)
        if found is None:
            return Standing()
        begun, ended, success, failures, outcome = found
        said = orjson.loads(outcome) if outcome else {}
        return Standing(begun, ended, success, failures, *_outcome(said), said.get("first", 0), said.get("cut", 0))

    def note(self, feed: str, standing: Standing) -> None:
        """Remember how a feed stands."""
        said: dict[str, Any] = {"imported": asdict(standing.imported), "first": standing.first, "cut": standing.cut}
        if standing.problem is not None:
            said["problem"] = _document(standing.problem)
        asked = (
            "INSERT INTO feed (url, position, begun, ended, success, failures, outcome) VALUES (?, '', ?, ?, ?, ?, ?) "
            "ON CONFLICT (url) DO UPDATE SET begun = excluded.begun, ended = excluded.ended, "
            "success = excluded.success, failures = excluded.failures, outcome = excluded.outcome"
        )
        times = (standing.begun, standing.ended, standing.success)
        with self._writing() as db:
            db.execute(asked, (feed, *times, standing.failures, orjson.dumps(said).decode()))


def _document(problem: IntelligenceProblem) -> dict[str, Any]:
    place = None if problem.place is None else asdict(problem.place)
    # What is kept is shown later in either language; parameters are words and numbers.
    parameters = {name: value if isinstance(value, int) else str(value) for name, value in problem.parameters.items()}
    return {"code": problem.code, "place": place, "parameters": parameters}


def _outcome(said: dict[str, Any]) -> tuple[Imported, IntelligenceProblem | None]:
    imported, problem = Imported(**said.get("imported", {})), said.get("problem")
    if problem is None:
        return imported, None
    place = None if problem["place"] is None else Place(**problem["place"])
    kind = BY_CODE.get(problem["code"])
    if kind is None:
        return imported, FeedUnreadable(place=place, reason=problem["code"])
    return imported, kind(place=place, **problem["parameters"])
