"""Posture for a process that only shows it: context comes from its files as they are now.

The process that matches takes changed files up when it is asked (`cli.asking`), which no other process notices. What
is shown decides nothing that lasts, so that it need not wait to be asked. Which files there are it learns from the file
of the settings, in the same way.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock

from cli.known_faults import fault, faults
from cli.output import complain
from cli.parts.context import Stamps, declare, stamps_of, stamps_of_context
from cli.parts.posture import WithPosture
from cli.settings import Settings, SettingsUnusable
from correlation.posture.landscape import Landscape
from correlation.posture.service import PostureService
from inventory.store.book import Inventory
from sensors.errors import Problem


class Rereading:
    """The settings, read again when their file has changed."""

    def __init__(
        self, settings: Settings, file: Path, again: Callable[[], Settings], tell: Callable[[Problem], None]
    ) -> None:
        """The settings at first.

        Args:
            settings: they.
            file: where they come from, whether it is there or not.
            again: reads them again.
            tell: is told what is wrong with them; while something is, they are those of before.
        """
        self._settings = settings
        self._file = file
        self._again = again
        self._tell = tell
        self._stamps: Stamps | None = None

    def __call__(self) -> Settings:
        """The settings as they are now."""
        if (stamps := stamps_of([self._file])) != self._stamps:
            self._stamps = stamps
            try:
                self._settings = self._again()
            except SettingsUnusable as problem:
                self._tell(problem)
        return self._settings


class Following:
    """What files and registers declare, read again when one has changed; may be asked by several threads."""

    def __init__(
        self, files: Callable[[], Sequence[Path]], inventory: Callable[[], Inventory], tell: Callable[[Problem], None]
    ) -> None:
        """`files` names them, each time; `tell` is told what is wrong in them, each time that they are read."""
        self._files = files
        self._inventory = inventory
        self._tell = tell
        self._stamps: Stamps | None = None
        self._known = faults([])
        self._land: Landscape | None = None
        self._looking = Lock()

    def __call__(self) -> Landscape:
        """What they declare; while something has become wrong in them, what they declared before."""
        with self._looking:
            files = self._files()
            inventory = self._inventory()
            stamps = stamps_of_context(files, inventory)
            if self._land is None or stamps != self._stamps:
                found = declare(files, inventory)
                for problem in found.problems:
                    self._tell(problem)
                if self._land is None or all(fault(problem) in self._known for problem in found.problems):
                    self._land, self._known = found.land, faults(found.problems)
                self._stamps = stamps
            return self._land


class ShowsPosture(WithPosture):
    """A run that shows how the city stands for as long as it is asked."""

    def __init__(self, settings: Settings, file: Path, again: Callable[[], Settings]) -> None:
        """A run by these settings, of a file, there or not, from which they are read `again` when it changes."""
        super().__init__(settings)
        self.current = Rereading(settings, file, again, complain)

    @cached_property
    def posture(self) -> PostureService:
        """As in `WithPosture`, of context as its files are when a posture is made."""
        return self._posture_of(Following(lambda: self.current().context.files, lambda: self.inventory, complain))
