"""The incidents of a run."""

from functools import cached_property
from typing import TYPE_CHECKING

from cli.parts.book import WithBook
from correlation.incidents.book import IncidentBook
from correlation.incidents.changing import ChangeBook
from correlation.incidents.deriving import Deriving
from correlation.incidents.grading import Guide, guide
from correlation.incidents.linking import linking_policy
from correlation.incidents.service import Grouping
from correlation.incidents.severity import Weights, weights
from correlation.incidents.windowing import WindowRegister

if TYPE_CHECKING:
    from api.ports import IncidentServices


def served_incidents(house: "WithIncidents") -> "IncidentServices":
    """What the API uses of them."""
    from api.ports import IncidentServices  # noqa: PLC0415 - commands that serve nothing do not load it

    return IncidentServices(house.incidents, house.changes, house.window_register, house.weights, house.guide)


class WithIncidents(WithBook):
    """A run that makes incidents of alerts, reads them or changes them."""

    @cached_property
    def incidents(self) -> IncidentBook:
        """The incidents, to be read."""
        return IncidentBook(self.database)

    @cached_property
    def changes(self) -> ChangeBook:
        """What people do about incidents."""
        return ChangeBook(self.database, self.clock)

    @cached_property
    def weights(self) -> Weights:
        """What makes an incident severe, as the settings have it."""
        return weights(self.settings.incidents.severity, self.settings.incidents.warning)

    @cached_property
    def guide(self) -> Guide:
        """The grading guide, as the settings have it."""
        return guide(self.settings.incidents.grading)

    @cached_property
    def window_register(self) -> WindowRegister:
        """Maintenance windows and drills."""
        return WindowRegister(self.database, self.weights, self.clock)

    def grouping(self) -> Grouping:
        """What makes incidents of recorded alerts; the caller holds the correlator's lease."""
        policy = linking_policy(self.settings.incidents.linking)
        return Grouping(Deriving(self.database, policy, self.weights, self.clock), self.clock)
