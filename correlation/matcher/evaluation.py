"""Rules with their formulas: which are true where certain atoms are; only those are asked that the atoms speak of."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from correlation.matcher.program import ALWAYS, Atoms, Formula, Test, compile_test, cost_of, cover
from correlation.rules.model import Rule


class Evaluation:
    """The rules of one bucket in order.

    Attributes:
        formulas: of each rule.
    """

    def __init__(self, rules: Sequence[tuple[Rule, Formula]], atoms: Atoms) -> None:
        self._rules = [rule for rule, _ in rules]
        self.formulas = [formula for _, formula in rules]
        self._tests: list[Test | None] = [None] * len(rules)
        self._always: list[int] = []
        self._needing: defaultdict[int, list[int]] = defaultdict(list)
        for position, formula in enumerate(self.formulas):
            found = cover(formula, lambda number: cost_of(atoms.leaf(number)))
            if found is None or found[0] >= ALWAYS:
                self._always.append(position)
            else:
                for number in found[1]:
                    self._needing[number].append(position)
        self._needed = frozenset(self._needing)

    def where(self, true: frozenset[int]) -> tuple[Rule, ...]:
        """The rules that match where exactly these atoms are true."""
        candidates = set(self._always)
        for number in self._needed & true:
            candidates.update(self._needing[number])
        tests = self._tests
        found = []
        for position in sorted(candidates):
            test = tests[position]
            if test is None:
                test = tests[position] = compile_test(self.formulas[position])
            if test(true):
                found.append(self._rules[position])
        return tuple(found)

    def at(self, positions: Iterable[int]) -> tuple[Rule, ...]:
        """The rules at these positions."""
        return tuple(map(self._rules.__getitem__, positions))
