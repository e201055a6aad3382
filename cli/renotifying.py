"""Channels, routes and templates taken up anew by the notifier, without a restart.

Either everything is taken up or nothing: where a secret, an authority or a template has a fault that it did not have
before, or the settings cannot be used at all, those that are working stay.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cli.asking import NOTIFIER_ANSWERED, Answering, refused
from cli.known_faults import faults
from cli.parts.notifying import WithNotifying
from cli.settings import Settings
from correlation.notifying.service import Notifier


class Renotifying:
    """Looks whether somebody has asked (`look`), and does it."""

    def __init__(
        self, house: WithNotifying, notifier: Notifier, settings: Callable[[], Settings], begun: str | None
    ) -> None:
        """The notifier at work, with the settings of its house.

        `settings` reads them again; `begun` is what was asked last before the notifier was made.
        """
        self._house = house
        self._notifier = notifier
        self._settings = settings
        self._known = faults(house.refused(house.settings.notify))
        self.look = Answering(house.settings.data, NOTIFIER_ANSWERED, self._take_up, begun).look

    def _take_up(self) -> dict[str, Any]:
        notify = self._settings().notify
        if new := self._house.refused(notify, self._known):
            return refused(new)
        self._known = faults(self._house.refused(notify))
        self._house.settings = replace(self._house.settings, notify=notify)
        self._notifier.take_up(notify)
        return {"done": True, "channels": len(notify.channels), "routes": len(notify.routes), "problems": []}
