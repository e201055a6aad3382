"""The rules for one kind of event, compiled: what is known of the kind is folded away, the rest looked up by row.

For each layout of keys a plan says which fields are there. A row then is a tuple of small integers, one for each field
that any rule looks at, and a memo leads from the tuple to the rules that match: most rows have been seen before.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from correlation.matcher.amounts import are_amounts
from correlation.matcher.evaluation import Evaluation
from correlation.matcher.exact import are_exact
from correlation.matcher.keywords import Keywords, triggers
from correlation.matcher.model import Match
from correlation.matcher.patterns import EMPTY, FieldPatterns
from correlation.matcher.plan import Memo, Plan
from correlation.matcher.program import Atoms, Formula, atoms_in
from correlation.matcher.references import ReferenceIndex
from correlation.matcher.table import ABOUT_THE_EVENT, Table
from correlation.rules.condition import FieldRef, Leaf
from correlation.rules.model import Rule

MAX_PLANS: Final = 512
"""Layouts of keys that are remembered."""
MAX_SETS: Final = 100_000
"""Different sets of atoms of one field; a bucket beyond it is built anew (`worn`)."""


class Pool(Protocol):
    """What buckets share that need the same."""

    def patterns(self, field: str, numbers: Iterable[int]) -> FieldPatterns:
        """The patterns of a field with these atoms."""
        ...

    def keywords(self, numbers: Iterable[int], triggers: Iterable[int]) -> Keywords:
        """The keywords with these atoms, some of which are triggers."""
        ...


class Bucket:
    """Rules with their formulas for events of one kind."""

    def __init__(self, rules: Sequence[tuple[Rule, Formula]], atoms: Atoms, pool: Pool) -> None:
        self._evaluation = Evaluation(rules, atoms)
        formulas = self._evaluation.formulas
        by_field: defaultdict[str, set[int]] = defaultdict(set)
        keywords: set[int] = set()
        references: dict[int, FieldRef] = {}
        for formula in formulas:
            for number in atoms_in(formula):
                leaf = atoms.leaf(number)
                if isinstance(leaf, FieldRef):
                    references[number] = leaf
                elif leaf.field is None:
                    keywords.add(number)
                else:
                    by_field[leaf.field].add(number)
        # Fields that are looked up anyway look for keywords too: then their columns need no scan of their own.
        self._fields = {
            name: pool.patterns(name, sorted(
                numbers if name in ABOUT_THE_EVENT or _are_narrow(map(atoms.leaf, numbers)) else numbers | keywords
            ))
            for name, numbers in by_field.items()
        }
        self._sets = [patterns.sets for patterns in self._fields.values()]
        self._keywords: Keywords | None = None
        if keywords:
            needed = EMPTY.union(*(triggers(formula, atoms.leaf) for formula in formulas))
            self._keywords = pool.keywords(sorted(keywords), sorted(needed))
        self._references = ReferenceIndex(references) if references else None
        self._plans: dict[tuple[str, ...], Plan] = {}

    @property
    def worn(self) -> bool:
        """Whether it has seen so many different values that a new one would be better."""
        return max(map(len, self._sets), default=0) > MAX_SETS

    @property
    def combinations(self) -> int:
        """How many different rows it remembers: those that were evaluated, not looked up."""
        return sum(plan.combinations for plan in self._plans.values())

    def prepared(self, table: Table) -> "Prepared":
        """These rules for tables with the names and constants of this one."""
        layout = (*table.names, "", *table.constants)
        plan = self._plans.get(layout)
        if plan is None:
            if len(self._plans) >= MAX_PLANS:
                self._plans.clear()
            plan = self._plans[layout] = Plan(
                self._evaluation, table, self._fields, self._keywords, self._references
            )
        return Prepared(self, plan, plan.memo(table))


def _are_narrow(leaves: Iterable[Leaf]) -> bool:
    """Whether a field's values are not remembered, so that keywords are better looked for elsewhere."""
    asked = list(leaves)
    return are_exact(asked) or are_amounts(asked)


class Prepared:
    """A bucket's rules for tables of one layout that have the same constants."""

    def __init__(self, bucket: Bucket, plan: Plan, memo: Memo) -> None:
        self._bucket = bucket
        self._plan = plan
        self._memo = memo

    @property
    def worn(self) -> bool:
        """As `Bucket.worn`."""
        return self._bucket.worn

    def match(self, table: Table) -> list[Match]:
        """The rows that some rule matches, in order, each with its rules."""
        return self._plan.match(table, self._memo)
