"""`hanwatch correlate`: the process that matches and stores what the sensors spool."""

import time
from typing import Annotated

import structlog
import typer

from cli.asking import asked, asked_by_hangup
from cli.ground import settings_of
from cli.house import MAINTENANCE_SECONDS, house_of
from cli.knowing import Knowing
from cli.options import DataOption
from cli.output import complain, tell
from cli.reloading import Reloading
from cli.stopping import Stop
from sensors.errors import Problem

RETRY_SECONDS = (1, 2, 5, 10, 30)
"""How long to wait after the store, the database or the disk refused, again and again at the last."""
_log = structlog.get_logger(__name__)


def correlate(
    context: typer.Context,
    data: DataOption = None,
    once: Annotated[bool, typer.Option("--once", help=tell("cli.correlate.once"))] = False,
) -> None:
    """Match and store until asked to end; a store that is away is waited for, and nothing is acknowledged meanwhile."""
    stop = Stop()
    with house_of(context, data) as house, house.matching(), asked_by_hangup(house.settings.data):
        # Whoever asks while rules are being loaded sees that we are there, and waits for an answer.
        begun = asked(house.settings.data)
        loaded = house.rules()
        for problem in loaded.problems:
            complain(problem)
        correlator = house.correlator(loaded, live=not once)
        counts = {"rules": len(loaded.rules), "correlations": len(loaded.correlations), "broken": len(loaded.problems)}
        _log.info("correlator ready", **counts)
        failures = 0
        maintained = 0.0
        reloading = Reloading(house, correlator, loaded, lambda: settings_of(context, data), begun)
        knowing = Knowing(house, correlator)
        while not stop.asked():
            if not failures:
                reloading.look()
                knowing.look()
            try:
                done = correlator.step()
                if done is None:
                    correlator.settle() if once else correlator.rest()
                if time.monotonic() - maintained > MAINTENANCE_SECONDS:
                    house.maintain(live=not once)
                    maintained = time.monotonic()
                failures = 0
            except Problem as problem:
                if once:
                    raise
                complain(problem)
                stop.wait(RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)])
                failures += 1
                continue
            if done is None:
                if once:
                    return
                stop.wait(0.2)
