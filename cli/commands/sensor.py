"""`hanwatch sensor`: files as they grow, folders as they fill, and what comes over the network, into the spool."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import structlog
import typer

from cli.beside import capture_beside
from cli.faults import Faults
from cli.house import House, house_of
from cli.options import DataOption
from cli.output import tell
from cli.stopping import Stop
from sensors.delivery.errors import SpoolFull
from sensors.errors import Problem
from sensors.reading.detection import reader_for
from sensors.reading.files import walk
from sensors.reading.model import Reader
from sensors.service import Failure, Foreign

FULL_SECONDS = 5
_log = structlog.get_logger(__name__)


class WatchNothing(Problem):
    """Neither the command nor the settings name anything to follow."""

    code = "watch-nothing"


def sensor(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH", help=tell("cli.sensor.paths"), show_default=False)
    ] = None,
    format_name: Annotated[
        str | None, typer.Option("--format", metavar="FORMAT", help=tell("cli.ingest.format"), show_default=False)
    ] = None,
    only_listeners: Annotated[bool, typer.Option("--listeners", help=tell("cli.sensor.listeners"))] = False,
    data: DataOption = None,
) -> None:
    """Follow the paths named, or the paths, listeners and interfaces of the settings, until asked to end."""
    stop = Stop()
    with house_of(context, data) as house, ExitStack() as open_parts:
        reader = reader_for(format_name, follow=True) if format_name else None
        said = [] if only_listeners else paths or house.settings.watch.paths
        watched = [path.absolute() for path in said]
        listeners = house.settings.listeners if only_listeners or not paths else ()
        interfaces = () if only_listeners or paths else house.settings.capture.interfaces
        if not watched and not listeners and not interfaces:
            raise WatchNothing
        listening = open_parts.enter_context(house.listening()) if listeners else None
        beside = capture_beside(house.settings.data, context.obj.config) if interfaces else None
        capturing = open_parts.enter_context(beside) if beside else None
        faults = Faults()
        while not stop.asked():
            if listening is not None:
                listening.check()
            if capturing is not None:
                capturing.check()
            if watched:
                _look(house, watched, reader, faults, stop)
            stop.wait(house.settings.watch.every)


def _look(house: House, watched: list[Path], reader: Reader | None, faults: Faults, stop: Stop) -> None:
    """Take what is new in files and folders."""
    seen = walk(watched)
    for problem in seen.problems:
        faults.tell(problem)
    for found in house.intake.take(seen.files, reader, follow=True):
        if isinstance(found, Failure):
            faults.tell(found.problem)
            if isinstance(found.problem, SpoolFull):
                # Back-pressure: the files are their own buffer until there is room again.
                stop.wait(FULL_SECONDS)
        elif not isinstance(found, Foreign):
            _log.info("read", path=str(found.path), events=found.events, rejects=found.rejects)
        if stop.asked():
            return
