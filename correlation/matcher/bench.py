"""How fast the matcher is: cold, warm and with parsing, beside the plain evaluator and, where it is installed, rsigma.

All run on one core, on one mix (correlation.matcher.mix), in one process after another, so that their ratios mean
something on any machine. CPU seconds are counted, with the garbage collector's old generations frozen.
"""

import gc
import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from correlation.matcher.engine import Matcher
from correlation.matcher.mix import ACCOUNTS, HOSTS, SHARES, Document, batches, mixed, recorded
from correlation.matcher.plain import Check, checks
from correlation.matcher.routing import Scheme
from correlation.rules.loading import load_rules
from correlation.rules.model import Rule
from sensors.event.model import Batch

SEED: Final = 20_260
EVENTS: Final = 130_000
PLAIN_SAMPLE: Final = 2_000
PEER_SAMPLE: Final = 10_000
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
    rules = [rule for rule in load_rules(_rule_folders(folder))[0] if rule.logsource.product == "windows"]
    documents = list(mixed(recorded(folder), events, SEED))
    yield {
        "bench": "matcher.mix", "events": len(documents), "rules": len(rules), "seed": SEED,
        "shares": {" ".join(kind): share for kind, share in SHARES.items()}, "hosts": HOSTS, "accounts": ACCOUNTS,
    }
    with _Pinned():
        yield from _measured(rules, documents, peer)


def bench_batches(rules: Sequence[Rule], portions: Sequence[Batch]) -> tuple[Result, Result, Result]:
    """Compiling, a first pass and a second one over any batches, where no recorded Windows events are at hand."""
    matcher, events = Matcher(rules), sum(map(len, portions))
    return (
        _timed("matcher.compile", len(rules), lambda: _prepare(matcher, portions), unit="rule"),
        _timed("matcher.batches.cold", events, lambda: _hits(matcher, portions)),
        _timed("matcher.batches.warm", events, lambda: _hits(matcher, portions)),
    )


def _measured(rules: Sequence[Rule], documents: Sequence[Document], peer: str) -> Iterator[Result]:
    lines = [orjson.dumps(document) for document in documents]
    portions = list(batches(documents, 0))
    compiling, cold, warm = bench_batches(rules, portions)
    yield from (compiling, cold, warm)
    yield _timed("matcher.batches.cold.with-compiling", len(documents), lambda: _hits(Matcher(rules), portions))
    raw = Matcher(rules, mapping=False, routing=True)
    yield _timed("matcher.documents.cold.with-parsing", len(documents), lambda: _found(raw, map(orjson.loads, lines)))
    yield _timed("matcher.documents.warm", len(documents), lambda: _found(raw, documents))
    sample = documents[:PLAIN_SAMPLE]
    plain = _Plain(rules)
    plain.match(sample[:1])
    slow = _timed("plain-evaluator", len(sample), lambda: plain.match(sample))
    yield slow
    other = _peer(peer, rules, lines[:PEER_SAMPLE])
    if other is not None:
        yield other
    yield {
        "bench": "matcher.ratios",
        "cold_to_plain": cold["per_second"] / slow["per_second"],
        "cold_to_peer": None if other is None else cold["per_second"] / other["per_second"],
        "peer": peer if other is not None else f"{peer} is not installed",
    }


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


def _prepare(matcher: Matcher, portions: Iterable[Batch]) -> None:
    for batch in portions:
        matcher.prepare(batch)


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


def _peer(program: str, known: Sequence[Rule], lines: Sequence[bytes]) -> Result | None:
    """rsigma, routed by log source; its start (reading the rules) is measured with one event and taken off."""
    path = shutil.which(program)
    if path is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        rules = Path(folder, "rules")
        rules.mkdir()
        for number, path_of_rule in enumerate(sorted({rule.path for rule in known})):
            shutil.copyfile(path_of_rule, rules / f"{number}.yml")
        one, many = Path(folder, "one.ndjson"), Path(folder, "many.ndjson")
        one.write_bytes(_labelled(lines[0]))
        many.write_bytes(b"\n".join(map(_labelled, lines)))
        start, _ = _run_peer(path, rules, one)
        total, hits = _run_peer(path, rules, many)
    seconds = total - start
    return {
        "bench": f"peer.{Path(program).name}", "events": len(lines), "cpu_seconds": seconds, "start_seconds": start,
        "per_second": len(lines) / seconds, "detections": hits,
    }


def _run_peer(path: str, rules: Path, events: Path) -> tuple[float, int]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(  # noqa: S603 - a program the user named, on files of our own
        [path, "engine", "eval", "-r", str(rules), "-e", f"@{events}", "--output-format", "ndjson", "--quiet",
         "--input-format", "json", "--logsource-routing"],
        capture_output=True, check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, sum(1 for line in done.stdout.splitlines() if line.strip())


def _labelled(line: bytes) -> bytes:
    """An event that names its log source, as rsigma's routing wants it."""
    event = orjson.loads(line)
    kind = (str(event.get("Channel")).lower(), str(event.get("EventID")))
    label = _LABELS.get(kind) or ({"service": _SERVICES[kind[0]]} if kind[0] in _SERVICES else {})
    return orjson.dumps({**event, "product": "windows", **label})


_SYSMON: Final = "microsoft-windows-sysmon/operational"
_LABELS: Final = {
    (_SYSMON, "1"): {"category": "process_creation"}, (_SYSMON, "3"): {"category": "network_connection"},
    (_SYSMON, "7"): {"category": "image_load"}, (_SYSMON, "10"): {"category": "process_access"},
    (_SYSMON, "11"): {"category": "file_event"}, (_SYSMON, "22"): {"category": "dns_query"},
    ("microsoft-windows-powershell/operational", "4103"): {"category": "ps_module"},
    ("microsoft-windows-powershell/operational", "4104"): {"category": "ps_script"},
}  # only kinds that one category describes; the others name their service, or nothing
_SERVICES: Final = {
    "security": "security", "system": "system", "application": "application",
    "windows powershell": "powershell-classic", "microsoft-windows-windows defender/operational": "windefend",
}  # the commonest channels of the mix first


def _rule_folders(folder: Path) -> list[Path]:
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
