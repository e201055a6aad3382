"""What the API needs of the house, as protocols: it opens nothing itself, so tests hand it what they want."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from correlation.alerts.book import AlertBook
from correlation.incidents.book import IncidentBook
from correlation.incidents.changing import ChangeBook
from correlation.incidents.grading import Guide
from correlation.incidents.severity import Weights
from correlation.incidents.windowing import WindowRegister
from correlation.notifying.standing import Standing
from correlation.ports import EventStore
from correlation.posture.service import PostureService
from sensors.delivery.activity import SourceActivity
from sensors.delivery.report import SourceReport
from sensors.event.times import Clock


class Ledger(Protocol):
    """The loss ledger."""

    def report(self) -> Sequence[SourceReport]:
        """The balances of every source."""
        ...

    def activity(self) -> Sequence[SourceActivity]:
        """When every source was heard, how much came, whether it has fallen silent."""
        ...


@dataclass(frozen=True, slots=True)
class IncidentServices:
    """What the routes of incidents use."""

    book: IncidentBook
    changes: ChangeBook
    windows: WindowRegister
    weights: Weights
    guide: Guide


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the routes use."""

    store: EventStore
    book: AlertBook
    ledger: Ledger
    clock: Clock
    token: str
    version: str
    owner_of: Callable[[str], str | None] = lambda _name: None
    """Who is responsible for a source, by its name."""
    incidents: IncidentServices = field(kw_only=True)
    posture: PostureService = field(kw_only=True)
    notification: Callable[[], Standing] = field(kw_only=True, default=lambda: Standing("off"))
    """How notification stands now."""
