"""Which rules are true where certain atoms are."""

from correlation.matcher.evaluation import Evaluation
from correlation.matcher.program import Atoms, Formula
from correlation.rules.condition import Equals, Null
from tests.correlation.matcher.making import make_rule

ATOMS = Atoms()
ONE, OTHER, NONE = (ATOMS.number(leaf) for leaf in (Equals("f", "one"), Equals("f", "other"), Null("g")))
FORMULAS: list[Formula] = [("and", ONE, NONE), ("or", ONE, OTHER), ("not", ONE), NONE, True]
RULES = [make_rule({"s": {"A": "x"}, "condition": "s"}, f"rule {number}") for number in range(len(FORMULAS))]
EVALUATION = Evaluation(list(zip(RULES, FORMULAS, strict=True)), ATOMS)


def test_rules_that_match_stand_in_order() -> None:
    def where(*true: int) -> list[int]:
        return [RULES.index(rule) for rule in EVALUATION.where(frozenset(true))]

    for _ in range(2):
        assert where() == [2, 4]
        assert where(ONE) == [1, 4]
        assert where(ONE, NONE) == [0, 1, 3, 4]
        assert where(OTHER, NONE) == [1, 2, 3, 4]


def test_rules_by_their_places() -> None:
    assert EVALUATION.at([3, 0]) == (RULES[3], RULES[0])
