"""Pieces of a query find between them what it finds, each event once."""

from collections.abc import Sequence

import pytest

from correlation.hunting.dividing import divided
from correlation.hunting.service import Hunt, candidates
from correlation.ports import EventStore
from correlation.query.model import Query
from correlation.rules.model import Rule
from tests.sensors.delivery.making import ticking


def found(store: EventStore, rules: Sequence[Rule], within: Query) -> tuple[list[str], int]:
    alerts, looked = [], 0
    for step in Hunt(store, rules, ticking()).run(within):
        alerts += [one.id for one in step.alerts]
        looked = step.looked
    return alerts, looked


@pytest.mark.parametrize("most", [2, 3, 7])
def test_pieces_follow_each_other_and_miss_nothing(store: EventStore, rules: list[Rule], most: int) -> None:
    asked = candidates(rules, Query())
    assert asked is not None
    pieces = divided(store, asked, most, 10)
    assert len(pieces) == most
    assert (pieces[0].start, pieces[-1].end) == (None, None)
    assert [one.end for one in pieces[:-1]] == [one.start for one in pieces[1:]]
    whole, looked = found(store, rules, Query())
    parts = [found(store, rules, Query(start=one.start, end=one.end)) for one in pieces]
    assert sorted(alert for alerts, _ in parts for alert in alerts) == sorted(whole)
    assert sum(number for _, number in parts) == looked
    # A few moments have many events; no piece of a second can be cut.
    assert max(number for _, number in parts) < looked * 0.9


def test_what_is_not_worth_it_stays_whole(store: EventStore, rules: list[Rule]) -> None:
    asked = candidates(rules, Query(start=0, end=1))
    assert asked is not None
    assert divided(store, asked, 4, 10) == [asked]
    asked = candidates(rules, Query())
    assert asked is not None
    assert divided(store, asked, 4, 1_000_000) == [asked]
    assert divided(store, asked, 1, 1) == [asked]
