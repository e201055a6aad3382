"""How fast context is added to flows, on a table of a city's size: 5,000 networks, 100,000 assets.

Both addresses of every flow are looked up, most of them assets of the table and the rest of the Internet. Values repeat
as in traffic: few hosts speak much, many a little (Zipf's law), and each pass meets some that the last one did not.
At last the same is done with a hundred network rules behind it: those of the pack that look at flows, the others made.
"""

import gc
import time
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np

from correlation.context.addresses import text_of
from correlation.context.enriching import Context
from correlation.context.model import Address, Entry, Known, Range
from correlation.context.table import Table
from correlation.matcher.engine import Matcher
from correlation.rules.documents import parse
from correlation.rules.loading import load_rules
from correlation.rules.logsources import routes
from correlation.rules.model import Rule
from sensors.event.identity import event_ids
from sensors.event.model import BATCH_ROWS, Batch, Source
from sensors.event.times import SECOND

Result: TypeAlias = dict[str, Any]

EVENT_COUNT: Final = 500_000
NETWORKS: Final = 5_000
ASSETS: Final = 100_000
START: Final = 1_767_225_600 * SECOND
RULES: Final = 100
_SEED: Final = 20_261_129
_TEN: Final = 10 << 24
_MADE: Final = """title: made {number}
id: 00000000-0000-4000-8000-{number:012}
logsource: {{service: netflow}}
detection:
  service: {{network.transport: tcp, destination.port: [{port}, {port}1], source.packets|gte: {packets}}}
  from: {{source.ip|cidr: [10.{net}.0.0/16, 120.{net}.0.0/16]}}
  known: {{destination.ip|cidr: 10.{net}.128.0/17}}
  condition: service and from and not known
"""


def bench(events: int = EVENT_COUNT) -> Iterator[Result]:
    """Measure on `events` flows.

    Yields:
        One result for building the table, one for flows whose addresses are all met for the first time, one for flows
        as traffic has them, one for these again, with everything remembered that is kept, and one for flows as traffic
        has them through a fresh table and fresh rules.
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
    yield _matched(Context(Table(entries)), network_rules(), _batches(_traffic(events, chance), chance))


def network_rules(count: int = RULES) -> list[Rule]:
    """Rules that look at flows: those of the pack, then made ones (synthetic) of ports, networks and amounts."""
    pack = load_rules([Path(str(files("correlation") / "pack"))]).rules
    rules = [rule for rule in pack if any(route.takes("network.flow") for route in routes(rule.logsource))]
    for number in range(count - len(rules)):
        text = _MADE.format(number=number, port=2_000 + number * 7, net=number, packets=3 + number % 5)
        rules += [rule for rule in parse(text, "made.yml")[0] if isinstance(rule, Rule)]
    return rules[:count]


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
    # Services are asked for more often than what answers from above: every other flow goes to one of few ports.
    ports = np.concatenate([np.tile([53, 80, 443, 445, 22, 3_389, 23, 8_080], 4_000), np.arange(1_024, 33_024)])
    constants = {"event.kind": "event", "network.transport": "tcp", "network.type": "ipv4"}
    made = []
    for first in range(0, len(sources), BATCH_ROWS):
        rows = slice(first, first + BATCH_ROWS)
        count = len(sources[rows])
        ordinals = np.arange(first + 1, first + 1 + count, dtype=np.int64)
        columns = {
            "source.ip": sources[rows],
            "destination.ip": destinations[rows],
            "destination.port": chance.choice(ports, count).tolist(),
            "source.packets": chance.integers(1, 40, count),
            "destination.packets": chance.integers(0, 40, count),
            "destination.bytes": chance.integers(0, 1 << 20, count),
        }
        ids = event_ids(source.id, ordinals.tolist(), [b""] * count)
        times = START + ordinals * (SECOND // 10)
        made.append(Batch("network.flow", source, START, times, ids, ordinals, constants, columns))
    return made


def _measured(name: str, context: Context, batches: Sequence[Batch]) -> Result:
    gc.collect()
    begun = _clock()
    for batch in batches:
        context.enrich(batch)
    done = _clock()
    pairs = {value for batch in batches for side in ("source.ip", "destination.ip") for value in batch.columns[side]}
    return _result(name, begun, done, events=sum(map(len, batches)), distinct=len(pairs))


def _matched(context: Context, rules: Sequence[Rule], batches: Sequence[Batch]) -> Result:
    matcher = Matcher(rules)
    matcher.prepare(context.enrich(batches[0]))
    gc.collect()
    begun = _clock()
    found = sum(len(match.rules) for batch in batches for match in matcher.match(context.enrich(batch)))
    return _result("context.with_rules", begun, events=sum(map(len, batches)), rules=len(rules), matches=found)


def _clock() -> tuple[float, float]:
    return time.process_time(), time.perf_counter()


def _result(name: str, begun: tuple[float, float], done: tuple[float, float] | None = None, **work: Any) -> Result:
    cpu, wall = (end - start for start, end in zip(begun, done or _clock(), strict=True))
    return {"bench": name, **work, "cpu_seconds": cpu, "wall_seconds": wall}
