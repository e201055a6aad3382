"""What is known about addresses and hosts, in a run."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from cli.ground import Ground
from cli.output import complain
from cli.settings import Settings
from correlation.context.enriching import Context, context_of
from correlation.context.errors import ContextProblem
from correlation.context.loading import load_context
from correlation.context.table import Table
from correlation.posture.landscape import Landscape

Stamps: TypeAlias = tuple[tuple[str, tuple[int, int, int, int] | None], ...]
"""Path of each file with its inode, times of change of content and of rights in ns, and size; None: not to be seen."""


class WithContext(Ground):
    """A run that adds context to events, or looks at what is declared."""

    context_problems: Sequence[ContextProblem] = ()
    """What is wrong in the files that are declared."""

    @cached_property
    def landscape(self) -> Landscape:
        """What the files of the settings declare; what is wrong in them is complained about, the rest of it is used."""
        land, self.context_problems = declared(self.settings.context.files)
        for problem in self.context_problems:
            complain(problem)
        return land


def declared(files: Sequence[Path]) -> tuple[Landscape, Sequence[ContextProblem]]:
    """What these files declare, and what is wrong with the rest of them."""
    loaded = load_context(files)
    return Landscape(loaded.entries, loaded.spaces, Table(loaded.entries)), loaded.problems


def stamps_of(files: Sequence[Path]) -> Stamps:
    """What changes when one of these files does, comes or goes, or may be read where it could not be."""
    return tuple((str(file), _stamp(file)) for file in files)


def _stamp(file: Path) -> tuple[int, int, int, int] | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size


def known_context(settings: Settings) -> tuple[Context | None, Sequence[ContextProblem]]:
    """What the files of the settings say, and what is wrong with the rest of them; None where no file is named."""
    found, problems = context_of(settings.context.files)
    return (found[0] if found else None), problems
