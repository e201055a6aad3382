"""Options that several commands share, spelled once."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from cli.output import tell
from cli.settings import Settings, load_settings

DataOption: TypeAlias = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help=tell("cli.option.data"), show_default=False)
]
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help=tell("cli.option.json"))]


@dataclass(frozen=True, slots=True)
class Invocation:
    """What stood before the command: the data folder and the settings file, where they were said."""

    data: Path | None
    config: Path | None


def settings_of(context: typer.Context, data: Path | None) -> Settings:
    """The settings of this run; `--data` after the command wins over the one before it.

    Raises:
        SettingsUnusable: the settings file or the environment cannot be used.
    """
    said: Invocation = context.obj
    return load_settings(said.config, data or said.data)
