"""How a run ends: exit codes, readers that go away, places that take no more, terminals of every kind."""

import os
import re
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pytest

from api.messages import catalogue
from cli.program import WRONG_USE_CODES
from tests.cli.conftest import Run

PROGRAM = [sys.executable, "-m", "cli"]


@pytest.fixture
def filled(hanwatch: Run, portal_log: Path, data: Path) -> Path:
    """A data folder with 41 events and an alert."""
    assert hanwatch("ingest", portal_log).status == 0
    return data


def test_codes_of_wrong_use_are_codes_of_problems() -> None:
    assert set(catalogue("en")) >= WRONG_USE_CODES


def test_the_version_is_that_of_the_package(hanwatch: Run) -> None:
    ran = hanwatch("--version")
    assert (ran.status, ran.out) == (0, f"hanwatch {version('hanwatch')}\n")


@pytest.mark.parametrize(
    "reading",
    [
        ["search", "*"],
        ["alerts", "list"],
        ["alerts", "show", "0"],
        ["ledger"],
        ["quarantine", "list"],
        ["quarantine", "show", "1"],
        ["quarantine", "replay"],
    ],
    ids=" ".join,
)
def test_reading_a_folder_that_is_not_there_is_told_and_makes_none(
    hanwatch: Run, data: Path, reading: list[str]
) -> None:
    ran = hanwatch(*reading)
    assert ran.status == 2
    assert "there is no data folder here" in ran.err
    assert not data.exists()


def test_rules_need_no_data_folder_and_make_none(hanwatch: Run, data: Path) -> None:
    assert hanwatch("rules", "check").status == 0
    assert not data.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["search", "*", "--limit", "41"],
        ["search", "*", "--limit", "41", "--json"],
        ["search", "*", "--limit", "41", "--format", "csv"],
        ["alerts", "list"],
        ["alerts", "list", "--json"],
        ["ledger"],
        ["rules", "list"],
        ["rules", "list", "--json"],
        ["doctor"],
        ["--version"],
        ["--help"],
    ],
    ids=" ".join,
)
def test_output_that_cannot_be_written_is_told(filled: Path, arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*PROGRAM, "--data", str(filled), *arguments],
            check=False, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60,
        )
    assert done.returncode == 3
    assert "the output could not be written: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["search", "*", "--limit", "41"],
        ["search", "*", "--limit", "41", "--json"],
        ["search", "*", "--limit", "41", "--format", "csv"],
        ["alerts", "list", "--json"],
        ["rules", "list"],
        ["rules", "list", "--json"],
        ["ledger"],
        ["doctor"],
        ["--help"],
    ],
    ids=" ".join,
)
def test_a_reader_that_goes_away_ends_the_run_without_a_word(filled: Path, arguments: list[str]) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    try:
        done = subprocess.run(
            [*PROGRAM, "--data", str(filled), *arguments],
            check=False, stdout=theirs, stderr=subprocess.PIPE, text=True, timeout=60,
        )
    finally:
        os.close(theirs)
    assert done.returncode == 141
    assert done.stderr == ""


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "gbk", "latin-1", "ascii"])
def test_no_encoding_of_the_terminal_stops_a_run(filled: Path, locale: str, encoding: str) -> None:
    environment = os.environ | {"LC_ALL": locale, "PYTHONIOENCODING": encoding, "HANWATCH_LANG": "zh"}
    for arguments in (["alerts", "list"], ["doctor"], ["--help"], ["xyzzy"]):
        done = subprocess.run(
            [*PROGRAM, "--data", str(filled), *arguments],
            check=False, capture_output=True, env=environment, timeout=60,
        )
        assert done.returncode == (2 if arguments == ["xyzzy"] else 0), done.stderr
        assert b"Traceback" not in done.stderr


def test_no_colour_where_none_is_wanted(filled: Path) -> None:
    environment = os.environ | {"NO_COLOR": "1", "FORCE_COLOR": "", "TERM": "xterm-256color"}
    environment.pop("FORCE_COLOR")
    done = subprocess.run(
        [*PROGRAM, "--data", str(filled), "alerts", "list", "--level", "purple"],
        check=False, capture_output=True, text=True, env=environment, timeout=60,
    )
    assert not re.search(r"\x1b\[\d*;?3[0-9]", done.stdout + done.stderr)


HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202e"


def test_what_was_logged_cannot_command_the_terminal(hanwatch: Run, tmp_path: Path) -> None:
    log = tmp_path / f"eve{HOSTILE}.json"
    fields = '"timestamp":"2026-11-22T08:00:00.000000+0000","event_type":"dns","src_ip":"192.0.2.1"'
    name = HOSTILE.encode("ascii", "backslashreplace").decode().replace("\\x", "\\u00")
    log.write_text(f'{{{fields},"dns":{{"rrname":"{name}"}}}}\n{{"timestamp": {HOSTILE}\n', encoding="utf-8")
    (tmp_path / f"noise{HOSTILE}.bin").write_bytes(bytes(range(256)) * 8)
    for arguments in (
        ["ingest", tmp_path],
        ["ingest", tmp_path / f"noise{HOSTILE}.bin"],
        ["search", "*"],
        ["quarantine", "list"],
        ["quarantine", "show", "1"],
        ["ledger"],
        ["alerts", "show", HOSTILE],
        [HOSTILE],
    ):
        ran = hanwatch(*arguments)
        assert not re.search("[\x07\x1b\u202e]", ran.out + ran.err), arguments


def test_names_that_are_no_text_are_told_and_reported(hanwatch: Run, tmp_path: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/noise\xff.bin"))
    odd.write_bytes(bytes(range(256)) * 8)
    ran = hanwatch("ingest", odd, "--json")
    assert ran.status == 3
    assert ran.lines[0]["failed"] == [f"{tmp_path}/noise\\xff.bin"]
    assert "noise\\xff.bin: no parser recognises this" in ran.err


@pytest.mark.parametrize("moment", [0.05, 0.1, 0.2, 0.4])
@pytest.mark.parametrize("arguments", [["doctor"], ["rules", "list"], ["ingest", "{log}"]], ids=" ".join)
def test_an_interruption_at_any_moment_ends_the_run_without_a_traceback(
    data: Path, portal_log: Path, arguments: list[str], moment: float
) -> None:
    words = [word.format(log=portal_log) for word in arguments]
    with subprocess.Popen(
        [*PROGRAM, "--data", str(data), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        # A moment counts from when our own code runs: an interpreter that is just starting is not ours to mend.
        _until_ours(process.pid)
        time.sleep(moment)
        process.send_signal(signal.SIGINT)
        _, complained = process.communicate(timeout=60)
    assert process.returncode in {0, 130, -signal.SIGINT}, complained
    assert "Traceback" not in complained


def _until_ours(pid: int) -> None:
    """Wait until the process has loaded a compiled library that our first imports bring."""
    until = time.monotonic() + 60
    while "orjson" not in Path(f"/proc/{pid}/maps").read_text() and time.monotonic() < until:
        time.sleep(0.005)
