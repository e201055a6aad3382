"""What is left of a refused body is passed over, in bounds, so that the client hears why."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from sensors.listening import bodies
from sensors.listening.bodies import PASSED_OVER_BYTES, pass_over
from sensors.listening.http import HttpIntake
from sensors.listening.inbox import Inbox
from sensors.listening.tokens import tokens_of
from sensors.settings import ListenerSettings

TOKEN = "a-token-of-the-test"
PIECE = b"x" * 65_536


class Client:
    """A body that comes in pieces, and what was said to it."""

    def __init__(self, pieces: Iterator[bytes], count: int) -> None:
        self._pieces = pieces
        self._left = count
        self.said: list[Any] = []

    @property
    def left(self) -> int:
        return self._left

    async def receive(self) -> dict[str, Any]:
        self._left -= 1
        return {"type": "http.request", "body": next(self._pieces), "more_body": self._left > 0}

    async def send(self, message: Any) -> None:
        self.said.append((message, self._left))


def endless() -> Iterator[bytes]:
    while True:
        yield PIECE


def test_a_body_is_passed_over_to_its_end_or_its_bound() -> None:
    short = Client(endless(), 5)
    asyncio.run(pass_over(short.receive))
    assert short.left == 0
    long = Client(endless(), 1 << 40)
    asyncio.run(pass_over(long.receive))
    assert (1 << 40) - long.left == PASSED_OVER_BYTES // len(PIECE)


def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "PASSED_OVER_SECONDS", 0.01)

    async def never() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    asyncio.run(pass_over(never))


@pytest.mark.parametrize(
    ("headers", "status", "left"),
    [
        ({b"authorization": f"Bearer {TOKEN}".encode(), b"content-length": b"3000000"}, 413, 0),
        ({b"authorization": b"Bearer nobody's", b"content-length": b"300"}, 401, 0),
        # Who waits to be asked has sent nothing that could be passed over.
        ({b"authorization": b"Bearer nobody's", b"expect": b"100-continue"}, 401, 5),
    ],
)
def test_a_refused_request_is_answered_once_its_body_is_gone(
    headers: dict[bytes, bytes], status: int, left: int
) -> None:
    settings = ListenerSettings("http", 0, tokens=(TOKEN,), max_message=1 << 20)
    client = Client(endless(), 5)
    scope = {"type": "http", "method": "POST", "path": "/_bulk", "headers": list(headers.items())}
    asyncio.run(HttpIntake(settings, tokens_of(settings), Inbox())(scope, client.receive, client.send))
    (first, left_then), _ = client.said
    assert (first["status"], left_then) == (status, left)
