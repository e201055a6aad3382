"""Fills empty registers with the made-up city."""

from collections.abc import Callable, Iterable
from random import Random  # noqa: TID251 - seeded by whoever calls
from typing import Final

from inventory.days import begin_of
from inventory.errors import RegistersNotEmpty
from inventory.importing.model import Said, Wanted
from inventory.importing.planning import plan_import
from inventory.importing.writing import write_plan
from inventory.model import Batch, Moment
from inventory.registers import registers
from inventory.sample.city import City, Row, Size
from inventory.sample.years import FIRST, REGISTERS, reached
from inventory.store.book import Inventory
from inventory.store.statements import in_parts
from sensors.errors import Place

SOURCE: Final = "synthetic"
"""What every value of the city says about where it comes from."""
_TOGETHER: Final = 20_000
"""Rows that are planned together, so that memory does not grow with the city."""


def fill(inventory: Inventory, seed: int, size: Size, at: int, told: Callable[[str, int], None]) -> None:
    """Write the city of a seed; `told` hears of each register that is done, and how many records it has.

    Raises:
        RegistersNotEmpty: there is something already, with which the made-up city must not be mixed.
    """
    if inventory.last():
        raise RegistersNotEmpty
    wanted = Wanted(begin_of(FIRST), at)
    for name, rows in City(Random(seed), size).tables():  # noqa: S311 - a made-up city guards nothing
        written = 0
        for part in in_parts(_said(name, rows), _TOGETHER):
            plan = plan_import(inventory, registers()[name], part, wanted)
            assert not plan.problems, plan.problems[0]
            write_plan(inventory, plan, wanted, _batch(at, seed))
            written += len(part)
        told(name, written)
    random = Random(seed + 1)  # noqa: S311 - likewise
    for name in REGISTERS:
        records = list(inventory.records(registers()[name], Moment(at)))
        inventory.write(_batch(at, seed), {name: list(reached(random, name, records))})


def _said(name: str, rows: Iterable[Row]) -> Iterable[Said]:
    return (Said(Place(name, number), row) for number, row in enumerate(rows, 1))


def _batch(at: int, seed: int) -> Batch:
    return Batch(at, SOURCE, f"{SOURCE} city, seed {seed}")
