"""Work in other processes whose memory is not ours: one call with one answer, or several with many.

A pool would do more than is needed here: it asks for POSIX semaphores, which need /dev/shm and so fail in bare
containers, and it starts dead workers anew without end.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import NamedTuple, ParamSpec, TypeVar, cast

from sensors.errors import Problem

_Asked = ParamSpec("_Asked")
_Answer = TypeVar("_Answer")


class ElsewhereError(RuntimeError):
    """The other process ended before it was done; its own error stands on stderr."""


class _Done(NamedTuple):
    """The last word of a process: all of its answers have been sent."""


def elsewhere(function: Callable[_Asked, _Answer], *arguments: _Asked.args, **named: _Asked.kwargs) -> _Answer:
    """Call a function of a module in a new process and wait for what it returns.

    Raises:
        Problem: the function raised it.
        ElsewhereError: it raised something else, or its process ended without an answer, whatever its status.
    """
    ((_, answer),) = side_by_side(_once, [(function, arguments, named)])
    return cast("_Answer", answer)


def _once(
    function: Callable[..., object], arguments: tuple[object, ...], named: dict[str, object]
) -> Iterator[object]:
    yield function(*arguments, **named)


class _Worker(NamedTuple):
    """A process, and the end from which its answers are read."""

    process: SpawnProcess
    answers: Connection


def side_by_side(
    function: Callable[..., Iterator[_Answer]], calls: Sequence[tuple[object, ...]]
) -> Iterator[tuple[int, _Answer]]:
    """Call a generator of a module in a process of its own for each of these arguments.

    Yields:
        What the calls yield, as it comes, each behind the place of its call.

    Raises:
        Problem: the first that one of them raised; the others are ended then.
        ElsewhereError: one raised something else, or its process ended before it was done, whatever its status.
    """
    with ExitStack() as opened:
        waiting = {place: _started(function, arguments, opened) for place, arguments in enumerate(calls)}
        done: set[int] = set()
        while waiting:
            # One that dies while it is still being started may leave the end that it writes to open elsewhere.
            wait([end for worker in waiting.values() for end in (worker.answers, worker.process.sentinel)])
            for place, worker in list(waiting.items()):
                ended = not worker.process.is_alive()
                for answer in _said(worker.answers):
                    if isinstance(answer, Problem):
                        raise answer
                    if isinstance(answer, _Done):
                        done.add(place)
                    else:
                        yield place, cast("_Answer", answer)
                if ended:
                    del waiting[place]
                    # A status of 0 says nothing: whoever calls `sys.exit` in the middle has it too.
                    if worker.process.exitcode or place not in done:
                        raise ElsewhereError(f"the process ended with status {worker.process.exitcode}")


def _said(answers: Connection) -> Iterator[object]:
    with suppress(EOFError):
        while answers.poll():
            yield answers.recv()


def _started(function: Callable[..., object], arguments: tuple[object, ...], opened: ExitStack) -> _Worker:
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_answers, args=(theirs, function, arguments), daemon=True)
    process.start()
    # Only the other process may hold the end that writes: else its death would not be the end of what can be read.
    theirs.close()
    opened.callback(process.join)
    opened.callback(process.terminate)
    opened.enter_context(ours)
    return _Worker(process, ours)


def _answers(
    connection: Connection, function: Callable[..., Iterator[object]], arguments: tuple[object, ...]
) -> None:
    # Who asked may have what it wanted, or have been ended.
    with connection, suppress(BrokenPipeError):
        try:
            for answer in function(*arguments):
                connection.send(answer)
            connection.send(_Done())
        except Problem as problem:
            connection.send(problem)
