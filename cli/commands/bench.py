"""`hanwatch bench`: measures the parts and the whole on this machine, as JSON lines."""

from pathlib import Path
from typing import Annotated

import typer

from cli.benches import BENCHES, Asked, machine, run
from cli.output import json_line, tell
from sensors.errors import Problem


class BenchUnknown(Problem):
    """There is no bench of this name."""

    code = "bench-unknown"


def bench(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help=tell("cli.bench.names"), show_default=False)
    ] = None,
    corpus: Annotated[
        Path | None, typer.Option("--corpus", metavar="DIR", help=tell("cli.bench.corpus"), show_default=False)
    ] = None,
    events: Annotated[
        int | None,
        typer.Option("--events", metavar="NUMBER", min=1, help=tell("cli.bench.events"), show_default=False),
    ] = None,
    elasticsearch: Annotated[
        str | None,
        typer.Option("--elasticsearch", metavar="URL", help=tell("cli.bench.elasticsearch"), show_default=False),
    ] = None,
) -> None:
    """Print the machine, then one JSON line for each measurement: work done, seconds of CPU and wall, rate, memory."""
    for name in names or ():
        if name not in BENCHES:
            raise BenchUnknown(name=name, known=", ".join(BENCHES))
    asked = Asked(None if corpus is None else str(corpus.absolute()), events, elasticsearch)
    json_line(machine())
    for name in names or BENCHES:
        for result in run(name, asked):
            json_line(result)
