"""The supervised whole: real processes, a real browser where one is installed."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import orjson
import pytest

from cli.commands import run
from tests.cli.conftest import ATTACK, access_line

PATIENCE = 60.0
_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/#token=([\w-]+)")


class Running:
    """A running `hanwatch run` over one data folder and one watched folder."""

    def __init__(self, data: Path, watched: Path, *more: str) -> None:
        self.data = data
        self.watched = watched
        command = ["--data", str(data), "run", "--watch", str(watched), "--port", "0", *more]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cli", *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.printed: list[str] = []
        self._reading = threading.Thread(target=self._read)
        self._reading.start()
        found = wait_for(lambda: next(filter(None, map(_ADDRESS.search, list(self.printed))), None))
        self.address = f"http://127.0.0.1:{found[1]}"
        self.token = found[2]

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self.printed.append(line)

    def ask(self, path: str) -> dict[str, Any]:
        """An answer of the API."""
        headers = {"Authorization": f"Bearer {self.token}"}
        answer: dict[str, Any] = httpx.get(f"{self.address}/api/v1/{path}", headers=headers).raise_for_status().json()
        return answer

    def role(self, name: str) -> int | None:
        """The process that runs a role."""
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if name.encode() in words and str(self.data).encode() in words and b"run" not in words:
                return int(folder.name)
        return None

    def end(self) -> int:
        """Ask it to end, as Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(PATIENCE)
        self._reading.join(PATIENCE)
        return status


def wait_for(ready: Callable[[], Any]) -> Any:
    """Poll until the answer is true."""
    until = time.monotonic() + PATIENCE
    while not (found := ready()):
        if time.monotonic() > until:
            pytest.fail(f"not ready after {PATIENCE} s")
        time.sleep(0.2)
    return found


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    watched = tmp_path / "logs"
    watched.mkdir()
    made = Running(tmp_path / "data", watched)
    yield made
    if made.process.poll() is None:
        made.end()


def _write(folder: Path, name: str, seconds: range, *, attack: bool = False) -> Path:
    file = folder / name
    lines = [access_line(second, client=f"192.0.2.{second % 200}") for second in seconds]
    file.write_text("".join([*lines, access_line(seconds.stop, ATTACK, "203.0.113.9")] if attack else lines))
    return file


def test_what_lands_in_a_watched_folder_becomes_an_alert_and_growth_is_followed(running: Running) -> None:
    log = _write(running.watched, "portal.log", range(50), attack=True)
    wait_for(lambda: running.ask("alerts")["total"] >= 1)
    with log.open("a") as file:
        file.write(access_line(70, ATTACK, "203.0.113.10"))
    wait_for(lambda: running.ask("events?q=source.ip:203.0.113.10")["total"] == 1)
    assert running.ask("ledger")["complete"]
    assert running.end() == 0
    assert "Traceback" not in "".join(running.printed)
    assert [running.role(name) for name in ("correlate", "serve", "sensor")] == [None, None, None]


def test_what_is_sent_to_a_listener_becomes_an_alert(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    watched = tmp_path / "logs"
    watched.mkdir()
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / "hanwatch.yml").write_text(f"listeners:\n  - {{kind: syslog.tcp, port: {port}}}\n")
    running = Running(tmp_path / "data", watched)
    try:
        wait_for(lambda: _sent(port, access_line(1, ATTACK, "203.0.113.9").encode()))
        wait_for(lambda: running.ask("alerts")["total"] >= 1)
        assert running.ask("ledger")["complete"]
    finally:
        assert running.end() == 0


def _sent(port: int, data: bytes) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port)) as sender:
            sender.sendall(data)
    except ConnectionRefusedError:
        return False
    return True


def test_a_role_that_is_killed_comes_back_and_nothing_is_lost(running: Running) -> None:
    _write(running.watched, "a.log", range(100))
    wait_for(lambda: running.ask("events")["total"] == 100)
    correlator = wait_for(lambda: running.role("correlate"))
    os.kill(correlator, signal.SIGKILL)
    _write(running.watched, "b.log", range(100, 250))
    wait_for(lambda: running.role("correlate") not in {None, correlator})
    wait_for(lambda: running.ask("events")["total"] == 250)
    assert running.ask("ledger")["complete"]
    assert running.end() == 0


def test_ingest_beside_it_only_spools_and_waits_until_all_is_stored(running: Running, tmp_path: Path) -> None:
    wait_for(lambda: running.role("correlate"))
    log = _write(tmp_path, "beside.log", range(300), attack=True)
    command = [sys.executable, "-m", "cli", "--data", str(running.data), "ingest", str(log), "--json"]
    done = wait_for(lambda: _beside(command))
    assert orjson.loads(done.stdout)["events"] in {0, 301}
    assert running.ask("events")["total"] == 301
    assert running.ask("health")["backlog"] == 0
    refused = subprocess.run([*command, "--rules", str(tmp_path)], check=False, capture_output=True, text=True)
    assert refused.returncode == 2
    assert "--rules cannot be used here" in refused.stderr
    assert running.end() == 0


def _beside(command: list[str]) -> subprocess.CompletedProcess[str] | None:
    """Ingest once the correlator holds the lease; before that moment ingest would do all of it by itself."""
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done if "matches and stores here" in done.stderr else None


def test_a_port_in_use_ends_the_whole_with_a_word(running: Running, tmp_path: Path) -> None:
    port = running.address.rpartition(":")[2]
    other = subprocess.run(
        [sys.executable, "-m", "cli", "--data", str(tmp_path / "other"), "run", "--port", port],
        check=False, capture_output=True, text=True, timeout=PATIENCE,
    )
    assert other.returncode == 3
    assert f"127.0.0.1:{port} cannot be used" in other.stderr
    assert running.end() == 0


def test_samples_land_in_a_data_folder_that_is_its_owners_alone(tmp_path: Path) -> None:
    (tmp_path / "watched").mkdir()
    running = Running(tmp_path / "data", tmp_path / "watched", "--demo")
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "data" / "samples").is_dir()
    # What the samples' addresses are: written beside them, and known to every role.
    assert "synthetic-plan.yml" in (tmp_path / "data" / "hanwatch.yml").read_text(encoding="utf-8")
    assert running.ask("posture")["city"]["declared"] > 0
    assert running.end() == 0


def test_samples_for_a_data_folder_that_cannot_be_used_end_with_a_word(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused = subprocess.run(
        [sys.executable, "-m", "cli", "--data", str(tmp_path / "file"), "run", "--demo", "--port", "0"],
        check=False, capture_output=True, text=True, timeout=PATIENCE,
    )
    assert refused.returncode == 3
    assert "the data folder cannot be used" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_roles_end_with_a_supervisor_that_is_killed(running: Running) -> None:
    roles = ("correlate", "serve", "sensor")
    wait_for(lambda: all(running.role(name) for name in roles))
    running.process.kill()
    running.process.wait(PATIENCE)
    wait_for(lambda: not any(running.role(name) for name in roles))


def test_a_role_too_busy_to_hear_is_ended_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "END_SECONDS", 0.5)
    deaf = "import signal as s, time; s.signal(s.SIGTERM, s.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "deaf\n"
        run._end([run.Role("sensor", [], process)])
        assert process.returncode == -signal.SIGKILL


CHROMIUM = shutil.which("chromium")


@pytest.mark.engine
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: make engines")
@pytest.mark.parametrize(
    ("language", "view", "words"),
    [
        ("zh", "alerts", ("账目完整", "第 51 行", "portal.log")),
        ("en", "alerts", ("Ledger complete", "line 51", "portal.log")),
        ("zh", "incidents", ("安全事件", "评分依据", "告警最高级别", "时间线", "portal.log")),
        ("zh", "incidents", ("<small>ThinkPHP 远程代码执行利用</small>",)),
        ("en", "incidents", ("<small>ThinkPHP Controller or Language Pack Exploited</small>",)),
        ("en", "posture", ("The city · not seen", "nothing is declared", "There is no such scope")),
    ],
)
def test_the_page_shows_alerts_incidents_posture_and_the_ledger(
    running: Running, tmp_path: Path, language: str, view: str, words: tuple[str, ...]
) -> None:
    assert CHROMIUM is not None
    _write(running.watched, "portal.log", range(50), attack=True)
    wait_for(lambda: running.ask("alerts")["total"] >= 1 and running.ask("incidents")["total"] >= 1)
    opened = {"alerts": "", "incidents": running.ask("incidents")["incidents"][0]["id"], "posture": "city/"}[view]
    options = (
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
        "--disable-background-networking", "--disable-component-update", "--virtual-time-budget=8000",
    )  # fmt: skip
    page = subprocess.run(
        [CHROMIUM, *options, f"--user-data-dir={tmp_path / 'browser'}", "--dump-dom",
         f"{running.address}/#token={running.token}&lang={language}&view={view}&open={opened}"],
        check=True, capture_output=True, text=True, timeout=PATIENCE,
    ).stdout
    for word in words:
        assert word in page
    assert running.end() == 0
