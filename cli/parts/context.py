"""What is known about addresses and hosts, in a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from cli.output import complain
from cli.parts.inventory import WithInventory
from correlation.context.enriching import Context
from correlation.context.errors import ContextProblem
from correlation.context.loading import Loaded, load_context
from correlation.context.registered import registered
from correlation.context.table import Table
from correlation.posture.landscape import Landscape
from inventory.store.book import Inventory

Stamps: TypeAlias = tuple[tuple[str, tuple[int, ...] | None], ...]
"""Path of each file with its inode, times of change of content and of rights in ns, and size; None: not to be seen.

After the files the registers, with the number of the batch that was written last.
"""


@dataclass(frozen=True, slots=True)
class Declared:
    """What is known of addresses and hosts: what files say by itself, and together with the registers."""

    files: Loaded
    land: Landscape

    @property
    def problems(self) -> Sequence[ContextProblem]:
        """What is wrong with the rest of the files."""
        return self.files.problems

    def context(self) -> tuple[Context, ...]:
        """What adds it to events; nothing where nothing is declared."""
        return (Context(self.land.table, self.land.spaces),) if self.land.entries else ()


class WithContext(WithInventory):
    """A run that adds context to events, or looks at what is declared."""

    quiet: bool = False
    """Whether that is told elsewhere."""

    @cached_property
    def declared(self) -> Declared:
        """What files and registers declare; what is wrong in files is complained about, the rest of it is used."""
        found = declare(self.settings.context.files, self.inventory)
        for problem in () if self.quiet else found.problems:
            complain(problem)
        return found

    @property
    def landscape(self) -> Landscape:
        """What is declared, as posture reads it."""
        return self.declared.land


def declare(files: Sequence[Path], inventory: Inventory) -> Declared:
    """What files and registers declare now."""
    return with_registers(load_context(files), inventory)


def with_registers(loaded: Loaded, inventory: Inventory) -> Declared:
    """What files have declared and registers declare now; of the same addresses what files say counts."""
    kept = registered(inventory)
    entries = [*loaded.entries, *kept.entries]
    return Declared(loaded, Landscape(entries, [*loaded.spaces, *kept.spaces], Table(entries)))


def stamps_of(files: Sequence[Path]) -> Stamps:
    """What changes when one of these files does, comes or goes, or may be read where it could not be."""
    return tuple((str(file), _stamp(file)) for file in files)


def stamps_of_context(files: Sequence[Path], inventory: Inventory) -> Stamps:
    """What changes when one of these files does, or a register."""
    return (*stamps_of(files), ("registers", (inventory.last(),)))


def _stamp(file: Path) -> tuple[int, int, int, int] | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size
