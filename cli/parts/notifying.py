"""Notification in a run: the outbox, the channels, and the notifier."""

import socket
from functools import cached_property
from random import SystemRandom

from cli.known_faults import Fault, fault
from cli.parts.book import WithBook
from cli.version import version
from correlation.notifying.channels.registry import Surroundings
from correlation.notifying.checking import check
from correlation.notifying.collecting import held_back
from correlation.notifying.errors import ChannelUnknown
from correlation.notifying.outbox import Outbox
from correlation.notifying.service import Notifier
from correlation.notifying.settings import ChannelSettings, NotifySettings
from sensors.errors import Problem

NOTIFIER = "notifier"
"""The lease that the one process holds which makes messages of alerts and delivers them."""


class WithNotifying(WithBook):
    """A run that notifies, or looks at what was sent."""

    @cached_property
    def outbox(self) -> Outbox:
        """The messages."""
        return Outbox(self.database)

    @cached_property
    def around(self) -> Surroundings:
        """What channels know beside their settings."""
        return Surroundings(self.clock, self.settings.notify.language, version(), socket.gethostname())

    def notifier(self) -> Notifier:
        """The notifier; the caller holds the lease."""
        return Notifier(self.database, self.settings.notify, self.around, SystemRandom())

    def refused(self, settings: NotifySettings, known: frozenset[Fault] = frozenset()) -> list[Problem]:
        """What is wrong with settings of notification, beside what was known already, each once."""
        found = {fault(one.problem): one.problem for one in check(settings, self.around) if one.problem}
        return [problem for name, problem in found.items() if name not in known]

    def held(self) -> dict[str, int]:
        """How many alerts were held back, by reason."""
        return held_back(self.database)

    def channel(self, name: str) -> ChannelSettings:
        """The channel of this name.

        Raises:
            ChannelUnknown: there is none.
        """
        notify = self.settings.notify
        if (found := notify.channel(name)) is None:
            raise ChannelUnknown(name=name, known=[one.name for one in notify.channels] or "-")
        return found
