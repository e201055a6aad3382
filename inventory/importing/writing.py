"""A plan becomes what is known: all of it in one batch."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Protocol

from inventory.importing.model import Outcome, Plan, Wanted
from inventory.model import Batch, Change


class Kept(Protocol):
    """Who keeps the registers."""

    def write(self, batch_: Batch, changes: Mapping[str, list[Change]], since: int | None = None) -> Batch:
        """Write a batch."""


def changes_of(plan: Plan, wanted: Wanted) -> list[Change]:
    """What is written of a plan: the changes of its rows, and the end of what the table does not name any more."""
    made = [change for one in plan.outcomes for change in _changes(one)]
    return made + [Change(id_, valid_from=wanted.valid_from, gone=True) for id_ in plan.gone]


def _changes(outcome: Outcome) -> Iterator[Change]:
    """The change of a row, apart by when what it says of a field ends."""
    if outcome.change is None:
        return
    by_end: dict[int, dict[str, Any]] = {}
    for key, value in outcome.change.values.items():
        by_end.setdefault(outcome.untils.get(key, outcome.change.valid_to), {})[key] = value
    for end, values in by_end.items():
        yield replace(outcome.change, values=values, valid_to=end)


def write_plan(kept: Kept, plan: Plan, wanted: Wanted, batch: Batch) -> Batch | None:
    """Write a plan; None where there is nothing to be written.

    Raises:
        OvertakenError: something was written since it was planned.
    """
    changes = changes_of(plan, wanted)
    return kept.write(batch, {plan.register.name: changes}, plan.since) if changes else None
