"""Matcher and oracle agree on every pair of a rule and an event of the EVTX files, raw and through our sensors."""

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from correlation.matcher.engine import Matcher
from correlation.matcher.routing import Scheme
from correlation.matcher.table import ABOUT_THE_EVENT
from sensors.event.model import Batch, Source
from sensors.reading.evtx import EvtxReader
from sensors.reading.model import Position
from tests.conformance.sigma.shared import evtx_files, oracle_rules, product_rules, raw_events
from tests.correlation.matcher.oracle import Check, Event, checks

if TYPE_CHECKING:
    from correlation.rules.logsources import Route

pytestmark = pytest.mark.conformance

EVENTS = 10_246
SOURCE = Source("00" * 16, "records", "made")


class Routed:
    """The oracle's rules by where they go: routing is shared with the product, meaning is not."""

    def __init__(self, scheme: Scheme, channel: str, code: str) -> None:
        self._channel, self._code = channel, code
        self._routes: defaultdict[Route, list[tuple[str, Check]]] = defaultdict(list)
        known = oracle_rules()
        for rule in product_rules():
            for route in scheme.routes(rule.logsource):
                self._routes[route].append((rule.id, checks(known[rule.id], route.names)))
        self._kinds: dict[tuple[str, str, str], list[tuple[str, Check]]] = {}

    def match(self, dataset: str, document: dict[str, Any]) -> set[str]:
        kind = (dataset, str(document.get(self._channel)).lower(), str(document.get(self._code)))
        if kind not in self._kinds:
            values = {self._channel: kind[1], self._code: kind[2]}
            self._kinds[kind] = [
                entry
                for route, entries in self._routes.items()
                if route.takes(dataset) and all(values.get(name, "") in wanted for name, wanted in route.where)
                for entry in entries
            ]
        event = Event(
            {name: value for name, value in document.items() if name not in ABOUT_THE_EVENT or name == self._code}
        )
        return {identity for identity, check in self._kinds[kind] if check(event)}


def batches() -> Iterator[Batch]:
    for path in evtx_files():
        for portion in EvtxReader().portions(path, SOURCE, Position(), 0):
            assert not portion.rejects
            yield from portion.batches


def compare(found: set[str], expected: set[str], where: str) -> None:
    assert found == expected, f"{where}: too many {found - expected}, missing {expected - found}"


def test_raw_events() -> None:
    oracle = Routed(Scheme.raw(), "Channel", "EventID")
    matcher = Matcher(product_rules(), mapping=False, routing=True)
    events = hits = 0
    for path in evtx_files():
        documents = list(raw_events(path))
        found = dict(matcher.match_documents(documents))
        for row, document in enumerate(documents):
            expected = oracle.match("*", document)
            compare({rule.id for rule in found.get(row, ())}, expected, f"{path}, {document}")
            events += 1
            hits += len(expected)
    assert events == EVENTS
    assert hits > 1_000


def test_batches() -> None:
    oracle = Routed(Scheme.mapped(), "winlog.channel", "event.code")
    matcher = Matcher(product_rules())
    events = hits = 0
    for batch in batches():
        found = {match.row: match.rules for match in matcher.match(batch)}
        for row in range(len(batch)):
            document = {**batch.constants, **{name: column[row] for name, column in batch.columns.items()}}
            expected = oracle.match(batch.dataset, document)
            compare({rule.id for rule in found.get(row, ())}, expected, f"{batch.dataset}, {document}")
            events += 1
            hits += len(expected)
    assert events == EVENTS
    assert hits > 1_000
