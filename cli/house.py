"""Composition: from settings to the running parts, each opened when it is first needed and closed together."""

import os
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from cli.settings import Settings
from cli.steady import steady
from correlation.alerts.book import AlertBook
from correlation.alerts.database import open_database
from correlation.errors import CorrelationProblem
from correlation.matcher.engine import Matcher
from correlation.ports import EventStore
from correlation.rules.loading import load_rules
from correlation.rules.model import Rule
from correlation.service import Correlator
from correlation.store.factory import open_store
from sensors.delivery.spool import EmbeddedSpool
from sensors.errors import Place, Problem
from sensors.service import Intake

_log = structlog.get_logger(__name__)

CORRELATOR = "correlator"
"""The lease that the one process holds which matches and stores."""


class DataFolderUnusable(Problem):
    """The data folder cannot be made or written."""

    code = "data-unusable"


class House:
    """The parts of one run of the program over one data folder."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = time.time_ns
        self._open = ExitStack()
        try:
            settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise DataFolderUnusable(place=Place(str(settings.data)), reason=error.strerror) from error
        if not os.access(settings.data, os.R_OK | os.W_OK | os.X_OK):
            raise DataFolderUnusable(place=Place(str(settings.data)), reason="no right to read and write it")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    @cached_property
    def spool(self) -> EmbeddedSpool:
        """Delivery."""
        spool = EmbeddedSpool(self.settings.data / "spool", self.settings.spool, self.clock)
        self._open.callback(spool.close)
        return spool

    @cached_property
    def store(self) -> EventStore:
        """The event store that the settings choose."""
        store = open_store(self.settings.store, self.settings.data, self.clock)
        self._open.callback(store.close)
        return store

    @cached_property
    def book(self) -> AlertBook:
        """The alerts."""
        engine = open_database(self.settings.database_url)
        self._open.callback(engine.dispose)
        return AlertBook(engine)

    @cached_property
    def intake(self) -> Intake:
        """From files into the spool."""
        self._open.enter_context(steady())
        return Intake(self.spool, self.clock)

    def maintain(self) -> None:
        """What has to be done now and then by the process that stores: retention, and merging small files."""
        self.spool.retain()
        for dropped in self.store.maintain():
            _log.warning("retention dropped a day of events", **asdict(dropped))

    def rules(self, more: Sequence[Path] = ()) -> tuple[Sequence[Rule], Sequence[CorrelationProblem]]:
        """The rules that the settings name and those of `more`, and what is wrong with the others."""
        return load_rules([*self.rule_paths(more)], cache=self.settings.data / "cache" / "rules")

    def rule_paths(self, more: Sequence[Path] = ()) -> list[Path]:
        """Where rules are loaded from, the product's own pack first."""
        own = [Path(str(files("correlation") / "pack"))] if self.settings.rules.own_pack else []
        return [*own, *self.settings.rules.folders, *more]

    def correlator(self, rules: Sequence[Rule]) -> Correlator:
        """The correlator with these rules; the caller holds the lease."""
        matcher = Matcher(rules)
        self._open.enter_context(steady())
        return Correlator(self.spool, self.store, self.book, matcher, self.clock)
