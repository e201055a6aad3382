"""A real PostgreSQL for tests: a fresh cluster on a free port of the loopback, killed at the end.

It starts within two seconds, so that every worker of a run has one of its own. It refuses to run as root, so that
root's tests run it as `nobody`.
"""

import os
import shutil
import subprocess
import time
from contextlib import AbstractContextManager
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from tests.engines.processes import (
    Engine,
    EngineFailedError,
    EngineMissingError,
    as_long_as,
    clean_leftovers,
    free_port,
    group_of_nobody,
    launched,
    new_folder,
    unprivileged,
)

PREPARE: Final = "make engines"
START_SECONDS: Final = 60
SETTINGS: Final = {
    "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "200",
    # Nobody needs the data after a crash of the machine.
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
}  # fmt: skip


def programs() -> Path | None:
    """The folder of the newest PostgreSQL's programs; Debian puts none of the server's on the path."""
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    found = [place for place in Path("/usr/lib/postgresql").glob("*/bin") if (place / "initdb").exists()]
    return max(found, key=lambda place: float(place.parent.name), default=None)


def missing() -> str | None:
    """What is missing to start a server, in one line; None where nothing is."""
    if programs() is None:
        return f"PostgreSQL is not installed: {PREPARE}"
    if find_spec("psycopg") is None:
        return "psycopg, the driver of PostgreSQL, is not installed: pip install 'psycopg[binary]'"
    return None


def start() -> Engine:
    """Start a server with a fresh cluster and wait until it answers.

    Raises:
        EngineMissingError: it is not installed, or its driver is not.
        EngineFailedError: it did not answer in time.
    """
    lack, place = missing(), programs()
    if lack is not None or place is None:
        raise EngineMissingError(lack)
    clean_leftovers()
    folder = new_folder("postgresql")
    run = folder / "run"
    run.mkdir()
    if os.getuid() == 0:
        shutil.chown(run, "nobody", group_of_nobody())
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(run), "LC_ALL": "C.UTF-8"}
    made = subprocess.run(
        [place / "initdb", "-D", run / "data", "-U", "tests", "--auth=trust", "--no-sync", "-E", "UTF8"],
        cwd=run, env=environment, capture_output=True, text=True, check=False, timeout=START_SECONDS, **unprivileged(),
    )  # fmt: skip
    if made.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        raise EngineFailedError(f"PostgreSQL made no cluster: {made.stderr[-3_000:]}")
    port = free_port()
    settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
    command = [place / "postgres", "-D", run / "data", "-p", str(port), *settings]
    return launched(f"postgresql+psycopg://tests@127.0.0.1:{port}", command, folder, run, environment, wait=_await)


def _await(server: Engine) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        if "ready to accept connections" in server.log():
            return
        time.sleep(0.05)
    raise EngineFailedError(f"PostgreSQL did not answer within {START_SECONDS} s:\n{server.log()}")


def running() -> AbstractContextManager[str]:
    """The address of a server that runs as long as the block, to which `/` and the name of a database are added."""
    return as_long_as(start())
