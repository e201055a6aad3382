"""Standard output whose end is told apart: a reader that has gone (`| head`), and a place that takes no more.

Python alone would end both with a traceback or with a wrong exit code.
"""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sensors.errors import Problem


class ReaderGoneError(Exception):
    """Nobody reads any more: nothing is wrong, and nothing more can be said."""


class OutputLost(Problem):
    """Standard output takes no more, such as a file on a full disk; `reason` is the system's."""

    code = "output-lost"


class Stdout(io.TextIOBase):
    """`sys.stdout` as it is at the moment of writing, with errors of its own."""

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a property here, an attribute in the stubs
        """The terminal's or the locale's."""
        return sys.stdout.encoding

    def isatty(self) -> bool:
        """Whether a terminal shows it."""
        return sys.stdout.isatty()

    def fileno(self) -> int:
        """Its descriptor."""
        return sys.stdout.fileno()

    def write(self, text: str, /) -> int:
        """Write text.

        Raises:
            ReaderGoneError: nobody reads any more.
            OutputLost: what is written to takes no more.
        """
        with _told():
            return sys.stdout.write(text)

    def write_bytes(self, line: bytes) -> None:
        """Write a line that is UTF-8 whatever the locale is, such as JSON, at once."""
        with _told():
            sys.stdout.flush()
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()

    def flush(self) -> None:
        """Hand over what was kept back."""
        with _told():
            sys.stdout.flush()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        _give_up()
        raise ReaderGoneError from None
    except OSError as error:
        _give_up()
        raise OutputLost(reason=error.strerror) from error


def _give_up() -> None:
    """Let what is still kept back go nowhere: the interpreter would try again at its end, and complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
