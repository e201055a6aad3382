"""Every bench runs on a tiny amount, in a process of its own, and says what was done at what cost; nothing is timed."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from cli.benches import BENCHES, Asked, BenchFailed, run
from tests.cli.conftest import Run

EVENTS = 40
COSTS = {"cpu_seconds", "per_cpu_second", "peak_bytes"}
BY_CPU_ALONE = {"detectors", "intelligence", "windows"}
"""Benches whose parts lie between others, so that no clock on the wall has them apart."""
MEASURED = {
    "parsers": {"parsers.suricata.eve", "parsers.zeek.tsv", "parsers.windows.evtx"},
    "live": {"live"},
    "capture": {"capture"},
    "listeners": {"listeners.syslog.udp", "listeners.syslog.tcp", "listeners.netflow", "listeners.http"},
    "spool": {"spool.append", "spool.read", "spool.consume"},
    "intelligence": {f"intelligence.{name}" for name in ("filling", "compiling")}
    | {f"intelligence.enriching.{name}" for name in ("cold", "steady", "windows")},
    "windows": {"windows.few", "windows.many"},
    "detectors": {"detectors.beacon", "detectors.together"},
    "context": {"context.build", "context.distinct", "context.traffic", "context.again", "context.with_rules"},
    "matcher": {"matcher.batches.cold", "matcher.batches.warm"},
    "store": {"store.embedded.append", "store.embedded.compact"},
    "posture": {f"posture.{name}" for name in ("context", "facts", "score", "record", "verify")},
    "path": {"path.start", "path.web.access", "path.windows", "path.mix"},
}


@pytest.mark.parametrize("name", BENCHES)
def test_a_bench_measures_work_and_cost(hanwatch: Run, name: str) -> None:
    ran = hanwatch("bench", name, "--events", EVENTS)
    assert ran.status == 0, ran.err
    machine, *results = ran.lines
    assert machine["cores"] >= 1
    found: dict[str, dict[str, Any]] = {result["name"]: result for result in results}
    if name in {"capture", "live"} and "skipped" in found[name]:
        pytest.skip(found[name]["skipped"])
    assert min(found[f"{name}.pace"][when] for when in ("before", "after")) > 0
    for one in MEASURED[name]:
        assert found[one].keys() >= (COSTS if name in BY_CPU_ALONE else COSTS | {"wall_seconds"}), one
        assert found[one].keys() & {"events", "packets", "rules", "entries"}, one
        assert found[one]["peak_bytes"] > 1 << 20


def test_the_whole_path_stores_every_event_and_raises_alerts_of_a_corpus(tmp_path: Path) -> None:
    rules = tmp_path / "sigma" / "rules"
    rules.mkdir(parents=True)
    (rules / "any.yml").write_text(
        "title: any\nid: 00000000-0000-4000-8000-000000000001\nlogsource: {category: webserver}\n"
        "detection: {s: {cs-method: GET}, condition: s}\n"
    )
    results = {one["name"]: one for one in run("path", Asked(corpus=str(tmp_path), events=EVENTS))}
    assert results["path.web.access"]["alerts"] == EVENTS
    formats = [name for name, one in results.items() if one.get("events") == EVENTS and name.startswith("path.")]
    assert len(formats) >= 8
    assert results["path.mix"]["events"] == len(formats) * EVENTS
    assert results["path.mix"]["per_cpu_second"] > results["path.mix"]["per_cpu_second_with_start"] > 0


def test_without_a_cluster_elasticsearch_is_skipped_and_told(hanwatch: Run) -> None:
    skipped = hanwatch("bench", "store", "--events", EVENTS, "--elasticsearch", "http://127.0.0.1:9").lines[-2]
    assert skipped["name"] == "store.elasticsearch"
    assert "127.0.0.1:9" in skipped["skipped"]


def test_an_unknown_bench_is_refused(hanwatch: Run) -> None:
    ran = hanwatch("bench", "nothing")
    assert ran.status != 0
    assert "parsers" in ran.err


def test_a_bench_that_fails_says_so() -> None:
    with pytest.raises(BenchFailed):
        list(run("matcher", Asked(corpus="/nowhere", events=EVENTS)))


TALKATIVE = """
import structlog
from cli import benches

def talkative(asked, folder):
    structlog.get_logger().info("something to say")
    yield {"bench": "talkative"}

benches.BENCHES = {"talkative": talkative}
benches.main()
"""


def test_what_a_room_says_while_it_is_measured_is_no_result() -> None:
    command = [sys.executable, "-c", TALKATIVE, "talkative"]
    ran = subprocess.run(command, input=b"{}", capture_output=True, timeout=60, check=True)
    told, paced = [orjson.loads(line) for line in ran.stdout.splitlines()]
    assert told == {"name": "talkative"}
    assert paced["name"] == "talkative.pace"
    assert b"something to say" in ran.stderr
