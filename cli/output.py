"""What the command line prints: results on stdout, words about them on stderr, progress only on a terminal.

Exit codes: 0 done, 1 findings, 2 wrong use or bad configuration, 3 failed or partly failed.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from api.messages import explain, preferred_language, say
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
    made = Console(stderr=stderr, soft_wrap=True, highlight=False)
    return made if made.is_terminal else Console(stderr=stderr, soft_wrap=True, highlight=False, width=_PIPE_WIDTH)


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
    sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_SERIALIZE_NUMPY))
    sys.stdout.buffer.flush()


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


@contextmanager
def progress(code: str) -> Iterator[Callable[[str], None]]:
    """A line of progress on stderr while the block runs, only on a terminal; call the value with what to show."""
    if not err.is_terminal:
        yield lambda _text: None
        return
    with Progress(
        SpinnerColumn(),
        TextColumn(tell(code)),
        BarColumn(pulse_style="cyan"),
        TextColumn("{task.fields[state]}"),
        TimeElapsedColumn(),
        console=err,
        transient=True,
    ) as bar:
        task = bar.add_task("", total=None, state="")
        yield lambda text: bar.update(task, state=text)
