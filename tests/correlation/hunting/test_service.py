"""A hunt finds in the store what the matcher found when the events came: every rule of the pack, on every sample."""

from collections.abc import Sequence

from correlation.alerts.making import Witness, alert
from correlation.hunting.service import Hunt
from correlation.matcher.engine import Matcher
from correlation.ports import EventStore
from correlation.query.model import Query
from correlation.query.parsing import parse
from correlation.rules.model import Rule
from sensors.event.model import Batch
from tests.sensors.delivery.making import ticking


def matched(rules: Sequence[Rule], batches: Sequence[Batch]) -> set[str]:
    matcher = Matcher(rules)
    return {
        alert(rule, (Witness(batch).evidence(match.row),), 0).id
        for batch in batches
        for match in matcher.match(batch)
        for rule in match.rules
    }


def hunted(store: EventStore, rules: Sequence[Rule], within: Query | None = None) -> tuple[set[str], int]:
    found: set[str] = set()
    looked = 0
    for step in Hunt(store, rules, ticking()).run(within or Query()):
        found |= {one.id for one in step.alerts}
        looked = step.looked
    return found, looked


def test_all_rules_find_all_that_they_did(store: EventStore, rules: list[Rule], batches: list[Batch]) -> None:
    expected = matched(rules, batches)
    assert len(expected) > 100
    assert hunted(store, rules)[0] == expected


def test_each_rule_by_itself_finds_the_same_among_fewer_candidates(
    store: EventStore, rules: list[Rule], batches: list[Batch]
) -> None:
    events = sum(map(len, batches))
    looked = 0
    for rule in rules:
        found, candidates = hunted(store, [rule])
        assert found == matched([rule], batches), rule.title
        looked += candidates
    assert looked < events * len(rules) / 10


def test_a_query_and_a_time_bound_the_hunt(store: EventStore, rules: list[Rule]) -> None:
    everything, _ = hunted(store, rules)
    some, _ = hunted(store, rules, Query(where=parse("event.dataset:web.access", 0)))
    assert set() < some < everything
    assert hunted(store, rules, Query(end=0)) == (set(), 0)
