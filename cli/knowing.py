"""What registers say is taken up by the process that matches as soon as it changes, while events go on.

A register is written as a whole or not at all, so that, other than a file, it may go live by itself. Half a million
assets take seconds to become a table: another thread makes it, and events are matched with the one of before meanwhile.
"""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import structlog

from cli.house import House
from cli.parts.context import Declared, with_registers
from correlation.service import Correlator

EVERY: Final = 5.0
"""Seconds between two looks at the number of the last batch."""
_log = structlog.get_logger(__name__)


class Knowing:
    """Looks whether registers have changed (`look`), and takes them up when what they say is ready."""

    def __init__(self, house: House, correlator: Correlator) -> None:
        """What is at work now: `house` has read the registers for this correlator."""
        self._house = house
        self._correlator = correlator
        self._taken = house.batch_known
        self._looked = time.monotonic()
        self._making: _Making | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="registers")

    def look(self) -> None:
        """Do what there is to be done; nothing of a step may be under way."""
        try:
            self._look()
        except Exception:  # noqa: BLE001 - what is at work must go on, whatever is wrong with what should take its place
            _log.exception("registers were not taken up")
            self._making = None

    def _look(self) -> None:
        if self._making is not None:
            if self._making.made.done():
                making, self._making = self._making, None
                self._take_up(making)
        elif time.monotonic() - self._looked > EVERY:
            self._looked = time.monotonic()
            number, before = self._house.inventory.last(), self._house.declared
            if number != self._taken:
                made = self._thread.submit(with_registers, before.files, self._house.inventory)
                self._making = _Making(number, before, made)

    def _take_up(self, making: "_Making") -> None:
        declared = making.made.result()
        if self._house.declared is not making.before:
            # Files were taken up meanwhile, and the registers with them.
            self._taken = self._house.batch_known
            return
        self._house.know(self._correlator, declared)
        self._taken = making.number
        _log.info("registers taken up", batch=making.number, entries=len(declared.land.entries))


@dataclass(frozen=True, slots=True)
class _Making:
    """What is being made: of which batch, in the place of what."""

    number: int
    before: Declared
    made: Future[Declared]
