import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson

from tests.cli.conftest import Run, access_line

PATIENCE = 60


def test_a_log_goes_all_the_way_and_the_alert_names_its_line(hanwatch: Run, portal_log: Path) -> None:
    ran = hanwatch("ingest", portal_log, "--json")
    assert ran.status == 0, ran.err
    (summary,) = ran.lines
    assert summary["events"] == 41
    assert summary["formats"] == {"web.access": 1}
    assert summary["new_alerts"] >= 1
    alerts = hanwatch("alerts", "list", "--json").lines
    (proof,) = alerts[0]["evidence"]
    assert proof["source"]["name"] == str(portal_log)
    assert proof["position"] == {"unit": "line", "number": 21}
    assert hanwatch("ledger", "--json").lines[0]["complete"]


def test_reading_the_same_file_again_reads_nothing(hanwatch: Run, portal_log: Path) -> None:
    first = hanwatch("ingest", portal_log, "--json").lines[0]
    again = hanwatch("ingest", portal_log, "--json").lines[0]
    assert (first["events"], again["events"]) == (41, 0)
    assert again["alerts"] == 0
    assert len(hanwatch("search", "*", "--limit", 100, "--json").lines) == 41


def test_standard_input_of_no_known_format_can_be_searched(hanwatch: Run, data: Path) -> None:
    command = [sys.executable, "-m", "cli", "--data", str(data), "ingest", "-", "--json"]
    ran = subprocess.run(command, input="门禁 7 打开 by ops\n".encode(), capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert orjson.loads(ran.stdout)["formats"] == {"log.unknown": 1}
    (found,) = hanwatch("search", "门禁", "--json").lines
    assert (found["event.dataset"], found["message"]) == ("log.unknown", "门禁 7 打开 by ops")


def test_a_copy_under_another_name_is_the_same_input(hanwatch: Run, portal_log: Path) -> None:
    copy = portal_log.with_name("copy.log")
    copy.write_bytes(portal_log.read_bytes())
    hanwatch("ingest", portal_log, copy)
    assert len(hanwatch("search", "*", "--limit", 100, "--json").lines) == 41
    assert hanwatch("ledger", "--json").lines[0]["complete"]


def test_a_file_that_grows_is_read_on(hanwatch: Run, portal_log: Path) -> None:
    hanwatch("ingest", portal_log)
    with portal_log.open("a") as file:
        file.write(access_line(50) + access_line(51))
    assert hanwatch("ingest", portal_log, "--json").lines[0]["events"] == 2
    newest = hanwatch("search", "*", "--limit", 1, "--json").lines[0]
    assert newest["event.sequence"] == 43


def test_a_folder_is_read_with_all_below_it_and_unknown_files_are_told(hanwatch: Run, portal_log: Path) -> None:
    below = portal_log.parent / "logs" / "deep"
    below.mkdir(parents=True)
    portal_log.rename(below / "access.log")
    (below / "notes.bin").write_bytes(bytes(range(256)) * 8)
    ran = hanwatch("ingest", below.parent, "--json")
    assert ran.status == 0
    assert ran.lines[0]["unknown_format"] == [str(below / "notes.bin")]


def test_one_bad_file_of_several_fails_and_the_rest_goes_on(hanwatch: Run, portal_log: Path) -> None:
    bad = portal_log.with_name("noise.bin")
    bad.write_bytes(bytes(range(256)) * 8)
    ran = hanwatch("ingest", bad, portal_log.with_name("missing.log"), portal_log, "--json")
    assert ran.status == 3
    assert ran.lines[0]["events"] == 41
    assert "no parser recognises this" in ran.err
    assert "No such file" in ran.err


def test_a_format_that_does_not_exist_lists_those_that_do(hanwatch: Run, portal_log: Path) -> None:
    ran = hanwatch("ingest", portal_log, "--format", "nginx")
    assert ran.status == 2
    assert "no format nginx" in ran.err
    assert "web.access" in ran.err


def test_broken_lines_go_to_quarantine_with_their_place(hanwatch: Run, tmp_path: Path) -> None:
    log = tmp_path / "eve.json"
    good = '{"timestamp":"2026-11-22T08:00:00.000000+0000","event_type":"dns","src_ip":"192.0.2.1"}\n'
    log.write_text(good + '{"timestamp": broken\n' + good, encoding="utf-8")
    assert hanwatch("ingest", log).status == 0
    (entry,) = hanwatch("quarantine", "list", "--json").lines
    assert entry["ordinal"] == 2
    assert entry["source"]["name"] == str(log)
    shown = hanwatch("quarantine", "show", entry["number"])
    assert '{"timestamp": broken' in shown.out
    assert hanwatch("quarantine", "replay", entry["number"]).status == 3, "it is still broken"
    assert hanwatch("ledger", "--json").lines[0]["complete"]


def test_own_rules_are_loaded_beside_the_pack_and_broken_ones_are_told(hanwatch: Run, portal_log: Path) -> None:
    rules = portal_log.with_name("rules")
    rules.mkdir()
    (rules / "good.yml").write_text(
        "title: Any Visit\nid: 0c5a2b9e-8c4e-4c58-9d0e-5b3a2f1d7e60\nlogsource:\n  product: hanwatch\n"
        "  service: web.access\ndetection:\n  s:\n    url.path|startswith: /zwgk/\n  condition: s\nlevel: low\n"
    )
    (rules / "broken.yml").write_text("title: Broken\nlogsource: {}\ndetection:\n  condition: nothing\n")
    ran = hanwatch("ingest", portal_log, "--rules", rules, "--json")
    assert ran.status == 3
    assert "broken.yml" in ran.err
    assert ran.lines[0]["alerts"] >= 40


def test_followed_files_are_read_until_asked_to_end_and_a_fault_is_told_once(
    hanwatch: Run, data: Path, portal_log: Path
) -> None:
    bad = portal_log.with_name("noise.bin")
    bad.write_bytes(bytes(range(256)) * 8)
    arguments = ["ingest", str(bad), str(portal_log), "--follow", "--json"]
    with subprocess.Popen(
        [sys.executable, "-m", "cli", "--data", str(data), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        until = time.monotonic() + PATIENCE
        grown = False
        # At each of several looks the fault is met again; and the file grows in the meantime.
        while (found := _stored(hanwatch)) < 42 and time.monotonic() < until:
            if found == 41 and not grown:
                with portal_log.open("a") as file:
                    file.write(access_line(50))
                grown = True
            time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        printed, complained = process.communicate(timeout=PATIENCE)
    summary = orjson.loads(printed)
    assert (summary["events"], summary["failed"], process.returncode) == (42, [str(bad)], 3)
    assert complained.decode().count("noise.bin") == 1


def _stored(hanwatch: Run) -> int:
    return len(hanwatch("search", "*", "--limit", 100, "--json").out.splitlines())
