"""Posture in a run: made of everything that the run knows."""

from collections.abc import Callable, Sequence
from functools import cached_property

from cli.parts.context import WithContext
from cli.parts.incidents import WithIncidents
from cli.parts.rules import chosen_rules
from cli.parts.spool import WithSpool
from cli.parts.store import WithStore
from correlation.posture.landscape import Landscape
from correlation.posture.policy import Policy, posture_policy
from correlation.posture.service import PostureService, Recording
from correlation.posture.snapshots import SnapshotBook
from correlation.rules.model import Rule


class WithPosture(WithContext, WithIncidents, WithSpool, WithStore):
    """A run that tells how the city stands, or records it."""

    watched: Sequence[Rule] | None = None
    """The rules that match here; None: those that the settings name."""

    @cached_property
    def posture_policy(self) -> Policy:
        """The weights, as the settings have them."""
        return posture_policy(self.settings.posture.policy)

    @cached_property
    def posture(self) -> PostureService:
        """What makes postures."""
        return self._posture_of(lambda: self.landscape)

    @cached_property
    def snapshots(self) -> SnapshotBook:
        """What was recorded."""
        return SnapshotBook(self.database)

    @cached_property
    def recording(self) -> Recording:
        """What records posture now and then."""
        return Recording(lambda: self.posture, self.settings.posture, self.clock)

    def _posture_of(self, landscape: Callable[[], Landscape]) -> PostureService:
        return PostureService(
            self.database, self.store, self.spool, self.clock, policy=self.posture_policy, weights=self.weights,
            landscape=landscape, rules=self._watching,
        )  # fmt: skip

    def _watching(self) -> Sequence[Rule]:
        if self.watched is None:
            self.watched = chosen_rules(self.settings).rules
        return self.watched
