"""What the inventory asks of those who keep it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from inventory.model import Batch, Moment, Record, Recorded, Register, Version


class Known(Protocol):
    """What is known in the registers: implemented by `inventory.store.book`."""

    def records(
        self, register: Register, moment: Moment, where: Mapping[str, Any] | None = None
    ) -> Iterator[Record]:
        """All records that were there at a moment."""

    def columns(self, register: Register, keys: Sequence[str], moment: Moment) -> Iterator[tuple[Any, ...]]:
        """Ids and some fields of all records that were there at a moment."""

    def spans(self, register: Register, keys: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Ids, beginnings, ends and some fields of all versions of all records, as they are known now."""

    def count(self, register: Register, moment: Moment) -> int:
        """How many records were there at a moment."""

    def keyed(
        self, register: Register, fields: Sequence[str], wanted: Iterable[tuple[Any, ...]]
    ) -> Mapping[tuple[Any, ...], Mapping[str, Sequence[Version]]]:
        """By key and id, the versions of the records that have had these values in these fields."""

    def versions(self, register: Register, ids: Iterable[str]) -> Mapping[str, Sequence[Version]]:
        """By id, the versions of records as they are known now, in the order of time."""

    def named(self, register: Register, ids: Iterable[str], moment: Moment) -> Mapping[str, str]:
        """What people call records, by id."""

    def history(self, register: Register, id: str) -> Sequence[Recorded]:  # noqa: A002 - what it is called everywhere
        """Everything that was ever known of a record."""

    def batches(self, numbers: Iterable[int]) -> Mapping[int, Batch]:
        """What was written together, by number."""

    def last(self) -> int:
        """The number of the batch that was written last."""
