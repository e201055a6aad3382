"""Live capture as a whole: rings first, as long as the rights are there; then, without them, sessions and delivery."""

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import structlog

from sensors.capture.choosing import Choice
from sensors.capture.keeping.keeper import Keeper, Kept
from sensors.capture.live.delivering import Deliverer
from sensors.capture.live.filter import compile_filter
from sensors.capture.live.ring import Ring
from sensors.capture.live.session import FORMAT, Session, source_of
from sensors.capture.live.tally import Tally, leftovers
from sensors.capture.live.watching import Watcher
from sensors.capture.settings import CaptureSettings, InterfaceSettings
from sensors.delivery.errors import Superseded
from sensors.delivery.ledger import DROPPED, EVENTS, KILLED, PACKETS
from sensors.delivery.spool import EmbeddedSpool
from sensors.errors import Place, Problem, UnreadableInput
from sensors.event.model import Source
from sensors.event.times import Clock
from sensors.reading.model import Portion, Position

FOLDER: Final = "capture"
"""Below the data folder: what sessions have taken so far."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Captured:
    """What one interface gave in this run; `drops` is None where the kernel did not say, `absences` its own."""

    interface: str
    packets: int
    drops: int | None
    problem: Problem | None
    absences: int = 0


def open_rings(interfaces: Sequence[InterfaceSettings]) -> list[Ring]:
    """Open the rings of these interfaces, all or none; whoever closes them ends their capture.

    Raises:
        CaptureRefused, InterfaceUnusable, FilterUnusable, FilterCompilerMissing, ProtocolUnknown: one of them cannot be
            captured as it is wanted.
    """
    with ExitStack() as opened:
        rings = []
        for wanted in interfaces:
            choice = Choice.of(wanted.protocols)
            program = compile_filter(wanted.filter, snap=wanted.snap_bytes, interface=wanted.interface)
            ring = Ring(
                wanted.interface, program, ring_bytes=wanted.ring_bytes, promiscuous=wanted.promiscuous,
                hardware_time=wanted.hardware_time,
            )
            ring.snap, ring.filter = wanted.snap_bytes, wanted.filter
            ring.choice = choice
            opened.callback(ring.close)
            rings.append(ring)
        opened.pop_all()
        return rings


class Capturing:
    """Captures the interfaces of these rings into a spool, until it is ended."""

    def __init__(
        self, rings: Sequence[Ring], spool: EmbeddedSpool, folder: Path, settings: CaptureSettings, clock: Clock, *,
        host: str, packets: Path | None = None,
    ) -> None:
        """Count what earlier sessions have left behind, and begin.

        Args:
            rings: open rings, which this closes at its end.
            spool: where portions go.
            folder: where sessions keep their numbers; made where it is missing.
            settings: how often to deliver, and what is kept.
            clock: gives the receipt time.
            host: the machine's own name for itself, a part of each session's identity.
            packets: the folder of the ring of original packets, where the settings want one.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for problem in _count_leftovers(spool, folder):
            _log.warning("what an earlier capture had left could not be counted", problem=str(problem))
        self._rings = list(rings)
        self.deliverer = Deliverer(spool.append_many)
        self._watchers: list[tuple[Watcher, Tally]] = []
        started = clock()
        for ring in rings:
            source = source_of(ring.interface, host, started)
            tally = Tally(folder, source)
            keeper = self._keeper(ring, source, settings, packets)
            more: dict[str, Any] = {} if keeper is None else {"more": keeper.hand_on, "finish": keeper.close}
            keep = keeper.keep if keeper else None
            session = Session(source, ring.data, ring.link, started, keep=keep, choice=ring.choice)
            watcher = Watcher(
                ring, session, self.deliverer, tally, clock, portion_seconds=settings.portion_seconds,
                absent_seconds=settings.absent_seconds, **more,
            )
            self._watchers.append((watcher, tally))

    @staticmethod
    def _keeper(ring: Ring, source: Source, settings: CaptureSettings, folder: Path | None) -> Keeper | None:
        """Who keeps the packets of a ring; nobody where the settings do not want it."""
        if folder is None or not settings.keep.max_bytes:
            return None
        kept = Kept(source, ring.interface, ring.link, ring.snap, ring.filter)
        try:
            return Keeper(folder, settings.keep, ring.data, kept)
        except OSError as error:
            raise UnreadableInput(place=Place(str(folder)), reason=error.strerror or str(error)) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def problem(self) -> Problem | None:
        """Why capturing as a whole cannot go on: nothing can be delivered, or no interface is left."""
        if self.deliverer.problem is not None:
            return self.deliverer.problem
        if any(watcher.alive for watcher, _ in self._watchers):
            return None
        return next((watcher.problem for watcher, _ in self._watchers if watcher.problem), None)

    def captured(self) -> list[Captured]:
        """What each interface gave so far."""
        return [
            Captured(
                watcher.ring.interface, watcher.session.packets, watcher.drops, watcher.problem, watcher.absence.count
            )
            for watcher, _ in self._watchers
        ]

    def end(self) -> None:
        """End all captures and deliver what they have; calling it again changes nothing."""
        watchers, self._rings = self._watchers if self._rings else [], []
        for watcher, _ in watchers:
            watcher.end()
        for watcher, _ in watchers:
            watcher.join()
        if watchers:
            self.deliverer.close()
        for watcher, tally in watchers:
            tally.close(done=self.deliverer.complete(watcher.session.source))
            watcher.ring.close()


def _count_leftovers(spool: EmbeddedSpool, folder: Path) -> list[Problem]:
    """Enter into the ledger what sessions of dead processes had taken and not delivered; what stood against it."""
    problems: list[Problem] = []
    counted = {(one.source.id, one.source.variant): one.counts for one in spool.report()}
    for found in leftovers(folder):
        begun = spool.position(found.source) or Position()
        lost = max(found.packets - (begun.ordinal - 1), 0)
        known = counted.get((found.source.id, found.source.variant), {})
        dropped = max(found.drops - known.get((PACKETS, DROPPED), 0), 0)
        counts = {(PACKETS, "read"): lost + dropped, (PACKETS, KILLED): lost, (PACKETS, DROPPED): dropped}
        ended = Position(begun.offset, begun.ordinal + lost, begun.state)
        try:
            if lost or dropped:
                spool.append(found.source, FORMAT, Portion((), (), counts | {(EVENTS, "sensed"): 0}, ended), begun)
        except Superseded:
            continue
        except Problem as problem:
            problems.append(problem)
            continue
        with suppress(OSError):
            found.path.unlink()
    return problems
