"""The rules for one kind of event, compiled: what is known of the kind is folded away, the rest looked up by row.

For each layout of keys a plan says which fields are there. A row then is a tuple of small integers, one for each field
that any rule looks at, and a memo leads from the tuple to the rules that match: most rows have been seen before.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import compress, starmap
from typing import Any, Final, Protocol

from correlation.matcher.amounts import are_amounts
from correlation.matcher.exact import are_exact
from correlation.matcher.fields import Layout
from correlation.matcher.keywords import Keywords, triggers
from correlation.matcher.model import Match
from correlation.matcher.patterns import EMPTY, FieldPatterns, look_up
from correlation.matcher.program import ALWAYS, Atoms, Formula, Test, atoms_in, compile_test, cost_of, cover
from correlation.matcher.references import ReferenceIndex, reference_sets
from correlation.matcher.table import ABOUT_THE_EVENT, Table
from correlation.rules.condition import FieldRef, Leaf
from correlation.rules.model import Rule

MAX_MEMO: Final = 100_000
"""Rows of one plan that are remembered; beyond it the memo begins anew."""
MAX_PLANS: Final = 512
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
        self._rules = [rule for rule, _ in rules]
        self._formulas = [formula for _, formula in rules]
        self._tests: list[Test | None] = [None] * len(rules)
        by_field: defaultdict[str, set[int]] = defaultdict(set)
        keywords: set[int] = set()
        references: dict[int, FieldRef] = {}
        for formula in self._formulas:
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
            needed = EMPTY.union(*(triggers(formula, atoms.leaf) for formula in self._formulas))
            self._keywords = pool.keywords(sorted(keywords), sorted(needed))
        self._references = ReferenceIndex(references) if references else None
        self._always: list[int] = []
        self._needing: defaultdict[int, list[int]] = defaultdict(list)
        for position, formula in enumerate(self._formulas):
            found = cover(formula, lambda number: cost_of(atoms.leaf(number)))
            if found is None or found[0] >= ALWAYS:
                self._always.append(position)
            else:
                for number in found[1]:
                    self._needing[number].append(position)
        self._needed = frozenset(self._needing)
        self._plans: dict[tuple[str, ...], _Plan] = {}

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
            plan = self._plans[layout] = _Plan(self, table, self._fields, self._keywords, self._references)
        return Prepared(self, plan, plan.memo(table))

    def rules_for(self, true: frozenset[int]) -> tuple[Rule, ...]:
        """The rules that match where exactly these atoms are true."""
        candidates = set(self._always)
        for number in self._needed & true:
            candidates.update(self._needing[number])
        tests = self._tests
        found = []
        for position in sorted(candidates):
            test = tests[position]
            if test is None:
                test = tests[position] = compile_test(self._formulas[position])
            if test(true):
                found.append(self._rules[position])
        return tuple(found)


def _are_narrow(leaves: Iterable[Leaf]) -> bool:
    """Whether a field's values are not remembered, so that keywords are better looked for elsewhere."""
    asked = list(leaves)
    return are_exact(asked) or are_amounts(asked)


class _Memo(dict[tuple[Any, ...], tuple[Rule, ...]]):
    """From the numbers of a row's values to the rules that match it, under the atoms that all rows share.

    `triggered` says whether a trigger of keywords is among these atoms.
    """

    def __init__(
        self, bucket: Bucket, shared: frozenset[int], patterns: Sequence[FieldPatterns], *, triggered: bool
    ) -> None:
        super().__init__()
        self.triggered = triggered
        self._bucket = bucket
        self._shared = shared
        self._patterns = patterns

    def __missing__(self, row: tuple[Any, ...]) -> tuple[Rule, ...]:
        found = self._bucket.rules_for(self._shared.union(
            *[patterns.sets[number] for patterns, number in zip(self._patterns, row, strict=False)],
            *row[len(self._patterns):],
        ))
        if len(self) >= MAX_MEMO:
            self.clear()
        self[row] = found
        return found


class Prepared:
    """A bucket's rules for tables of one layout that have the same constants."""

    def __init__(self, bucket: Bucket, plan: "_Plan", memo: _Memo) -> None:
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


class _Plan:
    """Which of a bucket's fields a layout has, and where."""

    def __init__(
        self,
        bucket: Bucket,
        table: Table,
        fields: Mapping[str, FieldPatterns],
        keywords: Keywords | None,
        references: ReferenceIndex | None,
    ) -> None:
        layout = Layout(table)
        places = [(layout.place(name), patterns) for name, patterns in fields.items()]
        self._bucket = bucket
        varying = [(place, patterns) for place, patterns in places if place.varies]
        self._varying = [(place.whole, place, patterns) for place, patterns in varying]
        self._constant = [(place, patterns) for place, patterns in places if not (place.varies or place.absent)]
        self._absent = EMPTY.union(*(patterns.absent for place, patterns in places if place.absent))
        self._patterns = [patterns for _, patterns in varying]
        self._keywords = keywords
        looked_up = {place.whole for place, patterns in varying if patterns.sees_keywords}
        self._others = [name for name in table.names if name not in looked_up and name not in ABOUT_THE_EVENT]
        self._references = () if references is None else references.placed(layout)
        self._memos: dict[frozenset[int], _Memo] = {}

    @property
    def combinations(self) -> int:
        """As in `Bucket`."""
        return sum(map(len, self._memos.values()))

    def match(self, table: Table, memo: _Memo) -> list[Match]:
        """As `Prepared.match`, for a table of this plan's layout."""
        numbers: list[Sequence[Any]] = []
        others = self._others
        for whole, place, patterns in self._varying:
            values = place.values(table) if whole is None else table.column(whole)
            column = patterns.texts(values)
            if column is None:  # objects may hold keywords where the field's patterns do not look
                column = patterns.column(values)
                if patterns.sees_keywords and whole is not None and whole not in ABOUT_THE_EVENT:
                    others = [*others, whole]
            numbers.append(column)
        if self._keywords is not None:
            extra = self._keywords.sets(table, others, triggered=memo.triggered or self._triggered(numbers))
            if extra is not None:
                numbers.append(extra)
        if self._references:
            numbers.append(reference_sets(self._references, table))
        if not numbers:
            rules = memo[()]
            return [Match(row, rules) for row in range(table.rows)] if rules else []
        found = look_up(memo, list(zip(*numbers, strict=True)))
        return list(starmap(Match, compress(enumerate(found), found)))

    def _triggered(self, numbers: Sequence[Sequence[int]]) -> bool:
        """Whether a trigger is true of a value that was looked up because rules ask for its field."""
        assert self._keywords is not None
        none = self._keywords.triggers.isdisjoint
        return not all(
            none(patterns.sets[number])
            for patterns, column in zip(self._patterns, numbers, strict=True)
            for number in set(column)
        )

    def memo(self, table: Table) -> _Memo:
        """The memo for tables with the constants of this one."""
        shared = self._shared(table)
        memo = self._memos.get(shared)
        if memo is None:
            if len(self._memos) >= MAX_PLANS:
                self._memos.clear()
            triggered = self._keywords is not None and not self._keywords.triggers.isdisjoint(shared)
            memo = self._memos[shared] = _Memo(self._bucket, shared, self._patterns, triggered=triggered)
        return memo

    def _shared(self, table: Table) -> frozenset[int]:
        """The atoms that are true of every row, whatever its columns hold."""
        found = [patterns.sets[patterns[place.key(table)]] for place, patterns in self._constant]
        if self._keywords is not None:
            found.append(self._keywords.constants(table.constants))
        return self._absent.union(*found)
