"""What looking for indicators costs, beside matching the same events with all rules: a million indicators.

Events of a network are made by a seeded generator: flows, DNS, TLS and HTTP in stated shares, whose addresses and names
are drawn so that few are common and many rare (Pareto), and of which a stated share was never seen before. Events of
Windows are the matcher's mix (correlation.matcher.mix), with the hashes that the parser takes out of Sysmon's. They
come out of the spool's records, decoded just before, as the service gets them. CPU seconds are counted.
"""

import gc
import random  # noqa: TID251 - only for the type: the generator is made from a seed that is passed in
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np

from correlation.intelligence.allowing import AllowList
from correlation.intelligence.book import IndicatorBook
from correlation.intelligence.matching import Intelligence
from correlation.intelligence.model import Indicator, Kind
from correlation.matcher.bench import rule_folders
from correlation.matcher.engine import Matcher
from correlation.matcher.mix import batches, mixed, recorded
from correlation.rules.loading import load_rules
from correlation.settings import IntelligenceSettings
from sensors.event.codec import decode, encode
from sensors.event.model import Batch, Source
from sensors.event.times import SECOND
from sensors.parsers.windows_copies import copied, copies_for

INDICATORS: Final = 1_000_000
EVENTS: Final = 200_000
SHARES: Final[dict[Kind, float]] = {"ip": 0.45, "domain": 0.35, "url": 0.1, "hash": 0.095, "network": 0.005}
NOVEL: Final = 0.05
"""The share of values that no event showed before."""
COMMON: Final = 50_000
"""Addresses, and names, from which the others are drawn."""
HITS: Final = 1_000
"""One event in so many shows an indicator."""
ROWS: Final = 1_000
START: Final = 1_795_136_400 * SECOND
_CHUNK: Final = 50_000
Result = dict[str, Any]


def bench(
    folder: Path, corpus: Path, *, indicators: int = INDICATORS, events: int = EVENTS, seed: int = 1
) -> Iterator[Result]:
    """Measure filling the book, opening it, and enriching beside matching: while nothing is remembered yet, then on.

    Args:
        folder: where the book is kept.
        corpus: holds Sigma rules in folders named `rules*` and EVTX files, at any depth.
        indicators: how many there are in the book.
        events: how many are looked at for each line, of Windows half of them.
        seed: of the generator.
    """
    chance = random.Random(seed)  # noqa: S311 - a reproducible mix, no secret
    rules = load_rules([Path(str(files("correlation") / "pack")), *rule_folders(corpus)]).rules
    book = IndicatorBook(folder / "intelligence")
    begun = time.process_time()
    for start in range(0, indicators, _CHUNK):
        book.add(_indicator(number, chance) for number in range(start, min(start + _CHUNK, indicators)))
    filled = time.process_time()
    book.compile()
    compiled = time.process_time()
    opened = Intelligence(book, IntelligenceSettings(), AllowList(), lambda: START)
    yield {"bench": "intelligence.filling", "entries": indicators, "cpu_seconds": filled - begun}
    yield {
        "bench": "intelligence.compiling", "entries": indicators, "cpu_seconds": compiled - filled,
        "opening_seconds": time.process_time() - compiled, "bytes": book.index_path.stat().st_size,
    }  # fmt: skip
    matcher, values = Matcher(rules), _Values(chance)
    for name in ("cold", "steady"):
        records = [encode([batch]) for batch in _traffic(events, values, chance)]
        for batch in _decoded(records[:4]):
            matcher.match(batch)
        yield _measured(name, opened, matcher, records)
    portions = [_parsed(batch) for batch in batches(mixed(recorded(corpus), max(events // 2, 1), seed), START)]
    matcher = Matcher([rule for rule in rules if rule.logsource.product == "windows"])
    for batch in portions:
        matcher.prepare(batch)
    yield _measured("windows", opened, matcher, [encode(portions[at : at + 50]) for at in range(0, len(portions), 50)])
    book.close()


def _parsed(batch: Batch) -> Batch:
    """A batch of Windows' events with the fields that the parser copies out of their data, hashes among them."""
    codes = {"microsoft-windows-sysmon/operational": "windows.sysmon", "security": "windows.security"}
    dataset = codes.get(str(batch.constants.get("winlog.channel", "")).lower(), "")
    columns: dict[str, Any] = dict(batch.columns)
    copied(copies_for(dataset, str(batch.constants.get("event.code", ""))), columns)
    return replace(batch, columns=columns)


def _measured(name: str, enricher: Intelligence, matcher: Matcher, records: Sequence[bytes]) -> Result:
    gc.collect()
    gc.freeze()
    enriching = matching = 0.0
    events = hits = alerts = 0
    for batch in _decoded(records):
        begun = time.process_time()
        enriched = enricher.enrich(batch)
        between = time.process_time()
        alerts += sum(1 for _ in matcher.match(enriched))
        enriching, matching = enriching + between - begun, matching + time.process_time() - between
        events += len(batch)
        said = enriched.columns.get("hanwatch.indicator.id", ())
        hits += sum(one is not None for one in said)
        del enriched  # or the next batch's enriching would be charged with giving its memory back
    gc.unfreeze()
    return {
        "bench": f"intelligence.enriching.{name}", "events": events, "cpu_seconds": enriching,
        "per_second": events / enriching, "matching_seconds": matching, "share_of_matching": enriching / matching,
        "hits": hits, "matched": alerts,
    }  # fmt: skip


def _decoded(records: Sequence[bytes]) -> Iterator[Batch]:
    for record in records:
        yield from decode(record)


def _indicator(number: int, chance: random.Random) -> Indicator:
    share = number / INDICATORS % 1
    for kind, part in SHARES.items():  # noqa: B007 - the kind in whose part the number lies
        share -= part
        if share < 0:
            break
    return Indicator(kind, _value(kind, number, chance), "bench", 80, START)


def _value(kind: Kind, number: int, chance: random.Random) -> str:
    if kind == "ip":
        return _bad_address(number)
    if kind == "domain":
        return _bad_domain(number)
    if kind == "url":
        return f"http://u{number}.synthetic.example/gate.php?id={number}"
    if kind == "hash":
        return f"{chance.getrandbits(256):064x}"
    length = (16, 20, 22, 24)[number % 4]
    bits = chance.randrange(45 << 24, 46 << 24) >> (32 - length) << (32 - length)
    return f"{_dotted(bits)}/{length}"


def _bad_address(number: int) -> str:
    return _dotted((80 << 24) + number * 7)


def _bad_domain(number: int) -> str:
    return f"c2-{number}.synthetic{number % 977}.example"


def _dotted(number: int) -> str:
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


class _Values:
    """Addresses and names of traffic: few common, many rare, some new."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._made = 0

    def _place(self) -> int:
        if self._chance.random() < NOVEL:
            self._made += 1
            return COMMON + self._made
        return min(int(self._chance.paretovariate(0.6)), COMMON)

    def inside(self) -> str:
        return _dotted((10 << 24) + self._chance.randrange(20_000))

    def outside(self) -> str:
        if not self._chance.randrange(HITS):
            return _bad_address(self._chance.randrange(int(INDICATORS * SHARES["ip"])))
        return _dotted((110 << 24) + self._place() * 37)

    def name(self) -> str:
        if not self._chance.randrange(HITS):
            first = int(INDICATORS * SHARES["ip"])
            return "www." + _bad_domain(first + self._chance.randrange(int(INDICATORS * SHARES["domain"])))
        place = self._place()
        return f"host{place}.service{place % 4_001}.synthetic.example"


def _traffic(events: int, values: "_Values", chance: random.Random) -> Iterator[Batch]:
    kinds = chance.choices(("flow", "dns", "tls", "http"), (40, 30, 20, 10), k=max(events // ROWS, 1))
    for number, kind in enumerate(kinds):
        rows = range(min(ROWS, events))
        columns: dict[str, list[Any]] = {
            "source.ip": [values.inside() for _ in rows],
            "source.port": [chance.randrange(1_024, 65_536) for _ in rows],
            "destination.port": [443] * len(rows),
        }
        if kind == "dns":
            columns["destination.ip"] = ["10.0.0.53"] * len(rows)
            columns["dns.question.name"] = [values.name() for _ in rows]
            columns["dns.resolved_ip"] = [[values.outside() for _ in range(chance.randrange(1, 3))] for _ in rows]
        else:
            columns["destination.ip"] = [values.outside() for _ in rows]
        if kind == "tls":
            columns["tls.client.server_name"] = [values.name() for _ in rows]
            columns["tls.client.ja3"] = [f"{chance.randrange(300):032x}" for _ in rows]
        if kind == "http":
            columns["url.domain"] = [values.name() for _ in rows]
            columns["url.original"] = [f"/list/{chance.randrange(2_000)}.html" for _ in rows]
            columns["http.request.method"] = ["GET"] * len(rows)
            columns["user_agent.original"] = [f"Mozilla/5.0 (synthetic {chance.randrange(50)})" for _ in rows]
        yield Batch(
            dataset=f"network.{kind}",
            source=Source("00" * 16, "capture", "bench"),
            received=START,
            times=np.full(len(rows), START, dtype=np.int64),
            ids=[f"{number:016x}{row:016x}" for row in rows],
            ordinals=np.arange(1, len(rows) + 1, dtype=np.int64),
            constants={"network.transport": "tcp"},
            columns=columns,
        )
