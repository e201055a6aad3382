"""SIGKILL at random moments of `hanwatch ingest`, then a restart: the same events and alerts as an undisturbed run."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from cli.demo import write_samples
from sensors.event.times import from_iso
from tests.cli.conftest import access_line

KILLS = 100 if os.environ.get("PROVE") else 8
KILLS_TO_A_FOLDER = 3
SEED = 20251122
LINES = 30_000
"""Enough that reading, matching and storing take longer than starting the interpreter."""
NOW = from_iso("2026-11-22T12:00:00Z")


def _start(data: Path, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "cli", "--data", str(data), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _finish(data: Path, *arguments: str) -> list[dict[str, Any]]:
    done = _start(data, *arguments)
    out, err = done.communicate(timeout=900)  # compiling beside other work takes long
    assert done.returncode == 0, err.decode()
    return [orjson.loads(line) for line in out.splitlines()]


def _state(data: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, Any], list[dict[str, Any]]]:
    """All events and alerts without their receipt times, the ledger's totals, and all incidents."""
    events = _finish(data, "search", "*", "--limit", "1000000", "--json")
    alerts = _finish(data, "alerts", "list", "--limit", "1000000", "--json")
    for found in (*events, *alerts):
        found.pop("event.created", None)
        found.pop("created", None)
    (ledger,) = _finish(data, "ledger", "--json")
    assert ledger["complete"]
    return (
        sorted(events, key=lambda event: event["event.id"]),
        sorted(alerts, key=lambda alert: alert["id"]),
        {"totals": ledger["totals"], "conversion": ledger["conversion"]},
        _finish(data, "incidents", "list", "--limit", "1000000", "--json"),
    )


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Logs and a capture of every kind that the demonstration has, and one long log."""
    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder, NOW)
    with (folder / "z-long-access.log").open("w", encoding="utf-8") as file:
        file.writelines(access_line(number % 3_000, client=f"192.0.2.{number % 250}") for number in range(LINES))
    return folder


def test_a_kill_at_any_moment_changes_nothing(samples: Path, tmp_path: Path) -> None:
    # The very first run compiles the capture kernels, which would make the moments of the kills too late.
    _finish(tmp_path / "first", "ingest", str(samples), "--json")
    begun = time.monotonic()
    _finish(tmp_path / "undisturbed", "ingest", str(samples), "--json")
    lasted = time.monotonic() - begun
    expected = _state(tmp_path / "undisturbed")
    assert len(expected[0]) > LINES
    assert expected[1]
    assert sum(one["alerts"] for one in expected[3]) == len(expected[1])
    chance = random.Random(SEED)
    killed = 0
    folders = 0
    while killed < KILLS:
        data = tmp_path / f"killed-{folders}"
        folders += 1
        for _ in range(KILLS_TO_A_FOLDER):
            process = _start(data, "ingest", str(samples), "--json")
            try:
                process.communicate(timeout=chance.uniform(0.15, 1.05) * lasted)
                break
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.communicate()
                killed += 1
        _finish(data, "ingest", str(samples), "--json")
        state = _state(data)
        assert state[0] == expected[0], f"events differ after {killed} kills in {folders} folders"
        assert state[1] == expected[1], f"alerts differ after {killed} kills in {folders} folders"
        assert state[2] == expected[2], f"the ledger differs after {killed} kills in {folders} folders"
        assert state[3] == expected[3], f"incidents differ after {killed} kills in {folders} folders"
    sys.stdout.write(f"{killed} kills in {folders} folders, {len(expected[0])} events, {len(expected[1])} alerts\n")
