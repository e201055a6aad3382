"""What is known about addresses and hosts, in a run."""

from collections.abc import Sequence

from cli.settings import Settings
from correlation.context.enriching import Context
from correlation.context.errors import ContextProblem
from correlation.context.loading import load_context
from correlation.context.table import Table


def known_context(settings: Settings) -> tuple[Context | None, Sequence[ContextProblem]]:
    """What the files of the settings say, and what is wrong with the rest of them; None where no file is named."""
    if not settings.context.files:
        return None, ()
    loaded = load_context(settings.context.files)
    return Context(Table(loaded.entries), loaded.spaces), loaded.problems
