"""The thread that spools what a listener received: sorted, parsed, persisted together, and only then answered."""

from collections.abc import Mapping, Sequence
from threading import Event, Thread
from typing import Protocol

import structlog

from sensors.delivery.devices import Heard
from sensors.delivery.errors import SpoolBusy, SpoolFull
from sensors.delivery.ports import Delivery, Spool
from sensors.event.times import Clock
from sensors.listening.devices import Devices
from sensors.listening.inbox import Inbox
from sensors.listening.lanes import Lane, LineLane, source_of
from sensors.listening.model import Answer, Arrivals, Refused, refused
from sensors.listening.sorting import Pile, Sorted, Sorter
from sensors.parser import LineParser

FLUSH_SECONDS = 0.2
"""How long messages wait for others, so that one wait for the disk serves them all."""
FLUSH_MESSAGES = 20_000
FULL_SECONDS = 1.0
UNKNOWN = "format-unknown"
_log = structlog.get_logger(__name__)


class Maker(Protocol):
    """Makes deliveries of arrivals, and knows what became of them."""

    def deliveries(self, arrivals: Sequence[Arrivals], received: int) -> list[Delivery]:
        """The deliveries of what arrived; every message is in exactly one of them."""
        ...

    def idle(self, received: int) -> list[Delivery]:
        """What is to be noted while nothing comes."""
        ...

    def finish(self, received: int) -> list[Delivery]:
        """The deliveries of what is left when nothing more will come."""
        ...

    def settle(self, *, persisted: bool) -> None:
        """The deliveries were persisted, or given up."""
        ...

    def refused(self, arrivals: Arrivals) -> Mapping[int, str]:
        """Why messages of the last deliveries were refused, by their index in these arrivals."""
        ...


class LineMaker:
    """Deliveries of messages that are lines."""

    def __init__(self, spool: Spool, listener: str, name: str, sorter: Sorter) -> None:
        self._spool = spool
        self._listener = listener
        self._name = name
        self._sorter = sorter
        self._lanes: dict[str, LineLane] = {}
        self._refused: dict[int, dict[int, str]] = {}
        source = source_of(listener, "", name)
        self._own = Lane(source, "", spool.position(source))
        self._session = self._kept_session = session_of(self._own)
        self._devices = Devices()
        self._unread: list[str] = []

    @property
    def next_session(self) -> int:
        """The first session number that was never used."""
        return self._kept_session + 1

    def deliveries(self, arrivals: Sequence[Arrivals], received: int) -> list[Delivery]:
        """The deliveries of what arrived (see Maker)."""
        self._refused.clear()
        self._unread.clear()
        found = self._sorter.sort(arrivals)
        refusals = list(found.refused)
        made: list[Delivery] = []
        strays = self._parse(found, received, made, refusals, again=self._sorter.detects)
        self._parse(strays, received, made, refusals, again=False)
        lost = added(arrivals)
        self._session = max([self._session, *(some.places[-1] >> 32 for some in arrivals if some.places)])
        self._devices.saw(batch for each in made for batch in each.portion.batches)
        self._devices.refused([*self._unread, *(some.sender for some in arrivals for _ in some.refused)], received)
        devices = self._devices.due(received)
        if refusals or lost or devices or self._session != self._kept_session:
            made.append(self._own.refusal(refusals, lost, {"session": self._session}, devices))
        return made

    def idle(self, received: int) -> list[Delivery]:
        """What devices did before they fell silent (see Maker)."""
        return self._noted(self._devices.due(received))

    def finish(self, received: int) -> list[Delivery]:
        """What devices did last: every message was in the deliveries of its call."""
        return self._noted(self._devices.due(received, all_of_it=True))

    def _noted(self, devices: Sequence[Heard]) -> list[Delivery]:
        return [self._own.refusal((), {}, {"session": self._session}, devices)] if devices else []

    def settle(self, *, persisted: bool) -> None:
        """What was made has been persisted, or given up."""
        self._devices.settle(persisted=persisted)
        for lane in (self._own, *self._lanes.values()):
            lane.settle(persisted=persisted)
        if persisted:
            self._kept_session = self._session

    def _parse(
        self, found: Sorted, received: int, made: list[Delivery], refusals: list[Refused], *, again: bool
    ) -> Sorted:
        """Parse piles; gives those messages that another format takes."""
        strays = Sorted()
        for (parser, place), pile in found.piles.items():
            if parser is None:
                self._unknown(pile, strays, refusals, again=again)
                continue
            lane = self._lane(parser)
            parsed = lane.parse(pile, received)
            gone: set[int] = set()
            if again:
                first = lane.position.ordinal
                for reject in (reject for each, _ in parsed for reject in each.rejects):
                    index = reject.ordinal - first
                    other = self._sorter.elsewhere(pile, index, parser, reject.reason)
                    if other is not None:
                        gone.add(index)
                        pile.move(index, strays.pile(other, place))
            for reject in (reject for each, _ in parsed for reject in each.rejects):
                index = reject.ordinal - lane.position.ordinal
                if index not in gone:
                    self._unread.append(pile.senders[index])
                    self._tell(pile, index, reject.reason)
            made += lane.deliveries(pile, parsed, frozenset(gone), self._own.source.id)
        return strays

    def _unknown(self, pile: Pile, strays: Sorted, refusals: list[Refused], *, again: bool) -> None:
        for index, text in enumerate(pile.texts):
            other = self._sorter.elsewhere(pile, index) if again else None
            if other is not None:
                pile.move(index, strays.pile(other, pile.place))
            else:
                refusals.append(refused(UNKNOWN, text, detail=pile.senders[index]))
                self._unread.append(pile.senders[index])
                self._tell(pile, index, UNKNOWN)

    def refused(self, arrivals: Arrivals) -> Mapping[int, str]:
        """Why messages were refused (see Maker)."""
        return self._refused.get(id(arrivals), {})

    def _tell(self, pile: Pile, index: int, reason: str) -> None:
        """Remember for whoever waits that a message was refused."""
        mark = pile.marks[index]
        if mark is not None:
            self._refused.setdefault(id(mark[0]), {})[mark[1]] = reason

    def _lane(self, parser: LineParser) -> LineLane:
        lane = self._lanes.get(parser.name)
        if lane is None:
            source = source_of(self._listener, parser.name, self._name)
            lane = self._lanes[parser.name] = LineLane(source, parser, self._spool.position(source))
        return lane


def session_of(lane: Lane) -> int:
    """The last session number that a listener's own source has kept."""
    state = lane.position.state
    number = state.get("session", 0) if isinstance(state, dict) else 0
    return number if isinstance(number, int) else 0


def added(arrivals: Sequence[Arrivals]) -> dict[str, int]:
    """What is known to be lost, by bucket."""
    total: dict[str, int] = {}
    for some in arrivals:
        for bucket, count in some.lost.items():
            total[bucket] = total.get(bucket, 0) + count
    return total


class Writer(Thread):
    """Takes from the inbox until it is closed and empty."""

    def __init__(  # noqa: PLR0913 - what it stands between
        self, name: str, inbox: Inbox, spool: Spool, maker: Maker, clock: Clock, *, messages: int = FLUSH_MESSAGES
    ) -> None:
        super().__init__(name=f"writer {name}", daemon=True)
        self._messages = messages
        self._inbox = inbox
        self._spool = spool
        self._maker = maker
        self._clock = clock
        self._giving_up = Event()
        self.failure: Exception | None = None

    def give_up(self) -> None:
        """Wait no longer for a spool that is full."""
        self._giving_up.set()

    def run(self) -> None:
        """Spool what comes."""
        taken: list[Arrivals] = []
        try:
            while True:
                taken = self._inbox.take(self._messages, FLUSH_SECONDS)
                if taken:
                    self._write(taken)
                elif self._inbox.closed:
                    self._append(self._maker.finish(self._clock()))
                    return
                else:
                    self._idle()
        except Exception as error:  # noqa: BLE001 - whoever supervises is told, and nobody waits for ever
            self.failure = error
            _give_up(taken, error)
            self._inbox.close()
            for rest in iter(lambda: self._inbox.take(FLUSH_MESSAGES, 0), []):
                _give_up(rest, error)

    def _idle(self) -> None:
        try:
            self._append(self._maker.idle(self._clock()))
        except (SpoolFull, SpoolBusy):
            self._maker.settle(persisted=False)

    def _append(self, made: Sequence[Delivery]) -> None:
        if made:
            self._spool.append_many(made)
            self._maker.settle(persisted=True)

    def _write(self, taken: list[Arrivals]) -> None:
        """Persist; where the spool has no room those who wait for an answer get it, and the rest is tried again."""
        error = self._persist(taken)
        while error is not None:
            _give_up(taken, error)
            taken = [some for some in taken if not some.persisted]
            if not taken:
                return
            _log.warning("the spool takes nothing", listener=self.name, why=str(error))
            if self._giving_up.wait(FULL_SECONDS):
                _log.error("ended before the spool took it", messages=sum(len(some.texts) for some in taken))
                return
            error = self._persist(taken)
        for some in taken:
            if some.persisted:
                some.persisted(Answer(refused=self._maker.refused(some)))

    def _persist(self, taken: Sequence[Arrivals]) -> Exception | None:
        made = self._maker.deliveries(taken, self._clock())
        try:
            if made:
                self._spool.append_many(made)
        except (SpoolFull, SpoolBusy) as error:
            self._maker.settle(persisted=False)
            return error
        self._maker.settle(persisted=True)
        return None


def _give_up(taken: Sequence[Arrivals], error: Exception) -> None:
    for some in taken:
        if some.persisted:
            some.persisted(Answer(error))
