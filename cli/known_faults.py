"""Faults that can be told from one another: what has become wrong since files were read before."""

from collections.abc import Sequence
from typing import TypeAlias

from sensors.errors import Problem

Fault: TypeAlias = tuple[str, ...]
"""Its code, its file, and what is said of it."""


def fault(problem: Problem) -> Fault:
    """A fault, the same wherever in its file it stands."""
    return problem.code, problem.place.file if problem.place else "", repr(sorted(problem.parameters.items()))


def faults(problems: Sequence[Problem]) -> frozenset[Fault]:
    """The faults that these problems are of."""
    return frozenset(map(fault, problems))
