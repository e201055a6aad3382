"""A bounded memory of a function's answers: most values of a log's field come again and again.

Used as `list(map(cache.__getitem__, column))`, so that a value seen before costs one dictionary look-up. Keys are text
or bytes only: 1, True and 1.0 are one key to a dictionary.
"""

from collections.abc import Callable, Hashable
from itertools import islice
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")

CACHE_ENTRIES = 65_536
CACHE_KEY_LENGTH = 512
"""Longer keys are answered without being remembered, so that hostile values cannot fill the memory."""


class Bounded(dict[Key, Answer], Generic[Key, Answer]):
    """Remembers up to `entries` answers of a pure function; the oldest quarter goes when it is full."""

    def __init__(self, function: Callable[[Key], Answer], entries: int = CACHE_ENTRIES) -> None:
        super().__init__()
        self._function = function
        self._entries = entries

    def __missing__(self, key: Key) -> Answer:
        answer = self._function(key)
        if not isinstance(key, str | bytes) or len(key) <= CACHE_KEY_LENGTH:
            if len(self) >= self._entries:
                for old in list(islice(self, self._entries // 4 + 1)):
                    del self[old]
            self[key] = answer
        return answer
