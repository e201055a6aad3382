"""The exceptions of a run."""

from collections.abc import Sequence
from pathlib import Path

from cli.parts.detectors_chosen import chosen_detectors
from cli.settings import Settings
from correlation.exceptions.loading import Excepted, load_exceptions
from correlation.rules.loading import Loaded


def chosen_exceptions(settings: Settings, loaded: Loaded, files: Sequence[Path] | None = None) -> Excepted:
    """The exceptions of these files, or else of the settings, for these rules; and what is wrong with others."""
    others = [detector.about for detector in chosen_detectors(settings).values()]
    return load_exceptions(files or settings.rules.exceptions, loaded, others)
