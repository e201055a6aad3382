"""Composition of the whole: from settings to the running parts, each opened when first needed, closed together."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import structlog
import typer

from cli.ground import settings_of
from cli.journal import keep_journal
from cli.output import complain
from cli.parts.context import Declared, Stamps, declare, stamps_of_context
from cli.parts.detectors import WithDetectors
from cli.parts.detectors_chosen import chosen_detectors
from cli.parts.exceptions import chosen_exceptions
from cli.parts.formats import known_formats
from cli.parts.intelligence import WithIntelligence
from cli.parts.posture import WithPosture
from cli.parts.rules import chosen_rules, rule_paths
from cli.parts.spool import CORRELATOR
from cli.settings import Settings
from cli.steady import steady
from correlation.context.errors import ContextProblem
from correlation.detectors.service import Detecting
from correlation.errors import RuleProblem
from correlation.exceptions.excepting import Excepting
from correlation.exceptions.loading import Excepted, ended
from correlation.exceptions.model import RuleException
from correlation.matcher.engine import Matcher
from correlation.rules.loading import Loaded
from correlation.service import Correlator
from inventory.observing.service import CONSUMER as OBSERVER
from sensors.errors import Problem
from sensors.listening.service import Listening
from sensors.service import Intake

MAINTENANCE_SECONDS = 60
"""How often a process that stores without end keeps house (`House.maintain`)."""
_log = structlog.get_logger(__name__)


class Fresh(NamedTuple):
    """What would be taken up, by settings of which those of rules and context count.

    `declared` is None where files and registers are as they were read before; `context_problems` is what was wrong
    with the files when they were read.
    """

    settings: Settings
    loaded: Loaded
    excepted: Excepted
    declared: Declared | None
    stamps: Stamps
    context_problems: Sequence[ContextProblem]

    @property
    def problems(self) -> Sequence[Problem]:
        """All that is wrong with what would be taken up."""
        return [*self.loaded.problems, *self.excepted.problems, *self.context_problems]


class House(WithDetectors, WithIntelligence, WithPosture):
    """All parts of a run that reads, matches and stores."""

    _detecting: Detecting | None = None
    _exceptions: Sequence[RuleException] = ()
    exception_problems: Sequence[RuleProblem] = ()
    """What was wrong with the exceptions of the correlator when it was made."""
    _context_stamps: Stamps = ()

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

    @contextmanager
    def matching(self) -> Iterator[None]:
        """Be the one that matches and stores, for this data folder and for the database.

        Raises:
            LeaseTaken: another process is it for this data folder.
            DatabaseTaken: one of another data folder is it for the database.
        """
        with self.spool.lease(CORRELATOR), self.sole(CORRELATOR):
            yield

    def maintain(self, *, live: bool = False) -> None:
        """What has to be done now and then by the process that stores: retention, and merging small files.

        `live`: it runs without end, so that it also records now and then how everything stands.
        """
        self.spool.retain()
        for dropped in self.store.maintain():
            _log.warning("retention dropped a day of events", **asdict(dropped))
        self._tell_ended()
        if live:
            self.recording.step()

    def rules(self, more: Sequence[Path] = ()) -> Loaded:
        """The rules that the settings name and those of `more`, and what is wrong with the others."""
        self._open.enter_context(steady())
        return chosen_rules(self.settings, more)

    def rule_paths(self) -> list[Path]:
        """Where the rules of the settings are loaded from, the product's own pack first."""
        return rule_paths(self.settings)

    def correlator(self, loaded: Loaded, *, live: bool = False) -> Correlator:
        """The correlator with these rules, the context of the settings and the indicators; the caller holds the lease.

        What is wrong in a context file is complained about, the rest of it is used.

        `live`: what happens now is read; else everything will have been read when the caller tells it to settle.
        """
        if not self.settings.inventory.observe:
            # The spool waits for every consumer that it knows.
            self.spool.forget(OBSERVER)
        excepted = chosen_exceptions(self.settings, loaded)
        for problem in excepted.problems:
            complain(problem)
        self.exception_problems = excepted.problems
        self.watched = loaded.rules
        matcher = Matcher(loaded.rules)
        windows = self.windows(loaded.correlations, live=live)
        self._context_stamps = stamps_of_context(self.settings.context.files, self.inventory)
        known = self.declared.context()
        exceptions = self._excepting(excepted, loaded)
        detecting = self._detecting = self.detecting(known, exceptions)
        # A mistake in the weights of posture is told now, not when the first snapshot is due.
        _ = self.posture_policy
        # Incidents come last, so that they take what detectors found as well.
        followers = (*(() if detecting is None else (detecting,)), self.grouping())
        self._open.enter_context(steady())
        return Correlator(
            self.spool, self.store, self.book, matcher, self.clock, enrichers=(*known, self.intelligence),
            windows=windows, exceptions=exceptions, followers=followers,
        )  # fmt: skip

    def fresh(self, settings: Settings) -> Fresh:
        """Rules, exceptions and context as these settings name them and files hold them now.

        Nothing is complained about.
        """
        chosen = replace(self.settings, rules=settings.rules, context=settings.context)
        loaded = chosen_rules(chosen)
        excepted = chosen_exceptions(chosen, loaded)
        stamps = stamps_of_context(chosen.context.files, self.inventory)
        found = None if stamps == self._context_stamps else declare(chosen.context.files, self.inventory)
        return Fresh(chosen, loaded, excepted, found, stamps, (found or self.declared).problems)

    def take_up(self, correlator: Correlator, fresh: Fresh) -> None:
        """Let a live correlator go on with what is fresh.

        Windows of correlations that are as they were stay as they are. Nothing that it was given may be unwritten.
        """
        self.watched = fresh.loaded.rules
        matcher = Matcher(fresh.loaded.rules)
        book = correlator.windows
        before, now = ([] if book is None else book.windows.plan.correlations), fresh.loaded.correlations
        same = list(map(repr, before)) == list(map(repr, now))
        same = same and self.settings.rules.lateness == fresh.settings.rules.lateness
        self.settings = fresh.settings
        if fresh.declared is not None:
            # With what was wrong: what is mended must stand in nobody's way when the files are not read again.
            self.declared, self._context_stamps = fresh.declared, fresh.stamps
        windows = book if same else self.renewed_windows(book, now)
        exceptions = self._excepting(fresh.excepted, fresh.loaded)
        known = self.declared.context()
        correlator.take_up(matcher, windows, exceptions, (*known, self.intelligence))
        if self._detecting is not None:
            self._detecting.take_up(known, exceptions)

    @property
    def batch_known(self) -> int:
        """The number of the last batch of registers that the correlator knows of."""
        _, stamp = self._context_stamps[-1]
        assert stamp is not None
        return stamp[0]

    def know(self, correlator: Correlator, declared: Declared) -> None:
        """Let a live correlator go on with what registers declare now; files are those that were read before."""
        self.declared = declared
        known = declared.context()
        correlator.know((*known, self.intelligence))
        if self._detecting is not None:
            self._detecting.take_up(known, self._detecting.exceptions)

    def _excepting(self, found: Excepted, loaded: Loaded) -> Excepting:
        """The exceptions at work; which have ended is complained about."""
        now = self.clock()
        for problem in ended(found.exceptions, now):
            complain(problem)
        self._exceptions = [one for one in found.exceptions if one.works(now)]
        others = [detector.about for detector in chosen_detectors(self.settings).values()]
        return Excepting(self._exceptions, [*loaded.rules, *loaded.correlations, *others])

    def _tell_ended(self) -> None:
        """Tell of exceptions that have ended since they were told last."""
        now = self.clock()
        for one in ended(self._exceptions, now):
            _log.warning("an exception has ended: it suppresses nothing", place=str(one.place), **one.parameters)
        self._exceptions = [one for one in self._exceptions if one.works(now)]


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
