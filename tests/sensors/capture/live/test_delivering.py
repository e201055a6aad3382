import threading
from collections.abc import Sequence

import pytest

from sensors.capture.live import delivering
from sensors.capture.live.delivering import WAITING, Deliverer
from sensors.capture.live.session import FORMAT, source_of
from sensors.delivery.errors import SpoolFull, SpoolUnusable
from sensors.delivery.ledger import PACKETS
from sensors.delivery.ports import Delivery
from sensors.reading.model import Portion, Position

SOURCE = source_of("near", "host", 1)


def portion(number: int, *, done: bool = False) -> Portion:
    return Portion((), (), {(PACKETS, "read"): 1}, Position(ordinal=number + 1), done)


class Spool:
    """Takes what comes, after so many refusals."""

    def __init__(self, refusals: int = 0, problem: type[Exception] | None = None) -> None:
        self.taken: list[Delivery] = []
        self.refusals = refusals
        self.problem = problem

    def append(self, deliveries: Sequence[Delivery]) -> list[int]:
        if self.problem is not None:
            raise self.problem
        if self.refusals:
            self.refusals -= 1
            raise SpoolFull
        self.taken += deliveries
        return [len(self.taken)] * len(deliveries)


def test_each_portion_begins_where_the_one_before_it_ended() -> None:
    spool = Spool()
    deliverer = Deliverer(spool.append)
    for number in range(1, 4):
        deliverer.put(SOURCE, portion(number, done=number == 3))
    deliverer.close()
    assert [(one.begun.ordinal, one.portion.position.ordinal) for one in spool.taken] == [(1, 2), (2, 3), (3, 4)]
    assert {one.format for one in spool.taken} == {FORMAT}
    assert deliverer.complete(SOURCE)
    assert not deliverer.complete(source_of("far", "host", 1))


def test_a_full_spool_is_waited_for_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "_AGAIN_SECONDS", 0.01)
    spool = Spool(refusals=3)
    deliverer = Deliverer(spool.append)
    deliverer.put(SOURCE, portion(1, done=True))
    for _ in range(500):
        if deliverer.complete(SOURCE):
            break
        threading.Event().wait(0.01)
    deliverer.close()
    assert (len(spool.taken), deliverer.problem) == (1, None)


def test_at_the_end_a_full_spool_is_not_waited_for() -> None:
    deliverer = Deliverer(Spool(refusals=1_000_000).append)
    deliverer.put(SOURCE, portion(1, done=True))
    deliverer.close()
    assert isinstance(deliverer.problem, SpoolFull)
    assert not deliverer.complete(SOURCE)


def test_a_spool_that_cannot_be_used_ends_delivery_and_stops_nobody() -> None:
    deliverer = Deliverer(Spool(problem=SpoolUnusable).append)
    for number in range(1, 3 * WAITING):
        deliverer.put(SOURCE, portion(number))
    deliverer.close()
    assert isinstance(deliverer.problem, SpoolUnusable)
