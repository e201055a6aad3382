"""The support itself: what is missing is said in one line, and what a killed run left is cleaned up."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engines import elasticsearch
from tests.engines.processes import EngineMissingError


def test_what_is_missing_is_named_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    lack = elasticsearch.missing()
    assert lack is not None
    assert "make engines" in lack
    assert "\n" not in lack
    elasticsearch.home().mkdir(parents=True)
    (elasticsearch.home() / ".complete").touch()
    monkeypatch.setattr(elasticsearch, "jdk", lambda: None)
    lack = elasticsearch.missing()
    assert lack is not None
    assert "JDK 21" in lack
    with pytest.raises(EngineMissingError):
        elasticsearch.start()


@pytest.mark.parametrize(
    ("release", "version"),
    [('JAVA_VERSION="25.0.3"\n', 25), ('X="1"\nJAVA_VERSION="21"\n', 21), ('JAVA_VERSION="1.8.0_402"\n', 8), ("", 0)],
)
def test_versions_of_jdks(tmp_path: Path, release: str, version: int) -> None:
    assert elasticsearch._jdk_version(tmp_path) == 0
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").touch()
    assert elasticsearch._jdk_version(tmp_path) == 0
    (tmp_path / "release").write_text(release)
    assert elasticsearch._jdk_version(tmp_path) == version


SHARE = """
import subprocess, sys, time
from pathlib import Path
from tests.engines import elasticsearch, processes

folder = Path(sys.argv[1])


def start():
    process = subprocess.Popen(["sleep", "300"], start_new_session=True)
    (folder / "node").mkdir()
    return processes.Engine("http://127.0.0.1:1", process, folder / "node")


elasticsearch.start = start
with elasticsearch.shared(folder):
    print("in", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def test_who_started_a_shared_node_stays_until_it_has_ended(tmp_path: Path) -> None:
    users = []
    for seconds in ("0.5", "2"):
        command = [sys.executable, "-W", "error", "-c", SHARE, str(tmp_path), seconds]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": "."}
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "in\n"
        users.append(process)
    for process in users:
        _, complained = process.communicate(timeout=60)
        assert (process.returncode, complained) == (0, "")
    assert not (tmp_path / "node").exists()
