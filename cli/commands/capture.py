"""`hanwatch capture`: packets of interfaces as they pass, into the spool, until asked to end."""

import os
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from cli.faults import Faults
from cli.ground import settings_of
from cli.journal import keep_journal
from cli.options import DataOption, JsonOption
from cli.output import FAILED, json_line, note, out, table, tell
from cli.ownership import hand_over
from cli.parts.spool import WithSpool
from cli.rehearsing import rehearse
from cli.settings import SettingsUnusable
from cli.slicing import write_slice
from cli.steady import steady
from cli.stopping import Stop
from sensors.capture.keeping.keeper import FOLDER as PACKETS
from sensors.capture.keeping.slices import kept
from sensors.capture.keeping.wanted import Wanted
from sensors.capture.live.rights import drop
from sensors.capture.live.service import FOLDER, Captured, Capturing, open_rings
from sensors.capture.live.warming import warm
from sensors.capture.settings import InterfaceSettings, KeepSettings
from sensors.delivery.errors import LeaseTaken
from sensors.errors import Place, Problem

LOOK_SECONDS = 0.5
EVERYTHING = KeepSettings(max_bytes=1 << 62, max_hours=0, segment_bytes=1 << 30, min_free_bytes=256 << 20)
"""How packets are kept that are wanted as a file."""
MATCH_SECONDS = 5.0
"""How often what was captured is matched, where nobody else does it."""


class CaptureNothing(Problem):
    """Neither the command nor the settings name an interface."""

    code = "capture-nothing"


def capture(
    context: typer.Context,
    interfaces: Annotated[
        list[str] | None, typer.Argument(metavar="INTERFACE", help=tell("cli.capture.interfaces"), show_default=False)
    ] = None,
    filter_text: Annotated[
        str, typer.Option("--filter", "-f", metavar="FILTER", help=tell("cli.capture.filter"), show_default=False)
    ] = "",
    seconds: Annotated[
        float | None,
        typer.Option("--seconds", metavar="NUMBER", min=0.1, help=tell("cli.capture.seconds"), show_default=False),
    ] = None,
    snap: Annotated[
        int, typer.Option("--snap", "-s", metavar="BYTES", min=64, max=262_144, help=tell("cli.capture.snap"))
    ] = 262_144,
    ring: Annotated[int, typer.Option("--ring", metavar="MIB", min=4, max=4_096, help=tell("cli.capture.ring"))] = 128,
    promiscuous: Annotated[
        bool, typer.Option(" /--no-promiscuous", "-p", help=tell("cli.capture.promiscuous"), show_default=False)
    ] = True,
    write: Annotated[
        Path | None, typer.Option("--write", "-w", metavar="FILE", help=tell("cli.capture.write"), show_default=False)
    ] = None,
    user: Annotated[
        str | None, typer.Option("--user", metavar="NAME", help=tell("cli.capture.user"), show_default=False)
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Capture the interfaces named, matching what comes where nobody else does; or, unnamed, those of the settings."""
    settings = settings_of(context, data)
    keep_journal(verbose=context.obj.verbose)
    named = [
        _wanted(name, filter_text, snap_bytes=snap, ring_bytes=ring << 20, promiscuous=promiscuous)
        for name in dict.fromkeys(interfaces or ())
    ]
    wanted: Sequence[InterfaceSettings] = named or settings.capture.interfaces
    if not wanted:
        raise CaptureNothing
    stop = Stop()
    portion = warm()
    runs_as = settings.capture.user if user is None else user
    # Who named interfaces wants to see what is in them; a service leaves that to the process that matches.
    house_type: Any = import_module("cli.house").House if named else WithSpool
    if runs_as and os.geteuid() == 0:
        rehearse(settings, portion, matching=bool(named))
    with ExitStack() as parts:
        rings = open_rings(wanted)
        for one in rings:
            parts.callback(one.close)
        hand_over(settings.data, runs_as)
        drop(runs_as)
        house = parts.enter_context(house_type(settings))
        wishes, folder = settings.capture, settings.data / PACKETS
        if write is not None:
            # Beside the file, so that nothing has to be brought from one disk to another.
            folder = Path(parts.enter_context(TemporaryDirectory(prefix=".packets-", dir=write.absolute().parent)))
            wishes = replace(wishes, keep=EVERYTHING)
        parts.enter_context(steady())
        capturing = parts.enter_context(
            Capturing(
                rings, house.spool, settings.data / FOLDER, wishes, house.clock, host=socket.gethostname(),
                packets=folder,
            )
        )
        note("cli.capture.begun", interfaces=", ".join(one.interface for one in wanted))
        match = _matcher(house) if named else lambda: None
        _wait(capturing, stop, seconds, match)
        capturing.end()
        if write is not None:
            everything = [(kept(folder, Wanted()), Wanted())]
            write_slice(
                write, everything, comment="hanwatch capture", most_packets=sys.maxsize, most_bytes=sys.maxsize
            )
        match()
        _report(capturing, as_json=as_json)
    if capturing.problem or any(one.problem for one in capturing.captured()):
        raise typer.Exit(FAILED)


def _wanted(name: str, text: str, **more: Any) -> InterfaceSettings:
    try:
        return InterfaceSettings(name, text, **more)
    except ValueError as error:
        raise SettingsUnusable(place=Place(name), reason=str(error)) from error


def _matcher(house: Any) -> Callable[[], None]:
    """What matches and stores what was captured so far, unless another process does that."""
    made: list[Any] = []

    def match() -> None:
        try:
            with house.matching():
                if not made:
                    made.append(house.correlator(house.rules(), live=True))
                made[0].drain()
                made[0].rest()
        except LeaseTaken:
            return

    return match


def _wait(capturing: Capturing, stop: Stop, seconds: float | None, match: Callable[[], None]) -> None:
    """Wait until asked to end, or for so long, or until nothing is left to capture; match now and then meanwhile."""
    faults, begun, matched = Faults(), time.monotonic(), time.monotonic()
    while not stop.asked() and capturing.problem is None:
        for one in capturing.captured():
            if one.problem:
                faults.tell(one.problem)
        left = LOOK_SECONDS if seconds is None else min(LOOK_SECONDS, begun + seconds - time.monotonic())
        if left <= 0:
            break
        stop.wait(left)
        if time.monotonic() - matched > MATCH_SECONDS:
            match()
            matched = time.monotonic()


def _report(capturing: Capturing, *, as_json: bool) -> None:
    faults = Faults()
    captured = capturing.captured()
    for problem in (capturing.problem, *(one.problem for one in captured)):
        if problem:
            faults.tell(problem)
    if as_json:
        json_line({"interfaces": [_document(one) for one in captured], "events": capturing.deliverer.events})
        return
    table(
        tuple(tell(f"cli.column.{name}") for name in ("interface", "packets", "dropped")),
        (
            (one.interface, f"{one.packets:,}", tell("cli.capture.unknown") if one.drops is None else f"{one.drops:,}")
            for one in captured
        ),
        right=(1, 2),
        fold=(),
    )
    out.print(tell("cli.capture.done", events=f"{capturing.deliverer.events:,}"), highlight=False)
    if any(one.drops for one in captured):
        note("cli.capture.dropped")
    for one in captured:
        if one.absences:
            note("cli.capture.absences", interface=one.interface, count=one.absences)


def _document(one: Captured) -> dict[str, Any]:
    problem = None if one.problem is None else one.problem.code
    return {
        "interface": one.interface, "packets": one.packets, "dropped": one.drops, "absences": one.absences,
        "problem": problem,
    }
