"""Composition of the whole: from settings to the running parts, each opened when first needed, closed together."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path

import structlog
import typer

from cli.ground import settings_of
from cli.journal import keep_journal
from cli.output import complain
from cli.parts.context import known_context
from cli.parts.formats import known_formats
from cli.parts.incidents import WithIncidents
from cli.parts.intelligence import WithIntelligence
from cli.parts.rules import chosen_rules, rule_paths
from cli.parts.spool import WithSpool
from cli.parts.store import WithStore
from cli.steady import steady
from correlation.matcher.engine import Matcher
from correlation.rules.loading import Loaded
from correlation.service import Correlator
from sensors.listening.service import Listening
from sensors.service import Intake

MAINTENANCE_SECONDS = 60
"""How often a process that stores without end keeps house (`House.maintain`)."""
_log = structlog.get_logger(__name__)


class House(WithIncidents, WithIntelligence, WithSpool, WithStore):
    """All parts of a run that reads, matches and stores."""

    @cached_property
    def intake(self) -> Intake:
        """From files into the spool."""
        self._open.enter_context(steady())
        scratch, most = self.settings.data / "scratch", self.settings.watch.most_unpacked
        intake = Intake(self.spool, self.clock, scratch, most_unpacked=most)
        self._open.callback(intake.close)
        return intake

    def listening(self) -> Listening:
        """From the network into the spool: the listeners of the settings, opened on entering."""
        self._open.enter_context(steady())
        return Listening(self.settings.listeners, self.spool, self.clock)

    def maintain(self) -> None:
        """What has to be done now and then by the process that stores: retention, and merging small files."""
        self.spool.retain()
        for dropped in self.store.maintain():
            _log.warning("retention dropped a day of events", **asdict(dropped))

    def rules(self, more: Sequence[Path] = ()) -> Loaded:
        """The rules that the settings name and those of `more`, and what is wrong with the others."""
        return chosen_rules(self.settings, more)

    def rule_paths(self) -> list[Path]:
        """Where the rules of the settings are loaded from, the product's own pack first."""
        return rule_paths(self.settings)

    def correlator(self, loaded: Loaded, *, live: bool = False) -> Correlator:
        """The correlator with these rules, the context of the settings and the indicators; the caller holds the lease.

        What is wrong in a context file is complained about, the rest of it is used.

        `live`: what happens now is read; else everything will have been read when the caller tells it to settle.
        """
        matcher = Matcher(loaded.rules)
        windows = self.windows(loaded.correlations, live=live)
        context, problems = known_context(self.settings)
        for problem in problems:
            complain(problem)
        enrichers = (*(() if context is None else (context,)), self.intelligence)
        self._open.enter_context(steady())
        return Correlator(
            self.spool, self.store, self.book, matcher, self.clock, enrichers=enrichers, windows=windows,
            incidents=self.deriving(),
        )  # fmt: skip


def house_of(context: typer.Context, data: Path | None) -> House:
    """The whole as this run's options and settings want it, with its journal on stderr.

    Raises:
        SettingsUnusable: the settings file or the environment cannot be used.
        DataFolderUnusable: the data folder cannot be made or written.
    """
    keep_journal(verbose=context.obj.verbose)
    settings = settings_of(context, data)
    for problem in known_formats(settings):
        complain(problem)
    return House(settings)
