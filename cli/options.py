"""Options that several commands share, spelled once."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from cli.output import tell

DataOption: TypeAlias = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help=tell("cli.option.data"), show_default=False)
]
PortOption: TypeAlias = Annotated[
    int | None,
    typer.Option("--port", metavar="PORT", min=0, max=65_535, help=tell("cli.serve.port"), show_default=False),
]
FromOption: TypeAlias = Annotated[
    str | None, typer.Option("--from", metavar="TIME", help=tell("cli.search.from"), show_default=False)
]
ToOption: TypeAlias = Annotated[
    str | None, typer.Option("--to", metavar="TIME", help=tell("cli.search.to"), show_default=False)
]
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help=tell("cli.option.json"))]


@dataclass(frozen=True, slots=True)
class Invocation:
    """What stood before the command: the data folder and the settings file, where they were said, and what to log."""

    data: Path | None
    config: Path | None
    verbose: bool = False
