from dataclasses import replace
from typing import Any

import numpy as np

from inventory.days import begin_of, end_of
from inventory.observing.folding import Folding, Ours
from tests.correlation.matcher.making import make_batch

DAY = begin_of("2026-03-01")


def _look(folding: Folding, *times: int, **said: Any) -> None:
    made = make_batch([{"source.ip": "10.1.0.1"} | said for _ in times], dataset="netflow.flow")
    folding.look(replace(made, times=np.array(times, dtype=np.int64)))


def test_a_thing_is_told_once_a_day_with_the_first_event_that_shows_it() -> None:
    folding = Folding(Ours(()))
    _look(folding, DAY, DAY + 1, end_of("2026-03-01") - 1)
    (seen,) = folding.take()
    assert (seen.sighting.address, seen.first, seen.last, seen.proof.dataset) == (
        "10.1.0.1", "2026-03-01", "2026-03-01", "netflow.flow",
    )  # fmt: skip
    _look(folding, DAY + 5)
    assert folding.take() == []
    _look(folding, end_of("2026-03-01"))
    (seen,) = folding.take()
    assert (seen.first, seen.last) == ("2026-03-01", "2026-03-02")


def test_only_addresses_that_are_ours_are_kept() -> None:
    folding = Folding(Ours(["203.0.113.0/24"]))
    for address in ("8.8.8.8", "203.0.113.7", "nonsense", "fd00::1", "2400::1"):
        _look(folding, DAY, **{"source.ip": address})
    assert [one.sighting.address for one in folding.take()] == ["203.0.113.7", "fd00::1"]
