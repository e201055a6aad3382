"""What a detector is, and what it finds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from correlation.detectors.reading import Reading
from correlation.rules.model import Described

State: TypeAlias = Mapping[str, Any]
"""What a detector remembers, as JSON can say it."""


@dataclass(frozen=True, slots=True)
class Detection:
    """Behaviour that was found.

    Attributes:
        about: the detector's title, level and ATT&CK tags.
        rows: rows of the batch at hand that are its evidence, at least one.
        reason, reason_zh: the figures that led to it, in words.
        search: a query that finds the events behind it.
    """

    about: Described
    rows: Sequence[int]
    reason: str
    reason_zh: str
    search: str


class Detector(Protocol):
    """Looks at one batch after the other in the order of the spool, and remembers no more than its bounds allow."""

    about: Described
    datasets: frozenset[str]
    """The datasets that it looks at."""

    @property
    def given_up(self) -> int:
        """How often something was forgotten before its time because there was too much, since the process began."""
        ...

    def look(self, reading: Reading) -> Iterable[Detection]:
        """What has come true with this batch."""
        ...

    def dump(self) -> State:
        """What it remembers."""
        ...

    def load(self, state: State) -> None:
        """Remember what was dumped."""
        ...
