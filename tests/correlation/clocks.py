"""A clock that a test moves."""

from sensors.event.times import SECOND


class Clock:
    """Now, as a test says; it waits without waiting."""

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += round(seconds * SECOND)
