from dataclasses import replace
from typing import Any

import numpy as np

from correlation.posture.declaring import declared
from correlation.posture.model import Touch
from correlation.posture.observing import Observed
from correlation.store.memory import MemoryStore
from sensors.delivery.ports import Record
from sensors.event.model import Source
from tests.correlation.matcher.making import make_batch
from tests.correlation.posture.making import DAY, NOON
from tests.correlation.posture.test_declaring import entry, land


def _stored(*events: tuple[dict[str, Any], int, str]) -> MemoryStore:
    """A store with an event of these values each, so many days before noon, of a source."""
    store = MemoryStore()
    for number, (values, age, source) in enumerate(events):
        batch = make_batch([values], "network.flow")
        times = np.array([NOON - age * DAY], dtype=np.int64)
        batch = replace(batch, source=Source(source, "file", "made"), times=times, ids=[f"{number:032x}"])
        store.append([Record(number + 1, batch.source, (batch,))])
    return store


def test_what_events_of_the_window_name_is_seen() -> None:
    store = _stored(
        ({"hanwatch.source.asset": "his", "hanwatch.source.unit": "health"}, 0, "aa"),
        ({"hanwatch.host.asset": "mail"}, 3, "aa"),
    )
    known = declared(land(entry("10.0.0.1", asset="his"), entry("10.0.0.2", asset="mail")), NOON)
    seen = Observed(store, NOON - DAY, NOON + 1).seen(known)
    assert seen.assets == {("", "his")}
    assert seen.units == {"health"}
    assert Observed(store, NOON - 4 * DAY, NOON).seen(known).assets == {("", "mail")}


def test_assets_of_one_name_are_told_apart_by_their_address_space() -> None:
    store = _stored(({"hanwatch.host.asset": "db", "hanwatch.space": "t"}, 0, "aa"))
    known = declared(
        land(entry("10.0.0.1", asset="db"), entry("10.0.0.1", asset="db", space="t"), spaces=("t", "s")), NOON
    )
    seen = Observed(store, NOON - DAY, NOON + 1).seen(known)
    assert seen.assets == {("t", "db")}
    assert seen.spaces == {"t"}


def test_a_source_looks_where_its_events_are() -> None:
    store = _stored(
        ({"hanwatch.source.unit": "health"}, 5, "aa"), ({"hanwatch.destination.unit": "office"}, 5, "aa"),
        ({"hanwatch.source.unit": "school"}, 5, "bb"),
    )  # fmt: skip
    observed = Observed(store, NOON - 30 * DAY, NOON)
    assert observed.units_of("aa") == (Touch("health"), Touch("office"))
    assert observed.units_of("cc") == ()
