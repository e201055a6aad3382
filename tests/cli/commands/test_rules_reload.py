"""Rules taken up anew by a running whole, as an operator asks for it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tests.cli.commands.test_run import Running, wait_for
from tests.cli.conftest import Run, access_line

RULE = """title: A page that is not there
id: 10000000-0000-4000-8000-000000000000
logsource: {product: hanwatch, service: web.access}
detection: {s: {http.response.status_code: 404}, condition: s}
"""
PATIENCE = 60.0


@pytest.fixture(autouse=True)
def hangups() -> Iterator[None]:
    """Hang-ups end processes as usual: who runs tests in the background may ignore them, and children inherit that."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    folder.mkdir()
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / "hanwatch.yml").write_text(f"rules: {{folders: [{folder}]}}\n")
    return folder


@pytest.fixture
def running(tmp_path: Path, rules: Path) -> Iterator[Running]:
    (tmp_path / "logs").mkdir()
    made = Running(tmp_path / "data", tmp_path / "logs")
    yield made
    if made.process.poll() is None:
        made.end()


def reload(data: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cli", "--data", str(data), "rules", "reload", "--json"]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=PATIENCE)


def write(log: Path, second: int) -> None:
    with log.open("a") as file:
        file.write(access_line(second, client=f"198.51.100.{second}").replace('" 200', '" 404'))


def titles(running: Running) -> list[str]:
    return [alert["rule"]["title"] for alert in running.ask("alerts")["alerts"]]


def test_rules_are_taken_up_while_it_runs_and_broken_ones_are_not(running: Running, rules: Path) -> None:
    log = running.watched / "portal.log"
    write(log, 1)
    wait_for(lambda: running.ask("events")["total"] == 1)
    before = running.role("correlate")
    (rules / "missing.yml").write_text(RULE)
    asked = reload(running.data)
    assert asked.returncode == 0, asked.stderr
    assert orjson.loads(asked.stdout)["added"] == 1
    write(log, 2)
    wait_for(lambda: running.ask("events")["total"] == 2)
    wait_for(lambda: titles(running) == ["A page that is not there"])
    (rules / "missing.yml").write_text(RULE.replace("condition: s", "condition: t"))
    refused = reload(running.data)
    assert refused.returncode == 1
    assert orjson.loads(refused.stdout)["problems"][0]["line"] == 4
    write(log, 3)
    wait_for(lambda: len(titles(running)) == 2)
    assert running.role("correlate") == before
    assert running.end() == 0


def test_sighup_asks_the_whole(running: Running, rules: Path) -> None:
    wait_for(lambda: running.role("correlate"))
    log = running.watched / "portal.log"
    (rules / "missing.yml").write_text(RULE)
    # Whether it has begun with these rules or takes them up now: afterwards it has them.
    wait_for(lambda: reload(running.data).returncode == 0)
    answer = running.data / "reload-answer"
    (rules / "missing.yml").write_text(RULE + "level: low\n")
    before = answer.read_bytes()
    running.process.send_signal(signal.SIGHUP)
    wait_for(lambda: answer.read_bytes() != before)
    assert orjson.loads(answer.read_bytes())["done"]
    write(log, 1)
    wait_for(lambda: titles(running) == ["A page that is not there"])
    assert running.end() == 0


def test_where_nobody_matches_it_is_said(hanwatch: Run, empty: Path) -> None:
    ran = hanwatch("rules", "reload")
    assert (ran.status, "nobody matches" in ran.err) == (3, True)


def test_without_a_data_folder_there_is_nobody_to_ask(hanwatch: Run) -> None:
    assert hanwatch("rules", "reload").status == 2
