"""Posture for a process that only shows it: context comes from its files as they are now.

The process that matches takes changed files up when it is asked (`cli.reloading`), which no other process notices. What
is shown decides nothing that lasts, so that it need not wait to be asked.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock

from cli.known_faults import fault, faults
from cli.output import complain
from cli.parts.context import Stamps, declared, stamps_of
from cli.parts.posture import WithPosture
from correlation.posture.landscape import Landscape
from correlation.posture.service import PostureService
from sensors.errors import Problem


class Following:
    """What files declare, read again when one of them has changed; may be asked by several threads."""

    def __init__(self, files: Sequence[Path], tell: Callable[[Problem], None]) -> None:
        """`tell` is told what is wrong in the files, each time that they are read."""
        self._files = files
        self._tell = tell
        self._stamps: Stamps | None = None
        self._known = faults([])
        self._land: Landscape | None = None
        self._looking = Lock()

    def __call__(self) -> Landscape:
        """What they declare; while something has become wrong in them, what they declared before."""
        with self._looking:
            stamps = stamps_of(self._files)
            if self._land is None or stamps != self._stamps:
                land, problems = declared(self._files)
                for problem in problems:
                    self._tell(problem)
                if self._land is None or all(fault(problem) in self._known for problem in problems):
                    self._land, self._known = land, faults(problems)
                self._stamps = stamps
            return self._land


class ShowsPosture(WithPosture):
    """A run that shows how the city stands for as long as it is asked."""

    @cached_property
    def posture(self) -> PostureService:
        """As in `WithPosture`, of context as its files are when a posture is made."""
        return self._posture_of(Following(self.settings.context.files, complain))
