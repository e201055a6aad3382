"""`hanwatch intelligence run`: the process that reads feeds by itself."""

import os
import signal
import sys
from time import sleep
from types import FrameType
from typing import Annotated

import typer

from cli.ground import settings_of
from cli.journal import keep_journal
from cli.options import DataOption
from cli.output import DONE, FAILED, tell
from cli.parts.again import WithLookingAgain
from cli.parts.spool import WithSpool
from correlation.intelligence.errors import FeedNothing, FeedsNever
from correlation.intelligence.feeding import Feeder

FEEDER = "feeder"
"""The lease that the one process holds which reads feeds by itself."""
NICENESS = 10
"""Who matches and stores comes first, where the processor has not enough for all."""


class _Feeding(WithLookingAgain, WithSpool):
    """What reading feeds, and looking for what they bring, needs; the spool lends the lease."""


def run(
    context: typer.Context,
    data: DataOption = None,
    once: Annotated[bool, typer.Option("--once", help=tell("cli.intelligence.run.once"))] = False,
) -> None:
    """Read the feeds and files of the settings until asked to end."""
    keep_journal(verbose=context.obj.verbose)
    settings = settings_of(context, data)
    intelligence = settings.intelligence
    if not intelligence.files and not intelligence.feeds:
        raise FeedNothing
    if not intelligence.active and not once:
        raise FeedsNever
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    with _Feeding(settings) as house, house.spool.lease(FEEDER):
        wait = house.looking_again().wait if intelligence.look_back_days else sleep
        feeder = Feeder(house.indicators, intelligence, house.clock, wait)
        if once:
            raise typer.Exit(FAILED if feeder.read() else DONE)
        os.nice(NICENESS)
        feeder.run()


def _end(_number: int, _frame: FrameType | None) -> None:
    """End at once, whatever is waited for: what was begun is rolled back, and read again the next time."""
    sys.exit(0)
