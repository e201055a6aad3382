"""How fast context is added to flows, on a table of a city's size: 5,000 networks, 100,000 assets.

Both addresses of every flow are looked up, most of them assets of the table and the rest of the Internet. Values repeat
as in traffic: few hosts speak much, many a little (Zipf's law), and each pass meets some that the last one did not.
"""

import gc
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias

import numpy as np

from correlation.context.addresses import text_of
from correlation.context.enriching import Context
from correlation.context.model import Address, Entry, Known, Range
from correlation.context.table import Table
from sensors.event.identity import event_ids
from sensors.event.model import BATCH_ROWS, Batch, Source
from sensors.event.times import SECOND

Result: TypeAlias = dict[str, Any]

EVENT_COUNT: Final = 500_000
NETWORKS: Final = 5_000
ASSETS: Final = 100_000
START: Final = 1_767_225_600 * SECOND
_SEED: Final = 20_261_129
_TEN: Final = 10 << 24


def bench(events: int = EVENT_COUNT) -> Iterator[Result]:
    """Measure on `events` flows.

    Yields:
        One result for building the table, one for flows whose addresses are all met for the first time, one for flows
        as traffic has them, and one for these again, with everything remembered that is kept.
    """
    entries = made_entries()
    begun = _clock()
    context = Context(Table(entries))
    yield _result("context.build", begun, entries=len(entries))
    chance = np.random.default_rng(_SEED)
    for name, batches in (
        ("context.distinct", _batches(_distinct(events), chance)),
        ("context.traffic", _batches(_traffic(events, chance), chance)),
    ):
        yield _measured(name, context, batches)
    yield _measured("context.again", context, batches)


def made_entries(networks: int = NETWORKS, assets: int = ASSETS) -> list[Entry]:
    """An address plan of /22 networks in 10.0.0.0/8, and assets in them, a tenth of which changed hands once."""
    plan = [
        Entry(
            Known(unit=f"unit {number % 400}", district=f"district {number % 13}", domain="extranet"),
            Range(4, _TEN + number * 1_024, _TEN + number * 1_024 + 1_023),
        )
        for number in range(networks)
    ]
    hosts = []
    for number in range(assets):
        address = _asset(number, networks)
        known = Known(f"asset {number}", f"system {number % 2_000}", grade=number % 4 + 1, cii=number % 50 == 0)
        changed = START + number * SECOND if number % 10 == 0 else None
        hosts.append(Entry(known, Range(4, address, address), valid_from=changed))
        if changed is not None:
            before = known._replace(asset=f"former {number}")
            hosts.append(Entry(before, Range(4, address, address), valid_to=changed))
    return plan + hosts


def _asset(number: int, networks: int = NETWORKS) -> int:
    return _TEN + number % networks * 1_024 + number // networks % 1_024


def _addresses(numbers: Any) -> list[str]:
    """Assets by number; every seventh is an address of the Internet instead."""
    texts = []
    for number in numbers.tolist():
        outside = number % 7 == 0
        texts.append(text_of(Address(4, (120 << 24) + number * 97 % (1 << 24) if outside else _asset(number))))
    return texts


def _distinct(events: int) -> tuple[Any, Any]:
    return np.arange(events), np.arange(events, 2 * events)


def _traffic(events: int, chance: np.random.Generator) -> tuple[Any, Any]:
    """Numbers of sources and destinations by Zipf's law, mixed so that the busy ones do not lie side by side."""
    source, destination = (chance.zipf(1.2, events) % (4 * ASSETS) for _ in range(2))
    return source * 7_919 % (4 * ASSETS), destination * 7_907 % (4 * ASSETS)


def _batches(numbers: tuple[Any, Any], chance: np.random.Generator) -> Sequence[Batch]:
    source = Source("00" * 16, "capture", "made")
    sources, destinations = map(_addresses, numbers)
    made = []
    for first in range(0, len(sources), BATCH_ROWS):
        rows = slice(first, first + BATCH_ROWS)
        count = len(sources[rows])
        ordinals = np.arange(first + 1, first + 1 + count, dtype=np.int64)
        columns = {
            "source.ip": sources[rows],
            "destination.ip": destinations[rows],
            "destination.port": chance.integers(1, 65_536, count).tolist(),
        }
        ids = event_ids(source.id, ordinals.tolist(), [b""] * count)
        times = START + ordinals * (SECOND // 10)
        made.append(Batch("network.flow", source, START, times, ids, ordinals, {"event.kind": "event"}, columns))
    return made


def _measured(name: str, context: Context, batches: Sequence[Batch]) -> Result:
    gc.collect()
    begun = _clock()
    for batch in batches:
        context.enrich(batch)
    done = _clock()
    pairs = {value for batch in batches for side in ("source.ip", "destination.ip") for value in batch.columns[side]}
    return _result(name, begun, done, events=sum(map(len, batches)), distinct=len(pairs))


def _clock() -> tuple[float, float]:
    return time.process_time(), time.perf_counter()


def _result(name: str, begun: tuple[float, float], done: tuple[float, float] | None = None, **work: Any) -> Result:
    cpu, wall = (end - start for start, end in zip(begun, done or _clock(), strict=True))
    return {"bench": name, **work, "cpu_seconds": cpu, "wall_seconds": wall}
