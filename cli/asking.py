"""Asking the processes of a data folder to take up anew what they read at their start, and what they answer.

It is asked for by a file in the data folder, which works whoever asks and however processes were started; SIGHUP asks
in the same way. Files that change are never taken up by themselves: a folder that is being copied would go live by
halves. Each process that hears of it answers in a file of its own.
"""

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import orjson
import structlog

from api.messages import explain
from cli.output import complain, language
from sensors.errors import Problem

ASKED: Final = "reload-asked"
ANSWERED: Final = "reload-answer"
"""What the process that matches answers."""
NOTIFIER_ANSWERED: Final = "reload-answer-notify"
_log = structlog.get_logger(__name__)


class Answering:
    """Looks whether somebody has asked, does it, and answers."""

    def __init__(self, data: Path, file: str, act: Callable[[], dict[str, Any]], begun: str | None) -> None:
        """What is asked in a data folder from the beginning of this process on.

        Args:
            data: the folder.
            file: the name of the answer in it.
            act: does what is asked for and says what to answer; a problem that it raises is a refusal.
            begun: what `asked` said before anything was read: that has been done by reading it.
        """
        self._data = data
        self._file = file
        self._act = act
        self._seen = begun

    def look(self) -> None:
        """Do it, if it was asked for since the last time."""
        mark = asked(self._data)
        if mark is None or mark == self._seen:
            return
        self._seen = mark
        begun = time.process_time()
        try:
            said = self._act()
        except Problem as problem:
            said = refused([problem])
        except Exception:  # noqa: BLE001 - what is at work must go on, whatever is wrong with what should take its place
            _log.exception("nothing was taken up because of a fault of ours")
            said = {"done": False, "problems": []}
        said["cpu_seconds"] = round(time.process_time() - begun, 3)
        _log.info("asked to take files up anew", **{key: said[key] for key in said if key != "problems"})
        with suppress(OSError):
            _write(self._data / self._file, orjson.dumps({"asked": mark, **said}))


def asked(data: Path) -> str | None:
    """What was asked last in a data folder; None where nothing was."""
    try:
        return (data / ASKED).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return None


def ask(data: Path, token: str) -> None:
    """Ask the processes of this data folder; `token` tells one request from another.

    Raises:
        OSError: nothing can be written there.
    """
    # An administrator may ask for a user who has fewer rights; who may enter the data folder may know of it.
    _write(data / ASKED, token.encode("ascii"), 0o644)


def answer_to(data: Path, token: str, file: str = ANSWERED) -> dict[str, Any] | None:
    """What became of a request, by the file of who answers; None where it has not been answered yet."""
    with suppress(OSError, orjson.JSONDecodeError):
        said: dict[str, Any] = orjson.loads((data / file).read_bytes())
        if said.get("asked") == token:
            return said
    return None


@contextmanager
def asked_by_hangup(data: Path) -> Iterator[None]:
    """While the block lasts, SIGHUP asks; not where it says that the terminal has gone, or is to be ignored."""
    if os.isatty(0) or signal.getsignal(signal.SIGHUP) != signal.SIG_DFL:
        yield
        return

    def heard(*_: object) -> None:
        with suppress(OSError):
            ask(data, f"hangup-{time.time_ns()}")

    signal.signal(signal.SIGHUP, heard)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


def refused(problems: Sequence[Problem]) -> dict[str, Any]:
    """The answer that nothing was taken up, and why; the journal gets it as well."""
    for problem in problems:
        complain(problem)
    return {
        "done": False,
        "problems": [
            {
                "file": problem.place.file if problem.place else None,
                "line": problem.place.line if problem.place else None,
                "code": problem.code,
                "reason": explain(problem, language),
            }
            for problem in problems
        ],
    }


def _write(file: Path, content: bytes, mode: int = 0o600) -> None:
    """Put content in a file's place at once, so that nobody reads half of it."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        Path(name).chmod(mode)
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
