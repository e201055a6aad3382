"""What an export proposes, register by register in the order in which they refer to each other, to be imported."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from inventory.errors import InventoryProblem
from inventory.foreign.model import Found, Proposal
from inventory.importing.model import Said
from inventory.registers import NAMES

Target: TypeAlias = tuple[str, tuple[str, ...]]
"""A register, and the fields by which rows say which of its records they mean; none: its own key."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The rows of an export by where they go, what is wrong with others, and what no field holds by place."""

    rows: Mapping[Target, Sequence[Said]]
    problems: Sequence[InventoryProblem]
    proposals: Sequence[Proposal]


def gather(found: Iterable[Found]) -> Gathered:
    """All of an export. Whoever imports `rows` in their order finds what they refer to, as far as the export has it."""
    rows: dict[Target, list[Said]] = {}
    problems: list[InventoryProblem] = []
    proposals: list[Proposal] = []
    for one in found:
        if isinstance(one, Proposal):
            rows.setdefault((one.register, one.key), []).append(one.said)
            proposals.append(one)
        else:
            problems.append(one)
    order = {name: place for place, name in enumerate(NAMES)}
    return Gathered(dict(sorted(rows.items(), key=lambda item: order[item[0][0]])), problems, proposals)
