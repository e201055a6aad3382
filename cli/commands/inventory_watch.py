"""`hanwatch inventory watch`: the process that keeps what traffic and logs show of addresses."""

import os
from typing import Annotated

import structlog
import typer

from cli.ground import settings_of
from cli.journal import keep_journal
from cli.options import DataOption
from cli.output import tell
from cli.parts.inventory import WithInventory
from cli.parts.spool import WithSpool
from cli.stopping import Stop
from inventory.observing.book import SightingBook
from inventory.observing.service import CONSUMER, Observing

NICENESS = 10
"""Who matches and stores comes first, where the processor has not enough for all."""
_log = structlog.get_logger(__name__)


class _Watching(WithInventory, WithSpool):
    """What observing needs."""

    def observing(self) -> Observing:
        """From the spool to what was seen."""
        return Observing(self.spool, SightingBook(self.database), self.inventory, self.clock)


def watch(
    context: typer.Context,
    data: DataOption = None,
    once: Annotated[bool, typer.Option("--once", help=tell("cli.inventory.watch.once"))] = False,
) -> None:
    """Keep what events show of addresses until asked to end."""
    keep_journal(verbose=context.obj.verbose)
    stop = Stop()
    with _Watching(settings_of(context, data)) as house, house.spool.lease(CONSUMER):
        observing = house.observing()
        if once:
            while observing.step() is not None:
                pass
            observing.write()
            return
        os.nice(NICENESS)
        _log.info("observer ready")
        while not stop.asked():
            if observing.step() is None:
                stop.wait(0.5)
        observing.write()
