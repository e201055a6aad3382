"""A set rate for one site: whoever looks at it waits until the next moment at which it may be asked again."""

from collections.abc import Callable


class Pace:
    """At most so many requests a second, evenly spread."""

    def __init__(self, rate: float, now: Callable[[], float], wait: Callable[[float], None]) -> None:
        """`rate`: requests a second; `now`: seconds that never go back; `wait`: lets seconds pass."""
        if rate <= 0:
            raise ValueError(f"a rate is more than nothing, not {rate}")
        self._gap = 1 / rate
        self._now = now
        self._wait = wait
        self._next = 0.0

    def take(self) -> None:
        """Wait for the next moment."""
        now = self._now()
        if self._next > now:
            self._wait(self._next - now)
        self._next = max(now, self._next) + self._gap
