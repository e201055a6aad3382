"""What was read of a feed of many parts: a mark for each part by name, which is another one when the part has changed.

Marks are the feed's position (JSON), and are told now and then while it is read, so that a kill lets little be read
again; told after every part they would be written as often as there are parts, in full.
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson

PARTS: Final = 200
"""After so many parts the marks are told."""


class Marks:
    """The marks of one reading, which begins with those of the last."""

    def __init__(self, position: str) -> None:
        """Take what the last reading left; a position of another kind of feed is none."""
        self._before = _marks(position)
        self._now: dict[str, Any] = {}
        self._untold = 0

    def known(self, name: str, mark: Any) -> bool:
        """Whether a part was read with this mark; if so, that remains true."""
        same = name in self._before and self._before[name] == mark
        if same:
            self._now[name] = mark
        return same

    def enter(self, name: str, mark: Any) -> None:
        """A part was read."""
        self._now[name] = mark
        self._untold += 1

    def miss(self, name: str) -> None:
        """A part could not be read: its mark is none, so that it is asked for again."""
        self.enter(name, None)

    def missed(self, name: str) -> bool:
        """Whether the last reading could not read a part; so are parts that have no mark."""
        return name in self._before and self._before[name] is None

    def due(self) -> str | None:
        """The position, where it should be told by now; parts that were not looked at yet keep the marks they had."""
        if self._untold < PARTS:
            return None
        self._untold = 0
        return self.unended()

    def unended(self) -> str:
        """The position of a reading that is broken off, or goes on."""
        return orjson.dumps({**self._before, **self._now}).decode()

    def ended(self) -> str:
        """The position when everything was looked at: what is no longer there is forgotten."""
        return orjson.dumps(self._now).decode()


def _marks(position: str) -> Mapping[str, Any]:
    try:
        found = orjson.loads(position)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
