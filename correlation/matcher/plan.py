"""How events of one layout of keys are looked up: which of a bucket's fields it has, and which rows were seen before.

A row is a tuple of small integers, one for each field that any rule looks at, and a memo leads from the tuple to the
rules that match. Where rows hardly come again, a sieve tells first what most of them leave possible, which is nothing.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import compress, starmap
from typing import Any, Final

import numpy as np

from correlation.matcher.evaluation import Evaluation
from correlation.matcher.fields import Layout
from correlation.matcher.keywords import Keywords
from correlation.matcher.model import Match
from correlation.matcher.patterns import EMPTY, FieldPatterns, Numbers, look_up, taken
from correlation.matcher.references import ReferenceIndex, reference_sets
from correlation.matcher.sieve import EVENT, Sieve, clauses
from correlation.matcher.table import ABOUT_THE_EVENT, Table
from correlation.rules.model import Rule

MAX_MEMO: Final = 100_000
"""Rows of one plan that are remembered; beyond it the memo begins anew."""
MAX_MEMOS: Final = 512
"""Memos of one plan, each for what else all rows of a table share."""
MANY_NEW: Final = 1_000
"""A memo that had to learn so many rows would have to learn more: from then on rows are sifted."""
FEW_ROWS: Final = 32
"""Tables of fewer rows are not sifted."""


class Memo(dict[tuple[Any, ...], tuple[Rule, ...]]):
    """From the numbers of a row's values to the rules that match it, under the atoms that all rows share.

    Attributes:
        shared: these atoms.
        triggered: whether a trigger of keywords is among them.
    """

    def __init__(
        self, rules: Evaluation, shared: frozenset[int], patterns: Sequence[FieldPatterns], *, triggered: bool
    ) -> None:
        super().__init__()
        self.shared = shared
        self.triggered = triggered
        self._rules = rules
        self._patterns = patterns

    def __missing__(self, row: tuple[Any, ...]) -> tuple[Rule, ...]:
        found = self._rules.where(self.shared.union(
            *[patterns.sets[number] for patterns, number in zip(self._patterns, row, strict=False)],
            *row[len(self._patterns):],
        ))
        if len(self) >= MAX_MEMO:
            self.clear()
        self[row] = found
        return found


class Plan:
    """Which of a bucket's fields a layout has, and where."""

    def __init__(
        self,
        rules: Evaluation,
        table: Table,
        fields: Mapping[str, FieldPatterns],
        keywords: Keywords | None,
        references: ReferenceIndex | None,
    ) -> None:
        layout = Layout(table)
        places = [(layout.place(name), patterns) for name, patterns in fields.items()]
        self._rules = rules
        varying = [(place, patterns) for place, patterns in places if place.varies]
        self._varying = [(place.whole, place, patterns) for place, patterns in varying]
        self._constant = [(place, patterns) for place, patterns in places if not (place.varies or place.absent)]
        self._absent = EMPTY.union(*(patterns.absent for place, patterns in places if place.absent))
        self._patterns = [patterns for _, patterns in varying]
        self._arrays = [number for number, patterns in enumerate(self._patterns) if patterns.gives_arrays]
        self._keywords = keywords
        looked_up = {place.whole for place, patterns in varying if patterns.sees_keywords}
        self._others = [name for name in table.names if name not in looked_up and name not in ABOUT_THE_EVENT]
        self._references = () if references is None else references.placed(layout)
        self._settled = [patterns for place, patterns in places if not place.varies]
        # A reference to a field that is not there holds of no row.
        self._unplaced = EMPTY if references is None else references.unplaced(self._references)
        self._memos: dict[frozenset[int], Memo] = {}

    @property
    def combinations(self) -> int:
        """How many different rows it remembers."""
        return sum(map(len, self._memos.values()))

    def match(self, table: Table, memo: Memo) -> list[Match]:
        """The rows of a table of this layout that some rule matches, in order, each with its rules."""
        numbers: list[Numbers] = []
        others = self._others
        for whole, place, patterns in self._varying:
            values = place.values(table) if whole is None else table.column(whole)
            column = patterns.texts(values)
            if column is None:  # objects may hold keywords where the field's patterns do not look
                column = patterns.column(values)
                if patterns.sees_keywords and whole is not None and whole not in ABOUT_THE_EVENT:
                    others = [*others, whole]
            numbers.append(column)
        if len(memo) >= MANY_NEW and table.rows >= FEW_ROWS and self._sieve is not None:
            sifted = self._sieve.sift(numbers, memo.shared)
            if sifted is not None:
                rows, verdicts = sifted
                unsure = [row for row, rules in zip(rows, verdicts, strict=True) if rules is None]
                again = iter(self._evaluated(numbers, others, table, memo, unsure) if unsure else ())
                found = [next(again) if rules is None else rules for rules in verdicts]
                return list(starmap(Match, compress(zip(rows, found, strict=True), found)))
        everything = self._evaluated(numbers, others, table, memo)
        return list(starmap(Match, compress(enumerate(everything), everything)))

    def _evaluated(
        self, numbers: Sequence[Numbers], others: Sequence[str], table: Table, memo: Memo,
        rows: Sequence[int] | None = None,
    ) -> Sequence[tuple[Rule, ...]]:  # fmt: skip
        """The rules that match each row, or each of some rows, by the numbers of their values."""
        columns: list[Any] = list(numbers) if rows is None else [taken(column, rows) for column in numbers]
        for place in self._arrays:
            if isinstance(columns[place], np.ndarray):
                columns[place] = columns[place].tolist()  # what stands in an array is a slow key
        if self._keywords is not None:
            extra = self._keywords.sets(table, others, triggered=memo.triggered or self._triggered(columns))
            if extra is not None:
                columns.append(extra if rows is None else look_up(extra, rows))
        if self._references:
            columns.append(reference_sets(self._references, table if rows is None else table.select(rows, {})))
        if not columns:
            return [memo[()]] * table.rows
        return look_up(memo, list(zip(*columns, strict=True)))

    @cached_property
    def _sieve(self) -> Sieve | None:
        """The sieve for this layout, where there can be one."""
        owners = dict.fromkeys(self._unplaced.union(*(patterns.own for patterns in self._settled)), EVENT)
        for number, patterns in enumerate(self._patterns):
            owners.update(dict.fromkeys(patterns.own, number))
        found = clauses(self._rules.formulas, owners) if self._patterns else None
        return None if found is None else Sieve(found, self._patterns, self._rules)

    def _triggered(self, numbers: Sequence[Sequence[int]]) -> bool:
        """Whether a trigger is true of a value that was looked up because rules ask for its field."""
        assert self._keywords is not None
        none = self._keywords.triggers.isdisjoint
        return not all(
            none(patterns.sets[number])
            for patterns, column in zip(self._patterns, numbers, strict=True)
            for number in set(column)
        )

    def memo(self, table: Table) -> Memo:
        """The memo for tables with the constants of this one."""
        shared = self._shared(table)
        memo = self._memos.get(shared)
        if memo is None:
            if len(self._memos) >= MAX_MEMOS:
                self._memos.clear()
            triggered = self._keywords is not None and not self._keywords.triggers.isdisjoint(shared)
            memo = self._memos[shared] = Memo(self._rules, shared, self._patterns, triggered=triggered)
        return memo

    def _shared(self, table: Table) -> frozenset[int]:
        """The atoms that are true of every row, whatever its columns hold."""
        found = [patterns.sets[patterns[place.key(table)]] for place, patterns in self._constant]
        if self._keywords is not None:
            found.append(self._keywords.constants(table.constants))
        return self._absent.union(*found)
