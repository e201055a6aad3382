"""Registers of a test's own, filled through the same door as any table."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Engine

from inventory.importing.model import Plan, Said, Wanted
from inventory.importing.planning import plan_import
from inventory.importing.writing import write_plan
from inventory.model import EVER, Batch
from inventory.registers import registers
from inventory.store.book import Inventory
from sensors.errors import Place

NOON = 1_790_000_000_000_000_000
"""Where tests of registers stand in time, ns since 1970: in September 2026."""


class Filled:
    """An inventory, and a clock that moves on by a second with each table."""

    def __init__(self, engine: Engine) -> None:
        self.inventory = Inventory(engine)
        self.now = NOON

    def plan(self, register: str, *rows: Mapping[str, str], **wanted: object) -> Plan:
        """What rows would change; `wanted` is what is asked beside the usual."""
        return plan_import(self.inventory, registers()[register], said(register, rows), self._wanted(wanted))

    def fill(self, register: str, *rows: Mapping[str, str], **wanted: object) -> Plan:
        """Write rows, which have no fault."""
        asked = self._wanted(wanted)
        plan = plan_import(self.inventory, registers()[register], said(register, rows), asked)
        assert plan.problems == [], plan.problems
        write_plan(self.inventory, plan, asked, Batch(self.now, "tests", f"{register}.csv"))
        self.now += 1_000_000_000
        return plan

    def _wanted(self, wanted: Mapping[str, object]) -> Wanted:
        return Wanted(**{"valid_from": EVER, "at": self.now} | wanted)  # type: ignore[arg-type]  # said by the test


def said(register: str, rows: Sequence[Mapping[str, str]]) -> list[Said]:
    """Rows of a table, the first one below its headings."""
    return [Said(Place(f"{register}.csv", number), row) for number, row in enumerate(rows, 2)]
