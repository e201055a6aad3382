"""The matcher and the plain evaluator say the same of any rule and any event."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from correlation.matcher import plan
from correlation.matcher.engine import Matcher
from correlation.matcher.explaining import explain
from correlation.matcher.rows import flat
from tests.correlation.matcher.making import make_batch, make_rule, rule_document
from tests.correlation.matcher.oracle import Event, checks, read
from tests.correlation.matcher.strategies import detections, events

SOME_RULES = st.lists(detections, min_size=1, max_size=4)
SOME_EVENTS = st.lists(events, min_size=1, max_size=6)
SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def expected(found: list[dict[str, Any]], documents: list[dict[str, Any]]) -> list[list[int]]:
    tests = [checks(read(rule_document(detection))) for detection in found]
    return [[number for number, test in enumerate(tests) if test(Event(document))] for document in documents]


@settings(max_examples=250, suppress_health_check=SLOW)
@given(SOME_RULES, SOME_EVENTS)
def test_documents(found: list[dict[str, Any]], documents: list[dict[str, Any]]) -> None:
    rules = [make_rule(detection, f"rule {number}") for number, detection in enumerate(found)]
    matcher = Matcher(rules, mapping=False)
    for _ in range(2):  # the second time from the caches
        matched = {row: [rules.index(rule) for rule in hits] for row, hits in matcher.match_documents(documents)}
        assert [matched.get(row, []) for row in range(len(documents))] == expected(found, documents)


@settings(max_examples=150, suppress_health_check=SLOW)
@given(detections, events)
def test_explanations(detection: dict[str, Any], document: dict[str, Any]) -> None:
    rule = make_rule(detection)
    assert explain(rule.condition, flat(document)).holds is bool(expected([detection], [document])[0])


@settings(max_examples=150, suppress_health_check=SLOW)
@given(SOME_RULES, SOME_EVENTS, st.data())
def test_batches(found: list[dict[str, Any]], documents: list[dict[str, Any]], data: st.DataObject) -> None:
    rules = [make_rule(detection, f"rule {number}") for number, detection in enumerate(found)]
    matcher = Matcher(rules)
    for document in documents:
        constant = data.draw(st.sets(st.sampled_from(sorted(document))))
        constants = {name: document[name] for name in constant}
        rest = {name: value for name, value in document.items() if name not in constant}
        batch = make_batch([rest, rest], constants=constants)
        matched = {match.row: [rules.index(rule) for rule in match.rules] for match in matcher.match(batch)}
        # A batch says of itself what it is; the plain evaluator sees the events as they are.
        assert [matched.get(row, []) for row in range(2)] == expected(found, [document]) * 2


@settings(max_examples=250, deadline=None, suppress_health_check=SLOW)
@given(st.lists(detections, min_size=1, max_size=2), SOME_EVENTS, st.data())
def test_sifted_rows(found: list[dict[str, Any]], documents: list[dict[str, Any]], data: st.DataObject) -> None:
    rules = [make_rule(detection, f"rule {number}") for number, detection in enumerate(found)]
    matcher = Matcher(rules)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "MANY_NEW", 0)
        patch.setattr(plan, "FEW_ROWS", 1)
        names = sorted(set().union(*documents))
        rows = [{name: document.get(name) for name in names} for document in documents]
        shared = data.draw(st.sets(st.sampled_from(names)))
        constants = {name: rows[0][name] for name in shared}
        rest = [{name: value for name, value in row.items() if name not in shared} for row in rows]
        batch = make_batch(rest, constants=constants)
        expects = expected(found, [{**row, **constants} for row in rest])
        for _ in range(2):
            matched = {match.row: [rules.index(rule) for rule in match.rules] for match in matcher.match(batch)}
            assert [matched.get(row, []) for row in range(len(rows))] == expects
