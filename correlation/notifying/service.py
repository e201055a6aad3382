"""The notifier: one thread moves alerts into the outbox, one for each channel delivers.

A channel that is slow or away holds up nobody else, and nothing here is waited for by whoever records alerts.
"""

from collections.abc import Callable
from dataclasses import replace
from random import Random  # noqa: TID251 - the type: what is used is passed in
from threading import Event, Thread
from time import sleep
from typing import Final

import structlog
from sqlalchemy import Engine

from correlation.alerts.sole import RoleLostError
from correlation.notifying.channels.registry import Surroundings
from correlation.notifying.collecting import Collector
from correlation.notifying.delivering import Courier
from correlation.notifying.gate import Gate, open_gate
from correlation.notifying.outbox import Outbox
from correlation.notifying.rendering import Renderer
from correlation.notifying.settings import NotifySettings

LOOK_SECONDS: Final = 0.5
"""How long nothing to do is waited for."""
PAUSES: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
"""After the database refused, again and again at the last."""
EXPIRE_STEPS: Final = 7_200
"""Old messages are removed after so many looks, about once an hour."""
_log = structlog.get_logger(__name__)


class Notifier:
    """Collector and couriers over one database; one at a time for it."""

    def __init__(  # noqa: PLR0913 - what it stands between
        self,
        engine: Engine,
        settings: NotifySettings,
        around: Surroundings,
        random: Random,
        *,
        gate: Gate = open_gate,
        wait: Callable[[float], None] = sleep,
    ) -> None:
        self._engine = engine
        self._around = around
        self._random = random
        self._gate = gate
        self._wait = wait
        self._outbox = Outbox(engine)
        self._fresh: NotifySettings | None = None
        self._delivering: dict[str, tuple[Thread, Event]] = {}
        self._set(settings)

    def _set(self, settings: NotifySettings) -> None:
        self._settings = settings
        self._around = replace(self._around, language=settings.language)
        self._collector = Collector(self._engine, settings, self._around.clock, self._gate)
        renderer = Renderer(settings)
        self._couriers = [
            Courier(channel, self._around, self._outbox, renderer, Random(self._random.getrandbits(64)))  # noqa: S311 - pauses, no secrets
            for channel in settings.channels
        ]

    def run(self, stop: Event) -> None:
        """Work until `stop` is set; what is being sent then is finished or cut off by the end of the process."""
        self._deliver()
        try:
            _endlessly(self._collect(), stop, "")
        finally:
            for _, ended in self._delivering.values():
                ended.set()

    def take_up(self, settings: NotifySettings) -> None:
        """Go on with other settings from the next look on; whatever waits in the outbox or is counted stays there."""
        self._fresh = settings

    def _deliver(self) -> None:
        """Let each channel have a thread; one that took its place waits until what is being sent has been."""
        before, self._delivering = self._delivering, {}
        for _, ended in before.values():
            ended.set()
        for courier in self._couriers:
            ended, (last, _) = Event(), before.get(courier.name, (None, None))
            arguments = (courier.step, ended, courier.name, last)
            thread = Thread(target=_endlessly, args=arguments, name=courier.name, daemon=True)
            thread.start()
            self._delivering[courier.name] = thread, ended

    def drain(self) -> None:
        """Look at all alerts and deliver what is due, each message once; what is deferred stays for later."""
        self._keep_house()
        while self._collector.step():
            pass
        for courier in self._couriers:
            while True:
                if courier.step():
                    continue
                if not (left := courier.gap_left()):
                    break
                self._wait(left)

    def _collect(self) -> Callable[[], bool]:
        looks = 0

        def step() -> bool:
            nonlocal looks
            if self._fresh is not None:
                fresh, self._fresh, looks = self._fresh, None, 0
                self._set(fresh)
                self._deliver()
                _log.info("notification goes on with other settings", channels=len(fresh.channels))
            if looks % EXPIRE_STEPS == 0:
                self._keep_house()
            looks += 1
            return self._collector.step()

        return step

    def _keep_house(self) -> None:
        """Remove what is old, and give up on messages whose channel is no longer there."""
        now = self._around.clock()
        self._outbox.expire(now, self._settings.keep_days)
        if given_up := self._outbox.give_up({channel.name for channel in self._settings.channels}, now):
            _log.warning("messages of channels that are no longer there have failed", messages=given_up)


def _endlessly(step: Callable[[], bool], stop: Event, name: str, after: Thread | None = None) -> None:
    """Step, wait where nothing was to be done, and longer where that failed; all of it after another thread's end."""
    if after is not None:
        after.join()
    failures = 0
    while not stop.is_set():
        try:
            more = step()
            failures = 0
        except RoleLostError:
            # Another one may notify by now.
            raise
        except Exception:  # noqa: BLE001 - the database may be away for a while: nothing is lost by waiting for it
            _log.exception("notifying failed and is tried again", channel=name)
            stop.wait(PAUSES[min(failures, len(PAUSES) - 1)])
            failures += 1
            continue
        if not more:
            stop.wait(LOOK_SECONDS)
