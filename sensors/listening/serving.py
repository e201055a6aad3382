"""An HTTP listener's server: uvicorn, in the loop that all connections share."""

import asyncio
import socket
import ssl
from contextlib import suppress

import uvicorn

from sensors.listening.binding import BACKLOG, Bound
from sensors.listening.http import HttpIntake

END_SECONDS = 2
KEEP_SECONDS = 75
"""An idle connection is kept as long as senders usually pause."""


class HttpServer:
    """Serves one listener; lives in the thread of its loop."""

    def __init__(self, bound: Bound, intake: HttpIntake, context: ssl.SSLContext | None) -> None:
        self._bound = bound
        self._server = _Server(_config(bound, intake, context))
        self._serving: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin to accept."""
        loop = asyncio.get_running_loop()
        self._serving = loop.create_task(self._server.serve([self._bound.socket]))
        started = loop.create_task(self._server.up.wait())
        await asyncio.wait({self._serving, started}, return_when=asyncio.FIRST_COMPLETED)
        started.cancel()

    def resume(self) -> None:
        """There is room again: nothing to do, since who was sent away comes back by itself."""

    async def close(self) -> None:
        """Accept no more; requests that wait for the disk are answered first."""
        self._server.should_exit = True
        if self._serving is not None:
            with suppress(asyncio.CancelledError):
                await self._serving


class _Server(uvicorn.Server):
    """Says when it has begun to accept."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


def _config(bound: Bound, intake: HttpIntake, context: ssl.SSLContext | None) -> uvicorn.Config:
    config = uvicorn.Config(
        intake,
        interface="asgi3",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        limit_concurrency=bound.settings.connections,
        timeout_keep_alive=KEEP_SECONDS,
        timeout_graceful_shutdown=END_SECONDS,
    )
    config.load()
    # Made by us, so that a certificate is checked before anything is listened to.
    config.ssl = context
    return config
