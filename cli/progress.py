"""A line of progress on stderr while long work goes on, only on a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from cli.output import err, tell


@contextmanager
def progress(code: str) -> Iterator[Callable[[str], None]]:
    """A line of progress while the block runs, begun by the message `code`; call the value with what to show."""
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
