"""What the devices behind a listener did since it was noted last, counted batch by batch.

A device is the address that its messages come from with the name that they give it: behind a relay the name tells
devices apart, and of two that were never given a name of their own the address. The interpreter's own loops count the
messages; what has to be done for each device is done once for all messages that were persisted together, and noted some
seconds at a time.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, Final, TypeAlias

from sensors.delivery.devices import MOST_DEVICES, REST, Heard
from sensors.event.model import Batch
from sensors.event.times import SECOND
from sensors.parsers.unknown import DATASET as UNKNOWN

SENDER: Final = "log.source.address"
NOTE_SECONDS: Final = 5
"""How often what the devices did is noted."""
_NAMES: Final = ("log.syslog.hostname", "observer.name", "host.name")
"""Where a message names its device; the first that it has."""
_NAME_LENGTH: Final = 255
_NOBODY: Final[frozenset[str]] = frozenset()

Key: TypeAlias = tuple[str, str]
"""Address and name."""


@dataclass(slots=True)
class _Round:
    """What came together: counts by device, and the time of a message of each that has one.

    `relayed` are counts by name for each address that batches came from as a whole: then names alone are counted.
    """

    received: int = 0
    events: Counter[Key] = field(default_factory=Counter)
    relayed: dict[str, Counter[str]] = field(default_factory=dict)
    unknown: Counter[Key] = field(default_factory=Counter)
    rejected: Counter[Key] = field(default_factory=Counter)
    newest: dict[Key, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Tally:
    """What one device did since it was noted last (see `Heard`)."""

    last: int = 0
    events: int = 0
    unknown: int = 0
    rejected: int = 0
    newest: int | None = None
    lag: int | None = None
    least: int | None = None


class Devices:
    """Counts what the devices of one listener did; what a round counts holds once the round was persisted."""

    def __init__(self) -> None:
        self._round = _Round()
        self._open: dict[Key, _Tally] = {}
        self._names: dict[str, str] = {}
        """The one name that came from an address; empty where there were several."""
        self._timed: set[Key] = set()
        self._timed_names: dict[str, set[str]] = {}
        """Devices whose clock was looked at since they were noted: once is enough, and takes longest. What a flood of
        names adds to them is bounded like the devices themselves."""
        self._noted = 0
        self._noting: int | None = None

    def saw(self, batches: Iterable[Batch]) -> None:
        """Count batches whose events have their sender's address."""
        now = self._round
        for batch in batches:
            now.received = batch.received
            addresses = _values(batch, SENDER) or ""
            hosts = next(filter(None, (_values(batch, name) for name in _NAMES)), "")
            dated = "hanwatch.time.origin" not in batch.constants
            if isinstance(addresses, str) and not isinstance(hosts, str):
                now.relayed.setdefault(addresses, Counter()).update(hosts)
                if dated and not self._timed_names.get(addresses, _NOBODY).issuperset(hosts):
                    last = dict(zip(hosts, batch.times.tolist(), strict=True))
                    now.newest.update(((addresses, host), moment) for host, moment in last.items())
                continue
            if isinstance(addresses, str):
                pairs = [(addresses, hosts)] * len(batch)
            else:
                pairs = list(zip(addresses, _column(hosts), strict=False))
            now.events.update(pairs)
            if batch.dataset == UNKNOWN:
                now.unknown.update(pairs)
            if dated and not self._timed.issuperset(pairs):
                now.newest.update(zip(pairs, batch.times.tolist(), strict=True))

    def flows(self, address: str, received: int, events: int, newest: int) -> None:
        """Count what an exporter sent, the last of it at `newest` by its own clock."""
        self._round.received = received
        self._round.events[address, ""] += events
        self._round.newest[address, ""] = newest

    def refused(self, senders: Iterable[str], received: int) -> None:
        """Count messages that became no event, by their senders."""
        for sender, count in Counter(senders).items():
            self._round.received = received
            self._round.rejected[sender, ""] += count

    def due(self, received: int, *, all_of_it: bool = False) -> Sequence[Heard]:
        """What is to be noted now of the rounds before: nothing until some seconds have passed."""
        if not self._open or (not all_of_it and received - self._noted < NOTE_SECONDS * SECOND):
            return ()
        self._noting = received
        return [
            Heard(*key, one.last, one.events, one.unknown, one.rejected, one.newest, one.lag, one.least)
            for key, one in self._open.items()
        ]

    def settle(self, *, persisted: bool) -> None:
        """The round was persisted, with what was due; or it was given up, and comes again."""
        if persisted:
            if self._noting is not None:
                self._open, self._noted = {}, self._noting
                self._timed, self._timed_names = set(), {}
            self._fold()
        self._round = _Round()
        self._noting = None

    def _fold(self) -> None:
        now = self._round
        for address, hosts in now.relayed.items():
            now.events.update({(address, host): count for host, count in hosts.items()})
            if sum(map(len, self._timed_names.values())) < MOST_DEVICES:
                mine = self._timed_names.setdefault(address, set())
                mine.update(host for host in hosts if (address, host) in now.newest)
        if len(self._timed) < MOST_DEVICES:
            self._timed.update(now.newest)
        for address, host in now.events:
            if host and self._names.get(address) != host:
                self._name(address, host)
        for key, count in now.events.items():
            one = self._tally(key)
            one.events += count
            newest = now.newest.get(key)
            if newest is not None:
                lag = now.received - newest
                one.newest, one.lag = newest, lag
                one.least = lag if one.least is None or lag < one.least else one.least
        for key, count in now.unknown.items():
            self._tally(key).unknown += count
        for key, count in now.rejected.items():
            self._tally(key).rejected += count

    def _name(self, address: str, host: str) -> None:
        if address in self._names:
            self._names[address] = ""
        elif len(self._names) < MOST_DEVICES:
            self._names[address] = host

    def _tally(self, key: Key) -> _Tally:
        """The device of a key; what says no name is of the only one that its address has."""
        address, host = key
        known = (address, host[:_NAME_LENGTH] if host else self._names.get(address, "")[:_NAME_LENGTH])
        one = self._open.get(known)
        if one is None:
            if len(self._open) >= MOST_DEVICES:
                known = REST
            one = self._open.setdefault(known, _Tally())
        one.last = self._round.received
        return one


def _values(batch: Batch, name: str) -> Any:
    """A field's values: a list of texts, or one where all are the same; None where not all are texts."""
    column = batch.columns.get(name)
    if column is not None:
        return column if set(map(type, column)) == {str} else None
    constant = batch.constants.get(name)
    return constant if isinstance(constant, str) else None


def _column(values: Any) -> Any:
    return repeat(values) if isinstance(values, str) else values
