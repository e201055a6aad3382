"""Buckets: memos, plans and covers."""

import pytest

from correlation.matcher import bucket as module
from correlation.matcher import plan
from correlation.matcher.engine import Matcher
from tests.correlation.matcher.making import make_batch, make_rule

RULES = [
    make_rule({"s": {"A": "x"}, "f": {"B": "y"}, "condition": "s and not f"}, "filtered"),
    make_rule({"f": {"B": "y"}, "condition": "not f"}, "only a filter"),
    make_rule({"s": {"B": None}, "condition": "s"}, "absent"),
]


def titles(matcher: Matcher, *rows: dict[str, object]) -> list[list[str]]:
    found = {match.row: match for match in matcher.match(make_batch(rows))}
    return [[rule.title for rule in found[row].rules] if row in found else [] for row in range(len(rows))]


def test_layouts_do_not_disturb_each_other() -> None:
    matcher = Matcher(RULES)
    for _ in range(2):
        assert titles(matcher, {"A": "x"}, {"A": "z"}) == [
            ["filtered", "only a filter", "absent"],
            ["only a filter", "absent"],
        ]
        assert titles(matcher, {"A": "x", "B": "y"}, {"A": "x", "B": "n"}) == [[], ["filtered", "only a filter"]]
        assert titles(matcher, {"B": None}) == [["only a filter", "absent"]]
        assert titles(matcher, {"other": 1}) == [["only a filter", "absent"]]


def test_bounds_cost_only_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "MAX_MEMO", 3)
    monkeypatch.setattr(plan, "MAX_MEMOS", 2)
    monkeypatch.setattr(module, "MAX_PLANS", 2)
    monkeypatch.setattr(module, "MAX_SETS", 4)
    rules = [make_rule({"s": {f"f{n % 7}|contains": str(n)}, "condition": "s"}, f"r{n}") for n in range(40)]
    matcher, fresh = Matcher(rules), Matcher(rules)
    for n in range(60):
        row: dict[str, object] = {f"f{n % 7}": f"{n} {n + 1}", f"f{n % 5}": str(n * 7)}
        assert titles(matcher, row) == titles(fresh, row)
        assert titles(matcher, row) == titles(Matcher(rules), row)
