"""Delivery in a run: the spool, its ledger and its quarantine."""

from functools import cached_property

from cli.ground import Ground
from sensors.delivery.spool import EmbeddedSpool

CORRELATOR = "correlator"
"""The lease that the one process holds which matches and stores."""


class WithSpool(Ground):
    """A run that delivers, or looks at what was delivered."""

    @cached_property
    def spool(self) -> EmbeddedSpool:
        """Delivery."""
        spool = EmbeddedSpool(self.settings.data / "spool", self.settings.spool, self.clock)
        self._open.callback(spool.close)
        return spool
