"""The commands of notification as a person calls them, over real servers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.cli.conftest import Run
from tests.correlation.notifying.httpd import Httpd, Reply

PATIENCE = 60.0


@pytest.fixture
def server() -> Iterator[Httpd]:
    started = Httpd()
    yield started
    started.close()


def _write(data: Path, channels: list[dict[str, Any]], routes: list[dict[str, Any]] | None = None, **more: Any) -> None:
    data.mkdir(mode=0o700, exist_ok=True)
    usual = [{"name": "all", "channels": [one["name"] for one in channels]}]
    said = {"notify": {"channels": channels, "routes": usual if routes is None else routes, **more}}
    (data / "hanwatch.yml").write_bytes(orjson.dumps(said))


def _hook(server: Httpd, **more: Any) -> dict[str, Any]:
    return {"name": "soc", "kind": "webhook", "url": server.url, **more}


def test_check_says_what_must_be_mended_and_shows_samples(
    hanwatch: Run, data: Path, server: Httpd, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(data, [_hook(server, secret="env:SOC_KEY")])
    ran = hanwatch("notify", "check")
    assert ran.status == 1
    assert "$SOC_KEY" in ran.out
    monkeypatch.setenv("SOC_KEY", "key-of-soc")
    ran = hanwatch("notify", "check", "--show")
    assert ran.status == 0
    assert "示例：门户网站代码执行" in ran.out
    lines = hanwatch("notify", "check", "--json").lines
    assert {line["state"] for line in lines} == {"ok"}
    assert {line["kind"] for line in lines if "kind" in line} == {"alert", "digest"}
    assert server.posted == [], "nothing is sent"
    assert "key-of-soc" not in ran.out + ran.err


def test_check_of_a_broken_template_names_its_line(hanwatch: Run, data: Path, server: Httpd, tmp_path: Path) -> None:
    folder = tmp_path / "templates" / "own" / "zh"
    folder.mkdir(parents=True)
    (folder / "title.txt").write_text("a\n{% if %}", encoding="utf-8")
    route = {"name": "all", "channels": ["soc"], "template": "own"}
    _write(data, [_hook(server)], [route], templates=str(tmp_path / "templates"))
    ran = hanwatch("notify", "check")
    assert ran.status == 1
    assert "title.txt:2" in ran.out


@pytest.mark.parametrize(
    ("channel", "says"),
    [
        ({"name": "g", "kind": "dingtalk", "token": "SECwritten-out"}, "only named"),
        ({"name": "g", "kind": "pigeon"}, "mail"),
        ({"name": "g", "kind": "webhook", "addres": "x"}, "there is no setting"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_without_showing_secrets(
    hanwatch: Run, data: Path, channel: dict[str, Any], says: str
) -> None:
    _write(data, [channel])
    ran = hanwatch("notify", "check")
    assert ran.status == 2
    assert says in ran.err
    assert "SECwritten-out" not in ran.err


def test_the_settings_of_the_documentation_are_settings(hanwatch: Run, data: Path) -> None:
    page = Path(__file__).parents[3] / "docs" / "notification.md"
    data.mkdir(mode=0o700)
    block = page.read_text(encoding="utf-8").partition("```yaml\n")[2].partition("```")[0]
    (data / "hanwatch.yml").write_text(block, encoding="utf-8")
    ran = hanwatch("notify", "check", "--json")
    assert (ran.status, ran.err) == (1, ""), "what they name is not on this machine"
    assert {line["channel"] for line in ran.lines if line["route"]} == {"duty-mail", "soc", "siem", "duty-group"}


def test_test_delivers_at_once_or_says_why_not(hanwatch: Run, data: Path, server: Httpd) -> None:
    _write(data, [_hook(server)])
    assert hanwatch("notify", "test", "soc").status == 0
    assert server.posted[0].json["kind"] == "test"
    server.usual = Reply(403, b"who are you")
    ran = hanwatch("notify", "test", "soc", "--json")
    assert (ran.status, ran.lines[0]["delivered"]) == (3, False)
    assert "403 who are you" in ran.lines[0]["problem"]
    assert hanwatch("notify", "test", "soc").status == 3
    assert hanwatch("notify", "test", "other").status == 2


def test_from_a_log_to_a_message_that_fails_is_listed_and_sent_again(
    hanwatch: Run, data: Path, server: Httpd, portal_log: Path
) -> None:
    server.usual = Reply(404, b"no such hook")
    _write(data, [_hook(server)])
    assert hanwatch("ingest", portal_log).status == 0
    assert hanwatch("notify", "run", "--once").status == 3
    (failed,) = hanwatch("notify", "list", "--failed", "--json").lines
    assert (failed["state"], failed["answer"], failed["reason"]) == ("failed", "404", "no such hook")
    assert failed["topics"][0]["entities"] == {"source.ip": "203.0.113.199"}
    ran = hanwatch("notify", "list")
    assert "no such hook" in ran.out
    assert "1 failed" in ran.err
    doctor = {line["text"]: line["state"] for line in hanwatch("doctor", "--json").lines if line["check"] == "notify"}
    assert list(doctor.values()) == ["ok", "hint"]
    server.usual = Reply()
    assert hanwatch("notify", "retry").status == 2
    assert hanwatch("notify", "retry", "zzzz").status == 3
    assert hanwatch("notify", "retry", failed["id"][:10], "--json").lines == [{"retried": [failed["id"]]}]
    assert hanwatch("notify", "run", "--once").status == 0
    assert [posted.headers["Idempotency-Key"] for posted in server.posted] == [failed["id"]] * 2
    assert hanwatch("notify", "list", "--failed", "--json").lines == []
    assert hanwatch("notify", "retry", "--failed", "--json").lines == [{"retried": []}]
    assert hanwatch("notify", "list", "--channel", "other").status == 2


def test_doctor_says_which_channel_cannot_be_reached(hanwatch: Run, data: Path, server: Httpd) -> None:
    _write(data, [_hook(server), {"name": "gone", "kind": "webhook", "url": "http://127.0.0.1:9/"}])
    found = [line["state"] for line in hanwatch("doctor", "--json").lines if line["check"] == "notify"]
    assert found == ["ok", "fault"]


def _start(data: Path, *words: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {"HANWATCH_LANG": "en"}
    return subprocess.Popen(
        [sys.executable, "-m", "cli", "--data", str(data), *words], stderr=subprocess.PIPE, env=environment
    )


def _wait(ready: Callable[[], Any]) -> Any:
    until = time.monotonic() + PATIENCE
    while not (found := ready()):
        assert time.monotonic() < until
        time.sleep(0.02)
    return found


def test_sigkill_in_the_middle_loses_nothing_and_repeats_what_was_in_flight_under_its_own_id(
    hanwatch: Run, data: Path, server: Httpd, tmp_path: Path
) -> None:
    _write(data, [_hook(server)], [{"name": "all", "channels": ["soc"], "quiet": 0}])
    log = tmp_path / "access.log"
    attack = "/index.php?s=/index/think%5Capp/invokefunction&function=call_user_func_array"
    log.write_text("".join(
        f'203.0.113.{number} - - [22/Nov/2026:08:{number:02d}:00 +0800] "GET {attack} HTTP/1.1" 200 5 "-" "x"\n'
        for number in range(30)
    ), encoding="utf-8")  # fmt: skip
    assert hanwatch("ingest", log).status == 0
    alerts = {line["id"] for line in hanwatch("alerts", "list", "--json").lines}
    server.usual = Reply(slow=0.1)
    for enough in (3, 9, 15):
        process = _start(data, "notify", "run")
        _wait(lambda enough=enough: len(server.posted) >= enough)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        # What was in flight waits for its pause, others need not.
    server.usual = Reply()
    hanwatch("notify", "retry", *_waiting(hanwatch))
    assert hanwatch("notify", "run", "--once").status == 0
    told = [posted.json["topics"][0]["alerts"][0] for posted in server.posted]
    assert set(told) == alerts
    assert len(told) - len(alerts) <= 3, "at most one is repeated for each kill"
    keys = {posted.headers["Idempotency-Key"] for posted in server.posted}
    assert len(keys) == len(alerts), "under the key that it had"


def _waiting(hanwatch: Run) -> list[str]:
    return [line["id"] for line in hanwatch("notify", "list", "--json").lines if line["state"] == "waiting"]


def test_the_supervised_whole_notifies_and_one_notifier_is_enough(data: Path, server: Httpd, tmp_path: Path) -> None:
    watched = tmp_path / "logs"
    watched.mkdir()
    _write(data, [_hook(server)])
    running = _start(data, "run", "--watch", str(watched), "--port", "0")
    try:
        attack = "GET /index.php?s=/index/think%5Capp/invokefunction&function=call_user_func_array HTTP/1.1"
        line = f'203.0.113.9 - - [22/Nov/2026:08:00:00 +0800] "{attack}" 200 512 "-" "x"\n'
        (watched / "access.log").write_text(line, encoding="utf-8")
        (posted,) = _wait(lambda: server.posted)
        assert posted.json["topics"][0]["entities"]["source.ip"] == "203.0.113.9"
        second = _start(data, "notify", "run")
        _, said = second.communicate(timeout=PATIENCE)
        assert (second.returncode, b"holds the lease notifier" in said) == (3, True)
    finally:
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=PATIENCE)


def test_channels_are_taken_up_on_request_and_broken_ones_refused(data: Path, server: Httpd, tmp_path: Path) -> None:
    watched = tmp_path / "logs"
    watched.mkdir()
    data.mkdir(mode=0o700)
    running = _start(data, "run", "--watch", str(watched), "--port", "0")

    def reload() -> tuple[int, dict[str, Any]]:
        """Ask until whoever has just been started hears it."""
        command = [sys.executable, "-m", "cli", "--data", str(data), "rules", "reload", "--wait", "20", "--json"]
        ran = subprocess.run(command, check=False, capture_output=True, timeout=PATIENCE)
        return ran.returncode, orjson.loads(ran.stdout) if ran.stdout else {}

    def attack(second: int) -> None:
        time = f"22/Nov/2026:08:00:{second:02d} +0800"
        line = f'203.0.113.{second} - - [{time}] "GET {EXPLOIT} HTTP/1.1" 200 512 "-" "x"\n'
        with (watched / "access.log").open("a", encoding="utf-8") as file:
            file.write(line)

    try:
        _wait(lambda: reload()[0] == 0)
        _write(data, [_hook(server)])
        # The first request has the notifier started, by the settings as they are then.
        _wait(lambda: reload()[1].get("notify", {}).get("channels") == 1)
        attack(1)
        _wait(lambda: server.posted)
        folder = tmp_path / "templates" / "own" / "zh"
        folder.mkdir(parents=True)
        (folder / "text.txt").write_text("{% if %}", encoding="utf-8")
        route = {"name": "all", "channels": ["soc"], "template": "own"}
        _write(data, [_hook(server)], [route], templates=str(folder.parents[1]))
        status, said = reload()
        assert (status, said["done"], said["notify"]["done"]) == (1, True, False)
        assert "text.txt:1" in said["notify"]["problems"][0]["reason"]
        attack(2)
        assert "203.0.113.2" in _wait(lambda: server.posted[1:])[0].json["text"], "by the template of before"
        (folder / "text.txt").write_text("{{ count }} mended", encoding="utf-8")
        assert reload()[0] == 0
        attack(3)
        assert _wait(lambda: server.posted[2:])[0].json["text"] == "1 mended"
    finally:
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=PATIENCE)


EXPLOIT = "/index.php?s=/index/think%5Capp/invokefunction&function=call_user_func_array"
