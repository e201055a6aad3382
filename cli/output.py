"""What the command line prints: results on stdout, words about them on stderr.

Exit codes: 0 done, 1 findings, 2 wrong use or bad configuration, 3 failed or partly failed.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any, cast

import orjson
import typer
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from api.messages import explain, preferred_language, say
from cli.plain import plain, plain_cell
from cli.stdout import Stdout
from sensors.errors import Problem

DONE = 0
FINDINGS = 1
WRONG_USE = 2
FAILED = 3

language = preferred_language()
"""The language of this run, from the environment; help pages are made with it, so it is known at once."""

_PIPE_WIDTH = 400
_READABLE = 16
"""Cells that a column needs whose lines may break."""
_GAP = 2


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
    err.print(escape(plain(tell(code, **parameters))))


def complain(problem: Problem) -> None:
    """Print a problem on stderr: where, what, and what to do."""
    err.print(f"[red]{escape(tell('cli.error'))}[/red]{escape(plain(explain(problem, language)))}")


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
    narrow (the last one, if none is named), the others never do. Where it is so narrow that nothing could be read in
    them any more, each row becomes lines of heading and value.
    """
    aligned = set(right)
    folded = {len(columns) - 1} if fold is None else set(fold)
    cells = [[plain_cell(str(value)) for value in row] for row in rows]
    if any(columns) and not _fits(columns, cells, folded):
        for row in cells:
            _grid([(f"[bold]{escape(name)}[/bold]", escape(value)) for name, value in zip(columns, row, strict=True)])
            out.print()
        return
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for number, column in enumerate(columns):
        shown.add_column(
            column, justify="right" if number in aligned else "left", overflow="fold", no_wrap=number not in folded
        )
    for row in cells:
        shown.add_row(*map(escape, row))
    out.print(shown)


def _fits(columns: Sequence[str], cells: Sequence[Sequence[str]], folded: set[int]) -> bool:
    """Whether what may break its lines still has a readable width."""
    widths = [max(map(cell_len, column)) for column in zip(columns, *cells, strict=True)]
    fixed = sum(width for number, width in enumerate(widths) if number not in folded)
    needed = sum(min(widths[number], _READABLE) for number in folded)
    return fixed + needed + _GAP * (len(columns) - 1) <= out.width


def _grid(rows: Iterable[tuple[str, str]]) -> None:
    """Print names and values beside each other."""
    shown = Table.grid(padding=(0, _GAP))
    shown.add_column(no_wrap=True)
    shown.add_column(overflow="fold")
    for name, value in rows:
        shown.add_row(name, value)
    out.print(shown)
