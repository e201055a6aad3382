"""The rows of an export on their way into registers: one register after the other, each as a whole or not at all.

Later registers refer to what earlier ones bring. So a dry run plans each by what is known now, and a reference to what
the export itself would bring is told as unknown there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from inventory.foreign.gathering import Gathered
from inventory.importing.model import Plan, Wanted
from inventory.importing.planning import plan_import
from inventory.importing.writing import write_plan
from inventory.model import Batch
from inventory.registers import registers
from inventory.store.book import Inventory


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the rows for one register; `batch` is None where nothing was written."""

    plan: Plan
    batch: Batch | None


def take(
    inventory: Inventory, gathered: Gathered, wanted: Wanted, batch: Batch | None, *, skip_faulty: bool
) -> Iterator[Taken]:
    """Plan and write register by register, in the order in which they refer to each other; without a batch plan alone.

    A register with a faulty row is not written, unless those are skipped; the others are.

    Raises:
        OvertakenError: somebody else has written meanwhile: what was taken stays, and taking it again is harmless.
    """
    for (name, key), rows in gathered.rows.items():
        asked = replace(wanted, key=key)
        plan = plan_import(inventory, registers()[name], rows, asked)
        if batch is None or (plan.problems and not skip_faulty):
            yield Taken(plan, None)
        else:
            yield Taken(plan, write_plan(inventory, plan, asked, batch))
