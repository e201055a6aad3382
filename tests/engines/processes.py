"""Engines as processes of a test run: a folder for each, and none that outlives the run that started it."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class EngineMissingError(Exception):
    """What is missing on this machine and how to get it, in one line."""


class EngineFailedError(Exception):
    """The engine was there and did not start; with the end of its log."""


@dataclass(frozen=True)
class Engine:
    """A running engine: its address, its process and its folder."""

    url: str
    process: subprocess.Popen[bytes]
    folder: Path

    def log(self) -> str:
        """The end of what it has written."""
        return (self.folder / "output.log").read_text(encoding="utf-8", errors="replace")[-3_000:]

    def stop(self) -> None:
        """Kill it at once and delete its folder: nobody needs its data."""
        kill_group(self.process.pid)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)


def unprivileged() -> dict[str, Any]:
    """Who runs an engine that refuses to run as root, for `subprocess`; ourselves where we are not root."""
    if os.getuid():
        return {}
    return {"user": "nobody", "group": group_of_nobody(), "extra_groups": []}


def launched(
    url: str, command: Sequence[str | Path], folder: Path, place: Path, environment: Mapping[str, str],
    *, wait: Callable[[Engine], None],
) -> Engine:  # fmt: skip
    """An engine of which `wait` returns once it answers; its output goes into its folder, `place` is where it works."""
    with (folder / "output.log").open("wb") as output:
        process = subprocess.Popen(
            command, cwd=place, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True, **unprivileged(),
        )  # fmt: skip
    note(folder, pid=process.pid, pid_started=started_at(process.pid))
    engine = Engine(url, process, folder)
    try:
        wait(engine)
    except BaseException:
        engine.stop()
        raise
    return engine


@contextlib.contextmanager
def as_long_as(engine: Engine) -> Iterator[str]:
    """The address of an engine that runs as long as the block."""
    try:
        yield engine.url
    finally:
        engine.stop()


def runs_folder() -> Path:
    """Where running engines have their folders."""
    return Path(tempfile.gettempdir()) / f"hanwatch-engines-{os.getuid()}"


def new_folder(name: str) -> Path:
    """A folder for an engine that is about to start."""
    runs_folder().mkdir(exist_ok=True, mode=0o755)
    folder = Path(tempfile.mkdtemp(dir=runs_folder(), prefix=f"{name}-"))
    folder.chmod(0o755)
    note(folder)
    return folder


def note(folder: Path, **more: object) -> None:
    """Write down whose engine it is, and `pid` with `pid_started` once it runs."""
    owner = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    said = {"owner": owner, "owner_started": started_at(owner), **more}
    (folder / "run.json").write_text(json.dumps(said), encoding="utf-8")


def started_at(pid: int) -> str | None:
    """Tells a process from a later one with the same number: its start in clock ticks since boot."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[19]
    except OSError:
        return None


def clean_leftovers() -> None:
    """Stop engines whose test run is gone, and delete their folders."""
    for folder in runs_folder().glob("*"):
        try:
            said = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if started_at(said["owner"]) == said["owner_started"]:
            continue
        if said.get("pid") and started_at(said["pid"]) == said["pid_started"]:
            kill_group(said["pid"])
        shutil.rmtree(folder, ignore_errors=True)


def kill_group(pid: int) -> None:
    """Kill a process and those that it started, where they are still there."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def free_port() -> int:
    """A port of the loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def group_of_nobody() -> int:
    """The group of the user that runs what refuses to run as root."""
    import pwd  # noqa: PLC0415 - only root needs it

    return pwd.getpwnam("nobody").pw_gid
