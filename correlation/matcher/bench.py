"""How fast the matcher is: cold, warm and with parsing, beside the plain evaluator and, where it is installed, rsigma.

All run on one core, on one mix (correlation.matcher.mix), in one process after another, so that their ratios mean
something on any machine. CPU seconds are counted, with the garbage collector's old generations frozen. Batches come as
the service gets them: out of the spool's records, each decoded (which is counted by itself) just before it is matched,
and kept until as many were matched as the service takes at once.
"""

import gc
import os
import resource
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Final

import orjson

from correlation.alerts.making import Witness, alert
from correlation.alerts.model import Alert
from correlation.matcher.engine import Matcher
from correlation.matcher.mix import (
    ACCOUNTS,
    CREATIONS,
    HOSTS,
    NOVEL,
    NOVEL_CREATIONS,
    SHARES,
    Document,
    batches,
    kind_of,
    mixed,
    recorded,
)
from correlation.matcher.model import Match
from correlation.matcher.peer import RUNS, Peer
from correlation.matcher.plain import Check, checks
from correlation.matcher.routing import Scheme
from correlation.rules.loading import load_rules
from correlation.rules.model import Rule
from sensors.event.codec import decode, encode
from sensors.event.model import BATCH_ROWS, Batch

SEED: Final = 20_260
EVENTS: Final = 130_000
PLAIN_SAMPLE: Final = 2_000
KINDS: Final = (*CREATIONS, ("microsoft-windows-sysmon/operational", "7"))
"""Kinds that are measured by themselves too: the costliest, and one of the commonest."""
RECORD_EVENTS: Final = 4_000
"""A record of the spool holds what a reader takes at once, 4 MB: so many events of Windows."""
KEPT_BATCHES: Final = 300
"""About 20,000 events of this mix: as many as the service holds while it matches (correlation.service.STEP_EVENTS)."""
Result = dict[str, Any]


def bench(folder: Path, *, events: int = EVENTS, peer: str = "rsigma") -> Iterator[Result]:
    """Measure the matcher with the Windows rules and the recorded events below a folder.

    Args:
        folder: holds Sigma rules in folders named `rules*` and EVTX files, at any depth.
        events: how many events the mix has.
        peer: the other engine's program; left out where it is not installed.

    Yields:
        One result for each measurement: its name, the work done, CPU and wall seconds, the rate, and ratios at the end.
    """
    rules = [rule for rule in load_rules(rule_folders(folder))[0] if rule.logsource.product == "windows"]
    documents = list(mixed(recorded(folder), events, SEED))
    yield _described(documents) | {"rules": len(rules), "seed": SEED}
    with _Pinned():
        yield from _measured(rules, documents, peer)


def bench_batches(rules: Sequence[Rule], portions: Sequence[Batch]) -> tuple[Result, Result, Result]:
    """Compiling, a first pass and a second one over any batches, where no recorded Windows events are at hand."""
    matcher, events, records = Matcher(rules), sum(map(len, portions)), _records(portions)
    compiling = _timed("matcher.compile", len(rules), lambda: _prepare(matcher, portions), unit="rule")
    cold = _matched("matcher.batches.cold", events, matcher, records)
    cold["evaluated_share"] = matcher.combinations / events
    return compiling, cold, _matched("matcher.batches.warm", events, matcher, records)


def _described(documents: Sequence[Document]) -> Result:
    """What the mix is made of, and how much in it is new."""
    return {
        "bench": "matcher.mix", "events": len(documents),
        "shares": {" ".join(kind): share for kind, share in SHARES.items()},
        "novel": NOVEL, "novel_creations": NOVEL_CREATIONS, "hosts": HOSTS, "accounts": ACCOUNTS,
        "process_creations": sum(kind_of(document) in CREATIONS for document in documents) / len(documents),
        "mean_bytes": sum(len(orjson.dumps(document)) for document in documents) / len(documents),
        "distinct": {
            name: len({str(document[name]) for document in documents if name in document})
            for name in ("CommandLine", "Image", "ImageLoaded", "TargetObject")
        },
    }


def _measured(rules: Sequence[Rule], documents: Sequence[Document], peer: str) -> Iterator[Result]:
    lines = [orjson.dumps(document) for document in documents]
    runs = sorted((bench_batches(rules, _fresh(lines)) for _ in range(RUNS)), key=lambda run: run[1]["cpu_seconds"])
    compiling, cold, warm = runs[RUNS // 2]
    yield from (compiling, cold, warm)
    parsing = _timed("json.parsing", len(lines), lambda: _parse(lines))
    yield parsing
    alerting, matcher = _fresh(lines), Matcher(rules)
    _prepare(matcher, alerting)
    alerted = _matched("matcher.batches.cold.with-alerts", len(lines), matcher, _records(alerting), alerting=True)
    yield alerted
    del alerting
    for rows in (10, 100):
        small, matcher = _fresh(lines, rows), Matcher(rules)
        _prepare(matcher, small)
        yield _matched(f"matcher.batches.cold.of-{rows}-rows", len(documents), matcher, _records(small))
    apart, matcher = _fresh(lines), Matcher(rules)
    _prepare(matcher, apart)
    yield _timed("matcher.batches.cold.all-in-memory-before", len(documents), lambda: _hits(matcher, apart))
    raw = Matcher(rules, mapping=False, routing=True)
    yield _timed("matcher.documents.cold.with-parsing", len(documents), lambda: _found(raw, map(orjson.loads, lines)))
    yield _timed("matcher.documents.warm", len(documents), lambda: _found(raw, documents))
    sample = documents[:PLAIN_SAMPLE]
    plain = _Plain(rules)
    plain.match(sample[:1])
    slow = _timed("plain-evaluator", len(sample), lambda: plain.match(sample))
    yield slow
    path = shutil.which(peer)
    others = [] if path is None else list(_beside(path, rules, documents))
    yield from others
    seconds = {
        "matching": cold["cpu_seconds"],
        "parsing_and_matching": cold["cpu_seconds"] + parsing["cpu_seconds"],
        "parsing_and_matching_with_alerts": alerted["cpu_seconds"] + parsing["cpu_seconds"],
        "parsing_compiling_and_matching": sum(one["cpu_seconds"] for one in (cold, parsing, compiling)),
    }
    reading = others[0]["reading_seconds"] if others else 0.0
    yield {
        "bench": "matcher.ratios",
        "cold_to_plain": cold["per_second"] / slow["per_second"],
        "cold_to_peer": others[0]["cpu_seconds"] / seconds["matching"] if others else None,
        "to_peer": {name: others[0]["cpu_seconds"] / spent for name, spent in seconds.items()} if others else {},
        "to_peer_without_its_reading": (others[0]["cpu_seconds"] - reading) / cold["cpu_seconds"] if others else None,
        "peer": peer if others else f"{peer} is not installed",
    }


def _beside(path: str, rules: Sequence[Rule], documents: Sequence[Document]) -> Iterator[Result]:
    """The peer on the mix, then on single kinds with ours, caches cold, beside it."""
    with Peer(path, rules, documents) as other:
        for kind in (None, *KINDS):
            chosen = [document for document in documents if kind in (None, kind_of(document))]
            if not chosen:
                continue
            name = "mix" if kind is None else " ".join(kind)
            seconds, start, found = other.measure(chosen)
            yield {
                "bench": f"peer.{name}", "events": len(chosen), "cpu_seconds": seconds, "start_seconds": start,
                "reading_seconds": other.reading(chosen),
                "per_second": len(chosen) / seconds, "detections": found,
            }
            if kind is not None:
                _, cold, _ = bench_batches(rules, _fresh([orjson.dumps(document) for document in chosen]))
                yield cold | {"bench": f"matcher.batches.cold.{name}"}


def _timed(name: str, work: int, run: Any, unit: str = "event") -> Result:
    gc.collect()
    gc.freeze()
    wall, cpu = time.perf_counter(), time.process_time()
    found = run()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    result = {
        "bench": name, f"{unit}s": work, "cpu_seconds": cpu, "wall_seconds": wall, "per_second": work / cpu,
        "resident_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024,
    }
    return result | {"detections": found} if isinstance(found, int) else result


def _matched(
    name: str, events: int, matcher: Matcher, records: Iterable[bytes], *, alerting: bool = False
) -> Result:
    """Matching alone, of batches that were decoded a moment before; with `alerting` the alerts are made as well."""
    gc.collect()
    gc.freeze()
    found, decoding, matching, wall = 0, 0.0, 0.0, 0.0
    portions = chain.from_iterable(map(decode, records))
    kept: list[Batch] = []
    start = time.process_time()
    for batch in portions:
        decoded, begun = time.process_time(), time.perf_counter()
        matches = matcher.match(batch)
        alerts = _alerts(batch, matches) if alerting else ()
        found += len(alerts) if alerting else sum(len(match.rules) for match in matches)
        matched = time.process_time()
        wall += time.perf_counter() - begun
        matching += matched - decoded
        decoding += decoded - start
        kept.append(batch)
        if len(kept) >= KEPT_BATCHES:
            kept = []
        start = time.process_time()
    return {
        "bench": name, "events": events, "cpu_seconds": matching, "wall_seconds": wall, "per_second": events / matching,
        "decoding_seconds": decoding, "detections": found,
        "resident_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024,
    }


def _alerts(batch: Batch, matches: Sequence[Match]) -> list[Alert]:
    """The alerts of matches with their evidence, as the service makes them."""
    if not matches:
        return []
    witness = Witness(batch)
    return [
        alert(rule, (proof,), 0)
        for match in matches
        for proof in (witness.evidence(match.row),)
        for rule in match.rules
    ]


def _records(portions: Iterable[Batch]) -> list[bytes]:
    """Batches as the spool keeps them, about as many events to a record as readers take at once."""
    records, record = [], list[Batch]()
    for batch in portions:
        record.append(batch)
        if sum(map(len, record)) >= RECORD_EVENTS:
            records.append(encode(record))
            record = []
    return [*records, encode(record)] if record else records


def _prepare(matcher: Matcher, portions: Iterable[Batch]) -> None:
    for batch in portions:
        matcher.prepare(batch)


def _fresh(lines: Sequence[bytes], rows: int = BATCH_ROWS) -> list[Batch]:
    """Batches of texts that were never looked at, as a reader makes them; shared ones would cost less to hash."""
    return list(batches(map(orjson.loads, lines), 0, rows))


def _parse(lines: Iterable[bytes]) -> None:
    for line in lines:
        orjson.loads(line)


def _hits(matcher: Matcher, portions: Iterable[Batch]) -> int:
    return sum(len(match.rules) for batch in portions for match in matcher.match(batch))


def _found(matcher: Matcher, documents: Iterable[Mapping[str, Any]]) -> int:
    return sum(len(rules) for _, rules in matcher.match_documents(documents))


class _Plain:
    """The plain evaluator with the same routing."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        scheme = Scheme.raw()
        self._entries = [
            (route.where, checks(rule.condition)) for rule in rules for route in scheme.routes(rule.logsource)
        ]
        self._kinds: dict[tuple[str, str], list[Check]] = {}

    def match(self, events: Iterable[Document]) -> int:
        """How many pairs of an event and a rule match."""
        return sum(check(event) for event in events for check in self._checks(event))

    def _checks(self, event: Document) -> list[Check]:
        values = {name: str(event.get(name)).lower() for name in ("Channel", "EventID")}
        kind = (values["Channel"], values["EventID"])
        if kind not in self._kinds:
            self._kinds[kind] = [
                check for where, check in self._entries if all(values[name] in wanted for name, wanted in where)
            ]
        return self._kinds[kind]


def rule_folders(folder: Path) -> list[Path]:
    """The folders of Sigma rules (`rules*`) below a folder, the outermost ones."""
    return sorted(path for path in folder.rglob("rules*") if path.is_dir() and not _inside_rules(path, folder))


def _inside_rules(path: Path, folder: Path) -> bool:
    parents = path.relative_to(folder).parts[:-1]
    return any(part.startswith(("rules", "regression")) for part in parents)


class _Pinned:
    """Holds this process, and the programs it starts, on one core."""

    def __enter__(self) -> None:
        self._cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {max(self._cores)})

    def __exit__(self, *_: object) -> None:
        os.sched_setaffinity(0, self._cores)
        gc.unfreeze()
