"""What the command line prints: results on stdout, words about them on stderr.

Exit codes: 0 done, 1 findings, 2 wrong use or bad configuration, 3 failed or partly failed.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any, cast

import orjson
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from api.messages import explain, preferred_language, say
from cli.stdout import Stdout
from sensors.errors import Problem

DONE = 0
FINDINGS = 1
WRONG_USE = 2
FAILED = 3

language = preferred_language()
"""The language of this run, from the environment; help pages are made with it, so it is known at once."""

_PIPE_WIDTH = 400


def _console(*, stderr: bool) -> Console:
    """A console as wide as the terminal; what goes into a file or a pipe is not broken into lines."""
    file = None if stderr else cast("IO[str]", stdout)
    made = Console(file=file, stderr=stderr, soft_wrap=True, highlight=False)
    if made.is_terminal:
        return made
    return Console(file=file, stderr=stderr, soft_wrap=True, highlight=False, width=_PIPE_WIDTH)


stdout = Stdout()
out = _console(stderr=False)
err = _console(stderr=True)


def tell(code: str, **parameters: object) -> str:
    """A message of the catalogues in the language of this run."""
    return say(code, language, **parameters)


def note(code: str, **parameters: object) -> None:
    """Say something about the work on stderr."""
    err.print(escape(tell(code, **parameters)))


def complain(problem: Problem) -> None:
    """Print a problem on stderr: where, what, and what to do."""
    err.print(f"[red]{escape(tell('cli.error'))}[/red] {escape(explain(problem, language))}")


def fail(problem: Problem, status: int = FAILED) -> typer.Exit:
    """Complain; the exit to raise."""
    complain(problem)
    return typer.Exit(status)


def json_line(value: Mapping[str, Any]) -> None:
    """Print one JSON object on a line of its own."""
    option = orjson.OPT_APPEND_NEWLINE | orjson.OPT_SERIALIZE_NUMPY
    stdout.write_bytes(orjson.dumps(value, option=option))


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    right: Iterable[int] = (),
    fold: Iterable[int] | None = None,
) -> None:
    """Print rows under headings.

    The columns numbered in `right` stand at their right edge; those in `fold` break their lines where the terminal is
    narrow (the last one, if none is named), the others never do.
    """
    shown = Table(box=None, pad_edge=False, header_style="bold")
    aligned = set(right)
    folded = {len(columns) - 1} if fold is None else set(fold)
    for number, column in enumerate(columns):
        shown.add_column(
            column, justify="right" if number in aligned else "left", overflow="fold", no_wrap=number not in folded
        )
    for row in rows:
        shown.add_row(*(escape(str(value)) for value in row))
    out.print(shown)
