"""One process at a time holds a lease, and others learn which."""

import os
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread
from time import sleep

import pytest

from sensors.delivery.errors import LeaseTaken, NameRefused, SpoolUnusable
from sensors.delivery.lease import lease

HOLD = """
import sys
from pathlib import Path
from sensors.delivery.lease import lease
with lease(Path(sys.argv[1]), "correlator"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_one_is_told_who_holds_it(tmp_path: Path) -> None:
    with lease(tmp_path, "correlator"):
        with lease(tmp_path, "retention"):
            pass
        with pytest.raises(LeaseTaken) as caught, lease(tmp_path, "correlator"):
            pass
    assert caught.value.parameters == {"name": "correlator", "pid": os.getpid()}
    with lease(tmp_path, "correlator"):
        pass


def test_whoever_only_looks_who_holds_it_keeps_nobody_out(tmp_path: Path) -> None:
    looking = Event()

    def look() -> None:
        with lease(tmp_path, "correlator"):
            looking.set()
            sleep(0.03)

    other = Thread(target=look)
    other.start()
    assert looking.wait(10)
    with lease(tmp_path, "correlator"):
        other.join()


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LeaseTaken) as caught, lease(tmp_path, "correlator"):
            pass
        assert caught.value.parameters["pid"] == holder.pid
        holder.kill()
        holder.wait(10)
        with lease(tmp_path, "correlator"):
            assert (tmp_path / "correlator.lock").read_text() == str(os.getpid())


@pytest.mark.parametrize("name", ["../up", "", "A", "a/b"])
def test_a_name_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(NameRefused), lease(tmp_path, name):
        pass


def test_without_a_folder_there_is_no_lease(tmp_path: Path) -> None:
    with pytest.raises(SpoolUnusable) as caught, lease(tmp_path / "missing", "correlator"):
        pass
    assert caught.value.parameters == {"reason": "No such file or directory"}
