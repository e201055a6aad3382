"""First light on public data: `hanwatch ingest` over captures and event logs ends with a ledger that adds up."""

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from tests.conformance.places import PACKETS, SIGMAHQ

pytestmark = pytest.mark.conformance

RULES = ("rules", "rules-emerging-threats", "rules-threat-hunting", "rules-compliance", "rules-placeholder")
REGRESSION_CASES = 202
REGRESSION_FLOOR = 202


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder after one `hanwatch ingest` of everything.

    The exit code is 3 (partly failed) by design: rules with placeholders that nothing fills are told.
    """
    folder = tmp_path_factory.mktemp("first-light") / "data"
    rules = [argument for name in RULES for argument in ("--rules", str(SIGMAHQ / name))]
    command = ["ingest", str(PACKETS / "zeek"), str(SIGMAHQ / "regression_data"), *rules, "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "cli", "--data", str(folder), *command], check=False, capture_output=True, timeout=900
    )
    assert done.returncode == 3, done.stderr.decode()
    summary = orjson.loads(done.stdout)
    assert summary["failed"] == []
    assert summary["formats"]["pcap"] > 700
    return folder


def _lines(data: Path, *arguments: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "cli", "--data", str(data), *arguments, "--json"], check=True, capture_output=True
    )
    return [orjson.loads(line) for line in done.stdout.splitlines()]


def test_the_ledger_adds_up(data: Path) -> None:
    (ledger,) = _lines(data, "ledger")
    assert ledger["complete"]
    totals = ledger["totals"]
    assert totals["packets"]["total"] > 60_000
    assert totals["delivered"]["total"] > 9_000
    assert totals["delivered"]["parts"]["pending"] == 0


def test_the_regression_cases_alert(data: Path) -> None:
    alerting = {
        (alert["rule"]["id"], _content(Path(alert["evidence"][0]["source"]["name"])))
        for alert in _lines(data, "alerts", "list", "--limit", "1000000")
    }
    cases = 0
    silent = []
    for file in sorted((SIGMAHQ / "regression_data").rglob("info.yml")):
        info = yaml.safe_load(file.read_text(encoding="utf-8"))
        for case in info.get("regression_tests_info", ()):
            cases += 1
            if (info["rule_metadata"][0]["id"], _content(SIGMAHQ / case["path"])) not in alerting:
                silent.append(case["path"])
    assert cases == REGRESSION_CASES
    assert cases - len(silent) >= REGRESSION_FLOOR, silent


def _content(file: Path) -> str:
    """Two cases share one recording: its events are stored once, and their alerts name the file that was read first."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
