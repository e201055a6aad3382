"""What a killed run left is cleaned up."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engines import processes


def test_leftovers_of_a_killed_run_are_cleaned_and_those_of_a_living_one_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "runs_folder", lambda: tmp_path)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True) as engine:
        started = processes.started_at(engine.pid)
        mine = processes.started_at(os.getpid())
        notes = {
            "dead": {"owner": 2**22 + 5, "owner_started": "7", "pid": engine.pid, "pid_started": started},
            "living": {"owner": os.getpid(), "owner_started": mine, "pid": engine.pid, "pid_started": started},
            "reused": {"owner": os.getpid(), "owner_started": "1", "pid": os.getpid(), "pid_started": "1"},
        }
        for name, note in notes.items():
            (tmp_path / name).mkdir()
            (tmp_path / name / "run.json").write_text(json.dumps(note))
        processes.clean_leftovers()
        assert {folder.name for folder in tmp_path.iterdir()} == {"living"}
        assert engine.wait(10) == -9
