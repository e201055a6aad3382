"""An import from the file to the registers: planned, and written if nothing stands against it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from inventory.importing.model import Plan, Wanted
from inventory.importing.planning import plan_import
from inventory.importing.tables import Sent, open_table
from inventory.importing.writing import write_plan
from inventory.model import Batch
from inventory.sheets.errors import SheetProblem
from inventory.store.book import Inventory, OvertakenError

_TRIES: Final = 5
"""How often it is planned anew because somebody else has written meanwhile."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import: its plan, what was wrong with the headings, and what was written; None for nothing."""

    plan: Plan
    headings: Sequence[SheetProblem]
    batch: Batch | None


class Importing:
    """One import."""

    def __init__(self, inventory: Inventory, sent: Sent, wanted: Wanted) -> None:
        self._inventory = inventory
        self._sent = sent
        self._wanted = wanted

    def run(self, batch: Batch, *, dry_run: bool = False, skip_faulty: bool = False) -> Imported:
        """Plan it, and write it unless it is a dry run or rows are faulty that are not to be skipped.

        Raises:
            SheetProblem: the file cannot be read as a table of the register.
            OvertakenError: others have written again and again meanwhile.
        """
        for left in reversed(range(_TRIES)):
            found = self._planned()
            if dry_run or (found.plan.problems and not skip_faulty):
                return found
            try:
                return replace(found, batch=write_plan(self._inventory, found.plan, self._wanted, batch))
            except OvertakenError:
                if not left:
                    raise
        raise AssertionError("a last try returns or raises")

    def _planned(self) -> Imported:
        with open_table(self._sent) as table:
            plan = plan_import(self._inventory, self._sent.register, table.rows, self._wanted)
            return Imported(plan, table.problems, None)
