"""When an interface is away: what is new to tell of it, when to look for it again, and what its absences add up to."""

from enum import StrEnum
from typing import Final

_FIRST_PAUSE: Final = 0.25
_LONGEST_PAUSE: Final = 30.0
"""Seconds between two tries: each pause is twice the one before, up to the longest."""


class Presence(StrEnum):
    """Whether packets of an interface can come."""

    HERE = "here"
    DOWN = "down"
    """It is there and switched off; the ring stays on it."""
    GONE = "gone"
    """It is there no more: one that comes back under its name is another one to the kernel."""


class Absence:
    """The absences of one interface, by a clock that is handed in (seconds, as of time.monotonic).

    Attributes:
        presence: what it was at the last look.
        count: how many absences there were, the present one included.
        seconds: how long they were in all, the present one not included.
    """

    def __init__(self, longest: float) -> None:
        """Begin with an interface that is here; `longest` says for how many seconds one that is gone is looked for."""
        self.presence = Presence.HERE
        self.count = 0
        self.seconds = 0.0
        self._longest = longest
        self._since = 0.0
        self._gone = 0.0
        self._next = 0.0
        self._pause = 0.0

    def look(self, presence: Presence, now: float) -> bool:
        """Note what the interface is now; whether that is new."""
        before, self.presence = self.presence, presence
        if presence is before:
            return False
        if before is Presence.HERE:
            self.count += 1
            self._since = now
        if presence is Presence.GONE:
            self._gone, self._next, self._pause = now, now, _FIRST_PAUSE
        if presence is Presence.HERE:
            self.seconds += now - self._since
        return True

    def due(self, now: float) -> bool:
        """Whether an interface that is gone is to be looked for now; saying so sets the next time."""
        if self.presence is not Presence.GONE or now < self._next:
            return False
        self._next, self._pause = now + self._pause, min(2 * self._pause, _LONGEST_PAUSE)
        return True

    def over(self, now: float) -> bool:
        """Whether one that is gone has been away for longer than it is looked for."""
        return self.presence is Presence.GONE and now - self._gone >= self._longest

    def lasted(self, now: float) -> float:
        """How many seconds the present absence has lasted; 0 while the interface is here."""
        return 0.0 if self.presence is Presence.HERE else now - self._since

    def end(self, now: float) -> None:
        """Nothing is looked for any more: the present absence counts up to now."""
        self.seconds += self.lasted(now)
        self._since = now

    def counts(self) -> dict[str, int]:
        """What the ledger tells: absences, and the seconds of those that are over."""
        return {"interface_absences": self.count, "interface_absent_seconds": round(self.seconds)}
