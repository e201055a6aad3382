"""`hanwatch notify run`: the process that makes messages of alerts and delivers them."""

import os
from threading import Event, Thread
from typing import Annotated

import structlog
import typer

from cli.asking import asked, asked_by_hangup
from cli.ground import settings_of
from cli.journal import keep_journal
from cli.options import DataOption
from cli.output import FAILED, tell
from cli.parts.notifying import NOTIFIER, WithNotifying
from cli.parts.spool import WithSpool
from cli.renotifying import Renotifying
from cli.stopping import Stop

END_SECONDS = 3.0
"""How long what is being sent may take when the process is asked to end; what is cut off is sent again."""
NICENESS = 10
"""In a flood, alerts are recorded first and told a little later: measured in docs/notification.md."""
_log = structlog.get_logger(__name__)


class _Notifying(WithNotifying, WithSpool):
    """What a notifier needs; the spool lends the lease."""


def run(
    context: typer.Context,
    data: DataOption = None,
    once: Annotated[bool, typer.Option("--once", help=tell("cli.notify.run.once"))] = False,
) -> None:
    """Notify until asked to end."""
    keep_journal(verbose=context.obj.verbose)
    stop = Stop()
    with (
        _Notifying(settings_of(context, data)) as house,
        house.spool.lease(NOTIFIER),
        house.sole(NOTIFIER),
        asked_by_hangup(house.settings.data),
    ):
        begun = asked(house.settings.data)
        notifier = house.notifier()
        if once:
            notifier.drain()
            tallies = house.outbox.tally().values()
            if any(tally.waiting or tally.failed for tally in tallies):
                raise typer.Exit(FAILED)
            return
        _yield_to_others()
        renotifying = Renotifying(house, notifier, lambda: settings_of(context, data), begun)
        ended = Event()
        # The main thread waits for the signal; work is done beside it, so that no wait of its own is missed.
        work = Thread(target=notifier.run, args=(ended,), name=NOTIFIER, daemon=True)
        work.start()
        _log.info("notifier ready", channels=len(house.settings.notify.channels))
        while not stop.asked() and work.is_alive():
            renotifying.look()
            stop.wait(0.5)
        ended.set()
        work.join(END_SECONDS)


def _yield_to_others() -> None:
    """Leave the processor to those who match and store, where it has not enough for all."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
