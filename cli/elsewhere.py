"""Work in another process whose memory is not ours: one call, one answer.

A pool would do more than is needed here: it asks for POSIX semaphores, which need /dev/shm and so fail in bare
containers, and it starts dead workers anew without end.
"""

from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import ParamSpec, TypeVar, cast

_Asked = ParamSpec("_Asked")
_Answer = TypeVar("_Answer")


class ElsewhereError(RuntimeError):
    """The other process ended without an answer; its own error stands on stderr."""


def elsewhere(function: Callable[_Asked, _Answer], *arguments: _Asked.args, **named: _Asked.kwargs) -> _Answer:
    """Call a function of a module in a new process and wait for what it returns.

    Raises:
        ElsewhereError: the function raised, or its process was ended.
    """
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(theirs, function, arguments, named))
    process.start()
    # Only the other process may hold the end that writes: else its death would not be the end of what can be read.
    theirs.close()
    with ours, suppress(EOFError):
        # One that dies while it is still being started may leave the end that writes open elsewhere.
        wait([ours, process.sentinel])
        if ours.poll():
            answer = cast("_Answer", ours.recv())
            process.join()
            return answer
    process.join()
    raise ElsewhereError(f"the process ended with status {process.exitcode}")


def _answer(
    connection: Connection, function: Callable[..., object], arguments: tuple[object, ...], named: dict[str, object]
) -> None:
    with connection:
        connection.send(function(*arguments, **named))
