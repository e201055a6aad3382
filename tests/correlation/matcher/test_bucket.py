"""Buckets: memos, plans and covers."""

import random
from typing import Any

import pytest

from correlation.matcher import bucket as module
from correlation.matcher import plan
from correlation.matcher.engine import Matcher
from correlation.matcher.sieve import Sieve
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


FLOWS = [
    make_rule({"s": {"port": [22, 23]}, "n": {"ip|cidr": "10.1.0.0/16"}, "condition": "s and not n"}, "filtered"),
    make_rule({"s": {"port": 22}, "n": {"bytes|gte": 500}, "condition": "s or n"}, "one of two"),
    make_rule({"s": {"ip|fieldref": "other"}, "n": {"port": 23}, "condition": "n and not s"}, "tied"),
    make_rule({"s": {"gone|fieldref": "other"}, "n": {"port": 23}, "condition": "n and s"}, "tied to nothing"),
    make_rule({"k": ["evil"], "n": {"port": 22}, "condition": "k and n"}, "keyword"),
    make_rule({"s": {"kind": "flow"}, "n": {"ip": None}, "condition": "s and n"}, "shared"),
]


def test_sifted_rows_match_as_others_do(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(7)
    rows: list[dict[str, object]] = [
        {
            "port": chance.choice([21, 22, 23]),
            "ip": chance.choice(["10.1.2.3", "10.2.2.3", "fe80::1", None]),
            "other": chance.choice(["10.2.2.3", "10.1.2.3"]),
            "bytes": chance.randrange(700),
            "note": chance.choice(["", "so evil"]),
        }
        for _ in range(300)
    ]
    batch = make_batch(rows, constants={"kind": "flow"})
    one_by_one = Matcher(FLOWS)
    expected = [match for row in range(len(rows)) for match in one_by_one.match(batch.take([row]))]
    verdicts: list[object] = []

    def sift(*asked: Any) -> Any:
        found = usual(*asked)
        assert found is not None
        verdicts.extend(found[1])
        return found

    usual = Sieve.sift
    monkeypatch.setattr(Sieve, "sift", sift)
    monkeypatch.setattr(plan, "MANY_NEW", 10)
    matcher = Matcher(FLOWS)
    for _ in range(3):  # learning, then sifted, then as remembered
        assert [match.rules for match in matcher.match(batch)] == [match.rules for match in expected]
    assert None in verdicts
    assert any(verdicts)
    assert {rule.title for match in expected for rule in match.rules} == {
        "filtered", "one of two", "tied", "keyword", "shared"
    }  # fmt: skip
