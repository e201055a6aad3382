"""Rules and context taken up anew by the process that matches, between two steps, without a restart.

It is asked for by a file in the data folder, which works whoever asks and however processes were started; SIGHUP asks
in the same way. Files that change are never taken up by themselves: a folder that is being copied would go live by
halves. The answer is a file as well. Either everything is taken up or nothing: where rules, exceptions, placeholders,
pipelines or context have a fault that they did not have before, those that are working stay.
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
from cli.house import House
from cli.known_faults import fault, faults
from cli.output import complain, language
from cli.settings import Settings
from cli.steady import settle_anew
from correlation.rules.loading import Loaded
from correlation.service import Correlator
from sensors.errors import Problem

ASKED: Final = "reload-asked"
ANSWERED: Final = "reload-answer"
_log = structlog.get_logger(__name__)


class Reloading:
    """Looks whether somebody has asked, and does it."""

    def __init__(self, house: House, correlator: Correlator, loaded: Loaded, settings: Callable[[], Settings]) -> None:
        """What is at work now.

        Args:
            house: whose correlator it is.
            correlator: it; nothing of a step may be under way while `look` is called.
            loaded: the rules that it has.
            settings: reads the settings again, of which those of rules and context count.
        """
        self._house = house
        self._correlator = correlator
        self._known = faults((*loaded.problems, *house.exception_problems, *house.context_problems))
        self._rules = {rule.id: repr(rule) for rule in (*loaded.rules, *loaded.correlations)}
        self._settings = settings
        # What was asked before this process began has been done by its beginning.
        self._seen = self._mark()

    def look(self) -> None:
        """Take rules up anew, if it was asked for since the last time."""
        mark = self._mark()
        if mark is None or mark == self._seen:
            return
        self._seen = mark
        begun = time.process_time()
        try:
            said = self._reload()
        except Problem as problem:
            said = _refused([problem])
        except Exception:  # noqa: BLE001 - what is at work must go on, whatever is wrong with what should take its place
            _log.exception("rules were not taken up because of a fault of ours")
            said = {"done": False, "problems": []}
        said["cpu_seconds"] = round(time.process_time() - begun, 3)
        _log.info("asked to take rules up anew", **{key: said[key] for key in said if key != "problems"})
        with suppress(OSError):
            _write(self._house.settings.data / ANSWERED, orjson.dumps({"asked": mark, **said}))

    def _reload(self) -> dict[str, Any]:
        fresh = self._house.fresh(self._settings())
        if new := [problem for problem in fresh.problems if fault(problem) not in self._known]:
            return _refused(new)
        self._house.take_up(self._correlator, fresh)
        settle_anew()
        before = self._rules
        self._known = faults(fresh.problems)
        self._rules = {rule.id: repr(rule) for rule in (*fresh.loaded.rules, *fresh.loaded.correlations)}
        return {
            "done": True,
            "rules": len(fresh.loaded.rules),
            "correlations": len(fresh.loaded.correlations),
            "exceptions": len(fresh.excepted.exceptions),
            "context": len(self._house.landscape.entries),
            "added": len(self._rules.keys() - before.keys()),
            "removed": len(before.keys() - self._rules.keys()),
            "changed": sum(before.get(name, said) != said for name, said in self._rules.items()),
            "problems": [],
        }

    def _mark(self) -> str | None:
        try:
            return (self._house.settings.data / ASKED).read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            return None


def ask(data: Path, token: str) -> None:
    """Ask the process that matches in this data folder; `token` tells one request from another.

    Raises:
        OSError: nothing can be written there.
    """
    # An administrator may ask for a user who has fewer rights; who may enter the data folder may know of it.
    _write(data / ASKED, token.encode("ascii"), 0o644)


def answer_to(data: Path, token: str) -> dict[str, Any] | None:
    """What became of a request; None where it has not been answered yet."""
    with suppress(OSError, orjson.JSONDecodeError):
        said: dict[str, Any] = orjson.loads((data / ANSWERED).read_bytes())
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


def _refused(problems: Sequence[Problem]) -> dict[str, Any]:
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
