"""`hanwatch run`: everything on one machine, each role a process of its own, supervised.

A role that dies is started again after a growing pause; one that refuses to start (a port in use, settings that cannot
be used) ends the whole with its exit code, since starting it again would not help.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from cli.asking import asked, asked_by_hangup
from cli.demo import write_samples
from cli.demo_plan import write_plan
from cli.ground import Ground, settings_of
from cli.options import DataOption, Invocation, PortOption
from cli.output import FAILED, WRONG_USE, note, tell
from cli.port import listen
from cli.settings import Settings, SettingsUnusable
from cli.stopping import Stop
from sensors.errors import Problem

PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0)
STEADY_SECONDS = 30.0
"""A role that lived as long as this has started well: its next death begins again with the shortest pause."""
END_SECONDS = 5.0
"""How long roles may finish what they have begun. A longer wait buys nothing: what is cut off then is what a crash cuts
off, and nothing is lost by that; a sensor that is just compiling its kernels would take half a minute."""


class RunAsUser(Problem):
    """Everything was started as root although captures want another user."""

    code = "run-as-user"


@dataclass(slots=True)
class Role:
    """A supervised process."""

    name: str
    arguments: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    due: float = field(default=0.0)

    def start(self, before: list[str]) -> None:
        """Start the process."""
        self.process = subprocess.Popen([sys.executable, "-m", "cli", *before, self.name, *self.arguments])  # noqa: S603 - ourselves
        self.started = time.monotonic()


def run(
    context: typer.Context,
    data: DataOption = None,
    port: PortOption = None,
    watch: Annotated[
        list[Path] | None, typer.Option("--watch", metavar="PATH", help=tell("cli.run.watch"), show_default=False)
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help=tell("cli.run.demo"))] = False,
) -> None:
    """Start sensors, correlator and API, and keep them running until asked to end."""
    settings = settings_of(context, data)
    said: Invocation = context.obj
    if settings.capture.interfaces and settings.capture.user and os.geteuid() == 0:
        # All roles write into one data folder, so all of them must run as one user.
        raise RunAsUser(user=settings.capture.user)
    watched = [*settings.watch.paths, *(watch or ())]
    # A port that is taken is told before anything is started, not after.
    listen(settings.api.host, settings.api.port if port is None else port).close()
    # Before anything is written into it: a data folder that cannot be used is refused, one that is made is its owner's.
    Ground(settings)
    if demo:
        samples = settings.data / "samples"
        write_samples(samples, time.time_ns())
        note("cli.run.samples", folder=str(samples))
        watched.append(samples)
        plan = None if said.config else write_plan(settings.data)
        if plan is not None:
            note("cli.run.plan", file=str(plan))
    if not watched and not settings.listeners and not settings.capture.interfaces:
        note("cli.run.nothing")
    before = ["--under", str(os.getpid()), "--data", str(settings.data)]
    if said.config:
        before += ["--config", str(said.config)]
    roles = [
        Role("correlate", []),
        Role("serve", [] if port is None else ["--port", str(port)]),
        *([Role("sensor", [str(path.absolute()) for path in watched])] if watched else []),
        # A process of its own: what comes over the network does not wait while files are read.
        *([Role("sensor", ["--listeners"])] if settings.listeners else []),
        *([Role("notify", ["run"])] if settings.notify.active else []),
        *([Role("intelligence", ["run"])] if settings.intelligence.active else []),
        *([Role("inventory", ["watch"])] if settings.inventory.observe else []),
        *([Role("capture", [])] if settings.capture.interfaces else []),
    ]
    stop = Stop()
    status = 0
    try:
        with asked_by_hangup(settings.data):
            seen = asked(settings.data)
            while not stop.asked() and not status:
                if (mark := asked(settings.data)) != seen:
                    seen = mark
                    roles += _wanted_since(roles, lambda: settings_of(context, data))
                status = _look(roles, before)
                stop.wait(0.2)
    finally:
        _end(roles)
    raise typer.Exit(status)


def _wanted_since(roles: Sequence[Role], settings: Callable[[], Settings]) -> list[Role]:
    """The notifier, where channels and routes are set by now; one that is there takes settings up by itself."""
    if any(role.name == "notify" for role in roles):
        return []
    try:
        return [Role("notify", ["run"])] if settings().notify.active else []
    except SettingsUnusable:
        # Who asked is told by the process that matches.
        return []


def _look(roles: list[Role], before: list[str]) -> int:
    """Start what is due and see what has died; the exit code when a role refuses to start, else 0."""
    now = time.monotonic()
    for role in roles:
        if role.process is None:
            if now >= role.due:
                role.start(before)
            continue
        ended = role.process.poll()
        if ended is None:
            continue
        if ended in {WRONG_USE, FAILED} and now - role.started < STEADY_SECONDS and role.deaths == 0:
            return ended
        role.deaths = 1 if now - role.started > STEADY_SECONDS else role.deaths + 1
        pause = PAUSES[min(role.deaths, len(PAUSES)) - 1]
        note("cli.run.died", role=role.name, status=ended, pause=pause)
        role.process = None
        role.due = now + pause
    return 0


def _end(roles: list[Role]) -> None:
    """Ask every role to end, and end those that do not within the time."""
    living = [role.process for role in roles if role.process is not None and role.process.poll() is None]
    for process in living:
        process.terminate()
    until = time.monotonic() + END_SECONDS
    for process in living:
        try:
            process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
