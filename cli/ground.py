"""What every part of a run stands on: the settings, the data folder, the clock, and the end that closes everything.

The parts are in `cli.parts`, one module each, so that a command loads only those that it uses.
"""

import os
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import typer

from cli.settings import Settings, load_settings, settings_file
from sensors.errors import Place, Problem


class DataFolderUnusable(Problem):
    """The data folder cannot be made or written."""

    code = "data-unusable"


class DataFolderMissing(Problem):
    """There is nothing to be read: no data folder was made at this place."""

    code = "data-missing"


class Ground:
    """One run of the program over one data folder, which is made where it is missing."""

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


def there(settings: Settings) -> Settings:
    """The same settings, for a command that only reads: a mistyped folder is told, not made.

    Raises:
        DataFolderMissing: the data folder does not exist.
    """
    # `isdir` says no where it may not look; what is no folder is refused by `Ground`, with its reason.
    if not os.path.lexists(settings.data):
        raise DataFolderMissing(place=Place(str(settings.data)))
    return settings


def settings_of(context: typer.Context, data: Path | None) -> Settings:
    """The settings of this run; `--data` after the command wins over the one before it.

    Raises:
        SettingsUnusable: the settings file or the environment cannot be used.
    """
    return load_settings(context.obj.config, data or context.obj.data)


def settings_file_of(context: typer.Context, data: Path | None) -> Path:
    """The file that `settings_of` reads, whether it is there or not."""
    return settings_file(context.obj.config, data or context.obj.data, os.environ)
