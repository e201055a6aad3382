"""Registers that are given as values, for properties that would need thousands of databases."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from inventory.model import Moment, Register


class Given:
    """Records by register and id; fields that are not named are not known."""

    def __init__(self, records: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
        self._records = records

    def columns(self, register: Register, keys: Sequence[str], _: Moment) -> Iterator[tuple[Any, ...]]:
        for id_, values in self._records.get(register.name, {}).items():
            yield (id_, *(values.get(key) for key in keys))

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"an audit reads columns alone, not {name}")
