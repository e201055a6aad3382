"""Syslog over TCP and TLS: connections as asyncio has them, each cut into messages and handed over.

What RFC 6587 and RFC 5425 cannot promise: syslog has no acknowledgement, so a sender takes for delivered what its
kernel took. When this process dies, what lay in the buffers between the two is gone, and neither side can know how
much; what was handed to the spool is not. A full inbox stops reading, so that TCP itself holds the sender up.
"""

import asyncio
import ssl
from typing import Any

from sensors.listening.binding import BACKLOG, Bound
from sensors.listening.datagrams import plain_address
from sensors.listening.framing import Framing
from sensors.listening.inbox import Inbox
from sensors.listening.model import (
    CROWDED,
    CUT,
    MAX_SEQUENCE,
    SEQUENCE_BITS,
    STALLED,
    Arrivals,
    Refused,
    lines_of,
    refused,
)

HELD_BYTES = 256 << 20
"""What all connections of a listener may hold of unfinished messages; who would hold more is closed."""
HANDSHAKE_SECONDS = 10.0
LOOK_SECONDS = 1.0
"""How often stalled connections are looked for."""


class Streams:
    """All connections of one listener; lives in the thread of its loop."""

    def __init__(self, bound: Bound, inbox: Inbox, first_session: int, context: ssl.SSLContext | None) -> None:
        self.settings = bound.settings
        self.inbox = inbox
        self.held = 0
        self.connections: set[_Connection] = set()
        self._bound = bound
        self._context = context
        self._session = first_session
        self._paused: set[_Connection] = set()
        self._server: asyncio.Server | None = None
        self._looking: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin to accept."""
        loop = asyncio.get_running_loop()
        more: dict[str, Any] = {}
        if self._context is not None:
            more = {"ssl": self._context, "ssl_handshake_timeout": HANDSHAKE_SECONDS}
        self._server = await loop.create_server(
            lambda: _Connection(self), sock=self._bound.socket, backlog=BACKLOG, **more
        )
        self._looking = loop.create_task(self._look())

    async def close(self) -> None:
        """Accept no more, and hand over what open connections have sent."""
        if self._looking is not None:
            self._looking.cancel()
        if self._server is not None:
            self._server.close()
        for connection in list(self.connections):
            connection.end()
        await asyncio.sleep(0)

    def next_session(self) -> int:
        """The number of a connection that begins; none is ever given twice."""
        self._session += 1
        return self._session - 1

    def pause(self, connection: "_Connection") -> None:
        """Read no more from a connection until there is room."""
        self._paused.add(connection)

    def resume(self) -> None:
        """There is room again."""
        paused, self._paused = self._paused, set()
        for connection in paused:
            connection.resume()

    def forget(self, connection: "_Connection") -> None:
        """A connection has ended."""
        self.connections.discard(connection)
        self._paused.discard(connection)

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            late = loop.time() - self.settings.stall_seconds
            for connection in [each for each in self.connections if each.stalled_since(late)]:
                connection.give_up(STALLED)


class _Connection(asyncio.Protocol):
    """One sender's connection."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._framing = Framing(streams.settings.longest)
        self._transport: asyncio.Transport | None = None
        self._sender = ""
        self._session = -1
        self._sequence = 0
        self._held = 0
        self._begun = 0.0
        self._clock = asyncio.get_running_loop().time

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        peer = transport.get_extra_info("peername")
        self._sender = plain_address(peer[0]) if peer else "?"
        if len(self._streams.connections) >= self._streams.settings.connections:
            self._streams.inbox.put(Arrivals(self._sender, (), 0, lost={CROWDED: 1}))
            transport.abort()
            return
        self._session = self._streams.next_session()
        self._streams.connections.add(self)

    def data_received(self, data: bytes) -> None:
        if self._session < 0:
            return
        began = self._framing.unfinished
        texts, odd = self._framing.feed(data)
        if texts or not began:
            self._begun = self._clock()
        self._hand_over(texts, odd)
        self._count_held()
        if self._framing.broken:
            self.end()
        elif self._streams.held > HELD_BYTES:
            self.give_up(CUT)
        elif self._streams.inbox.full and self._transport is not None:
            self._transport.pause_reading()
            self._streams.pause(self)

    def connection_lost(self, error: Exception | None) -> None:
        del error
        if self._session >= 0:
            self._hand_over(*self._framing.close())
            self._count_held()
            self._streams.forget(self)
            self._session = -1

    def resume(self) -> None:
        """Read on."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def stalled_since(self, moment: float) -> bool:
        """Whether a message has waited for its end since before that moment."""
        return self._framing.unfinished and self._begun < moment

    def give_up(self, reason: str) -> None:
        """End the connection in the middle of a message, which is refused."""
        texts, odd = self._framing.close()
        odd = [Refused(reason, each.raw, each.size, self._sender) for each in odd]
        self._hand_over([], [*odd, *(refused(reason, text, detail=self._sender) for text in texts)])
        self.end()

    def end(self) -> None:
        """End the connection; what it has sent of a message is handed over."""
        transport = self._transport
        self.connection_lost(None)
        if transport is not None:
            transport.abort()

    def _count_held(self) -> None:
        held = self._framing.held
        self._streams.held += held - self._held
        self._held = held

    def _hand_over(self, texts: list[bytes], odd: list[Refused]) -> None:
        if not texts and not odd:
            return
        lines = [line for line in lines_of(texts) if line]
        count = len(lines)
        if self._sequence + count > MAX_SEQUENCE:
            self._session, self._sequence = self._streams.next_session(), 0
        first = (self._session << SEQUENCE_BITS) | self._sequence
        self._sequence += count
        size = sum(map(len, lines)) + sum(len(each.raw) for each in odd)
        if count or odd:
            self._streams.inbox.put(
                Arrivals(self._sender, lines, size, range(first, first + count), tuple(odd))
            )
