"""`hanwatch ingest`: files and folders through the sensors, the matcher and the store, in one go."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from cli.faults import Faults
from cli.house import MAINTENANCE_SECONDS, House, house_of
from cli.options import DataOption, JsonOption
from cli.output import FAILED, complain, err, json_line, note, out, tell
from cli.plain import plain, plain_cell
from cli.progress import progress
from cli.stopping import Stop
from correlation.service import Correlator, Progress
from sensors.delivery.errors import LeaseTaken
from sensors.delivery.ports import STORE
from sensors.errors import Problem
from sensors.reading.detection import reader_for
from sensors.reading.files import walk
from sensors.reading.model import Reader
from sensors.service import STREAM, Failure, Foreign, Idle, Step

MATCH_EVERY = 50_000
"""Events to spool before they are matched and stored: bounds the spool, and shows alerts while a long run goes on."""
MATCH_SECONDS = 5.0
"""Seconds after which what was spooled is matched and stored, however little it is."""


LEASE_SECONDS = 5.0
"""How long to wait for the process that matches before looking whether it is still there."""


class RulesElsewhere(Problem):
    """`--rules` was said, but another process matches here, with rules of its own."""

    code = "rules-elsewhere"


@dataclass(slots=True)
class Tally:
    """What this run has done so far."""

    files: set[Path] = field(default_factory=set)
    formats: Counter[str] = field(default_factory=Counter)
    events: int = 0
    rejects: int = 0
    failures: list[Failure] = field(default_factory=list)
    foreign: set[Path] = field(default_factory=set)
    last: int = 0
    stream_ended: bool = False
    matched: Progress = field(default_factory=Progress)
    faults: Faults = field(default_factory=Faults)

    def add(self, step: Step) -> None:
        """Count a portion."""
        if step.path not in self.files:
            self.files.add(step.path)
            self.formats[step.format] += 1
        self.events += step.events
        self.rejects += step.rejects
        self.last = max(self.last, step.sequence)

    def fail(self, failure: Failure) -> None:
        """Note a failure and tell it, once however often it is met."""
        if self.faults.tell(failure.problem):
            self.failures.append(failure)


@dataclass(frozen=True, slots=True)
class Reading:
    """What is to be read in this run, and with what."""

    house: House
    paths: Sequence[Path]
    reader: Reader | None
    tally: Tally

    def once(self, correlator: Correlator | None) -> None:
        """Read everything there is, and match it where this process is the one that matches."""
        with progress("cli.ingest.reading") as show:
            self._look(correlator, show)
        if correlator:
            self.tally.matched += correlator.settle()

    def follow(self, correlator: Correlator | None) -> None:
        """Read what there is and what comes, until asked to end."""
        maintained = time.monotonic()
        with Stop() as stop, progress("cli.ingest.reading") as show:
            while not stop.asked():
                self._look(correlator, show, stop)
                if correlator:
                    self.tally.matched += correlator.rest()
                if correlator and time.monotonic() - maintained > MAINTENANCE_SECONDS:
                    self.house.maintain(live=True)
                    maintained = time.monotonic()
                stop.wait(self.house.settings.watch.every)

    def _look(self, correlator: Correlator | None, show: Callable[[str], None], stop: Stop | None = None) -> None:
        """Take everything up to its present end; what is followed (`stop`) may still grow."""
        tally, waiting, matched = self.tally, 0, time.monotonic()
        if correlator:
            # What an earlier run spooled and could not finish comes first.
            tally.matched += correlator.drain()
        for found in self._steps(follow=stop is not None):
            if isinstance(found, Idle):
                if correlator:
                    tally.matched += correlator.drain()
                waiting = 0
            elif isinstance(found, Failure):
                tally.fail(found)
            elif isinstance(found, Foreign):
                tally.foreign.add(found.path)
            else:
                tally.add(found)
                waiting += found.events
                show(f"{len(tally.files):,} · {tally.events:,} · {plain_cell(found.path.name)}")
            if correlator and (waiting >= MATCH_EVERY or (waiting and time.monotonic() - matched > MATCH_SECONDS)):
                tally.matched += correlator.drain()
                waiting, matched = 0, time.monotonic()
            if stop and stop.asked():
                break
        if correlator:
            tally.matched += correlator.drain()

    def _steps(self, *, follow: bool) -> Iterator[Step | Foreign | Failure | Idle]:
        found = walk([path for path in self.paths if path != STREAM])
        yield from (Failure(Path(problem.place.file if problem.place else "?"), problem) for problem in found.problems)
        if STREAM in self.paths and not self.tally.stream_ended:
            self.tally.stream_ended = True
            yield from self.house.intake.take_stream(sys.stdin.fileno(), self.reader)
        yield from self.house.intake.take(found.files, self.reader, named=set(self.paths), follow=follow)


def ingest(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help=tell("cli.ingest.paths"), show_default=False)],
    format_name: Annotated[
        str | None, typer.Option("--format", metavar="FORMAT", help=tell("cli.ingest.format"), show_default=False)
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", help=tell("cli.ingest.follow"))] = False,
    rules: Annotated[
        list[Path] | None, typer.Option("--rules", metavar="DIR", help=tell("cli.ingest.rules"), show_default=False)
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read, match and store; beside a running `hanwatch run` only read, and wait until the other has stored."""
    with house_of(context, data) as house:
        reader = reader_for(format_name, follow=follow) if format_name else None
        tally = Tally()
        reading = Reading(house, [path if path == STREAM else path.absolute() for path in paths], reader, tally)
        read = reading.follow if follow else reading.once
        try:
            with house.matching():
                loaded = house.rules(rules or ())
                broken = loaded.problems
                for problem in broken:
                    complain(problem)
                correlator = house.correlator(loaded, live=follow)
                broken = [*broken, *house.exception_problems]
                read(correlator)
                house.maintain()
        except KeyboardInterrupt:
            note("cli.ingest.interrupted")
            raise
        except LeaseTaken as taken:
            if rules:
                raise RulesElsewhere(pid=taken.parameters["pid"]) from taken
            broken = ()
            note("cli.ingest.beside", pid=taken.parameters["pid"])
            read(None)
            _await(house, tally)
        _report(tally, as_json=as_json)
        if tally.failures or broken:
            raise typer.Exit(FAILED)


def _await(house: House, tally: Tally) -> None:
    """Wait until the process that matches has stored everything; if it goes away, do what is left."""
    with progress("cli.ingest.waiting"):
        while not house.spool.wait(STORE, tally.last, LEASE_SECONDS):
            try:
                with house.matching():
                    correlator = house.correlator(house.rules())
                    tally.matched += correlator.drain()
                    tally.matched += correlator.settle()
            except LeaseTaken:
                continue


def _report(tally: Tally, *, as_json: bool) -> None:
    if as_json:
        json_line(
            {
                "files": len(tally.files),
                "formats": dict(tally.formats),
                "events": tally.events,
                "quarantined": tally.rejects,
                "alerts": tally.matched.matched,
                "new_alerts": tally.matched.fresh,
                "unknown_format": sorted(plain(str(path)) for path in tally.foreign),
                "failed": [plain(str(failure.path)) for failure in tally.failures],
            }
        )
        return
    out.print(
        tell(
            "cli.ingest.done",
            files=f"{len(tally.files):,}",
            events=f"{tally.events:,}",
            rejects=f"{tally.rejects:,}",
            alerts=f"{tally.matched.matched:,}",
            fresh=f"{tally.matched.fresh:,}",
        )
    )
    if tally.foreign:
        note("cli.ingest.foreign", number=f"{len(tally.foreign):,}", first=str(min(tally.foreign)))
    if tally.rejects:
        err.print(tell("cli.ingest.rejects"))
