"""What the messages of a capture say."""

from collections.abc import Iterator, Sequence

from sensors.capture.compiled import Octets, Words
from sensors.event.model import Batch, Source
from sensors.reading.model import Reject


class Conversations:
    """Messages by the flow that they belong to."""

    def __init__(self, data: Octets, arena: Octets, source: Source, received: int) -> None:
        self._data = data

    def take(self, messages: Words) -> None:
        """Read messages."""

    def end(self, serials: Sequence[int]) -> dict[int, str]:
        """Names."""
        return {}

    def batches(self) -> Iterator[Batch]:
        """Nothing."""
        return iter(())

    def rejects(self) -> list[Reject]:
        """Nothing."""
        return []
