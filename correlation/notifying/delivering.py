"""Delivering the messages of one channel: one at a time, tried again after growing pauses, failures kept and told.

An attempt is written down before it is made, with the time of the next one: a kill in its middle costs a pause and
repeats that one message, under the same id.
"""

from random import Random  # noqa: TID251 - the type: what is used is passed in
from typing import Final

import structlog

from correlation.notifying.channel import Channel  # noqa: TC001 - as elsewhere
from correlation.notifying.channels.registry import BOUNDS, Surroundings, open_channel
from correlation.notifying.errors import (
    AuthoritiesUnusable,
    DeliveryDeferred,
    DeliveryRefused,
    SecretUnusable,
    TemplateUnusable,
)
from correlation.notifying.escaping import one_line
from correlation.notifying.outbox import Entry, Outbox
from correlation.notifying.rendering import Renderer
from correlation.notifying.settings import ChannelSettings
from correlation.secret import hide
from sensors.event.times import SECOND

FIRST_PAUSE: Final = 15.0
LONGEST_PAUSE: Final = 1_800.0
CHANNEL_PAUSE: Final = 60.0
"""After a failure that is not one message's own, others of the channel wait as well, so many seconds at most."""
MINUTE: Final = 60 * SECOND
_log = structlog.get_logger(__name__)


def pause_after(attempts: int, random: Random) -> float:
    """Seconds between an attempt and the next: twice as long each time, half of it by chance.

    Chance keeps many messages, or many of us, from coming back at the same moment.
    """
    whole = min(FIRST_PAUSE * 2.0 ** min(attempts - 1, 30), LONGEST_PAUSE)
    return whole * (0.5 + random.random() / 2)


class Courier:
    """Delivers what the outbox holds for one channel."""

    def __init__(
        self, settings: ChannelSettings, around: Surroundings, outbox: Outbox, renderer: Renderer, random: Random
    ) -> None:
        self._settings = settings
        self._around = around
        self._outbox = outbox
        self._renderer = renderer
        self._random = random
        self._channel: Channel | None = None
        self._paused = 0
        self._apart = 0

    @property
    def name(self) -> str:
        """The channel's."""
        return self._settings.name

    def gap_left(self) -> float:
        """Seconds until the channel takes a message that is due, where it only has to keep a distance; else 0."""
        now = self._around.clock()
        if now >= self._apart or self._paused > self._apart or self._outbox.next_due(self.name, now) is None:
            return 0.0
        return (self._apart - now) / SECOND

    def step(self) -> bool:
        """Try one message if one is due and the channel is open; whether one was tried."""
        now = self._around.clock()
        if now < self._paused:
            return False
        entry = self._outbox.next_due(self.name, now)
        if entry is None or not self._open(now):
            return False
        due = now + round(pause_after(entry.attempts + 1, self._random) * SECOND)
        self._outbox.begin(entry, now, due)
        try:
            self._try(entry)
        except DeliveryDeferred as problem:
            self._defer(entry, due, problem)
        except DeliveryRefused as problem:
            self._fail(entry, problem.reason, problem.answer, problem.left)
        except TemplateUnusable as problem:
            self._fail(entry, f"{problem.place}: {problem.parameters['reason']}", "", ())
        except Exception:  # noqa: BLE001 - a fault of ours must neither end the channel nor stay unseen
            _log.exception("delivering failed", channel=self.name, message=entry.notice.id)
            self._defer(entry, due, DeliveryDeferred(reason="notify-fault", answer=""))
        else:
            self._outbox.sent(entry, self._around.clock())
            _log.info("message delivered", channel=self.name, message=entry.notice.id, alerts=entry.notice.count)
        return True

    def _try(self, entry: Entry) -> None:
        try:
            if self._channel is None:
                self._channel = open_channel(self._settings, self._around)
            message = self._renderer.message(entry.notice, self._channel.bounds, entry.only)
            self._channel.send(message)
        except (SecretUnusable, AuthoritiesUnusable) as problem:
            raise DeliveryDeferred(reason=str(problem.parameters["reason"]), answer="") from None

    def _open(self, now: int) -> bool:
        """Whether the channel takes one more message: no more a minute than its vendor or the settings allow."""
        bounds = BOUNDS[self._settings.kind]
        most, gap = self._settings.per_minute or bounds.per_minute, bounds.gap
        if not most and not gap:
            return True
        tried = self._outbox.tried_since(self.name, now - MINUTE)
        if most and len(tried) >= most:
            self._paused = tried[-most] + MINUTE
        elif tried and gap:
            self._apart = tried[-1] + round(gap * SECOND)
            self._paused = max(self._paused, self._apart)
        return now >= self._paused

    def _defer(self, entry: Entry, due: int, problem: DeliveryDeferred) -> None:
        reason = self._hidden(problem.reason)
        now = self._around.clock()
        if not problem.left:
            self._paused = now + round(min((due - now) / SECOND, CHANNEL_PAUSE) * SECOND)
        if problem.retry_after:
            due = max(due, now + round(problem.retry_after * SECOND))
            self._paused = max(self._paused, now + round(problem.retry_after * SECOND))
        if entry.attempts + 1 >= self._settings.attempts:
            self._fail(entry, problem.reason, problem.answer, problem.left)
            return
        self._outbox.deferred(entry, due, reason, self._hidden(str(problem.answer))[:40], problem.left)
        _log.info(
            "message not delivered yet", channel=self.name, message=entry.notice.id, attempt=entry.attempts + 1,
            reason=reason, answer=problem.answer,
        )  # fmt: skip
        # What changed meanwhile, a secret or a certificate, is read again at the next attempt.
        self._channel = None

    def _fail(self, entry: Entry, reason: str, answer: int | str, left: tuple[str, ...]) -> None:
        reason = self._hidden(reason)
        self._outbox.failed(entry, self._around.clock(), reason, self._hidden(str(answer))[:40], left)
        _log.warning(
            "message could not be delivered; see: hanwatch notify list --failed", channel=self.name,
            message=entry.notice.id, attempts=entry.attempts + 1, reason=reason, answer=answer,
        )  # fmt: skip
        self._channel = None

    def _hidden(self, text: str) -> str:
        """What the other side said, without secrets that it may have repeated."""
        return one_line(hide(text, self._channel.secrets if self._channel else ()))
