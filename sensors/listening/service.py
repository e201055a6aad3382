"""All listeners of a process: opened together or not at all, watched, and ended so that nothing received is lost."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread
from typing import Any, Self

import structlog

from sensors.delivery.ports import Spool
from sensors.errors import FormatNotNamed
from sensors.event.times import Clock
from sensors.listening.binding import DATAGRAMS, Bound, allow_files, bind, server_context
from sensors.listening.datagrams import Datagrams
from sensors.listening.errors import ListenerEnded, ListenerTwice
from sensors.listening.http import HttpIntake
from sensors.listening.inbox import DATAGRAM_CAPACITY_BYTES, Inbox
from sensors.listening.model import lines_of
from sensors.listening.receiving import Receiver
from sensors.listening.serving import HttpServer
from sensors.listening.sorting import Sorter, network_parsers
from sensors.listening.streams import Streams
from sensors.listening.tokens import tokens_of
from sensors.listening.writer import LineMaker, Writer
from sensors.listening.zones import zone_rules
from sensors.parsers.compiling import prepare
from sensors.parsers.locality import add_rule
from sensors.settings import ListenerKind, ListenerSettings

END_SECONDS = 3.0
"""How long what was received may take to reach the spool when the process is asked to end."""
_SPARE_FILES = 256
DOCUMENTS = "ecs.json"
"""The format of documents that come over HTTP and that no other format recognises."""
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Listener:
    """One listener at work."""

    bound: Bound
    inbox: Inbox
    writer: Writer
    receiver: Receiver | None = None
    server: Streams | HttpServer | None = None


class Listening:
    """Listens from entering the context to leaving it.

    Raises:
        ListenerUnusable, CertificateUnusable, TokensUnusable, ListenerTwice, FormatNotNamed: on entering; then nothing
            is listened to.
    """

    def __init__(self, settings: Sequence[ListenerSettings], spool: Spool, clock: Clock) -> None:
        self._settings = settings
        self._spool = spool
        self._clock = clock
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="streams", daemon=True)
        self.listeners: list[Listener] = []

    def __enter__(self) -> Self:
        bound: list[Bound] = []
        try:
            _distinct(self._settings)
            for kind in {each.kind for each in self._settings}:
                _prepare(kind)
            for settings in self._settings:
                self.listeners.append(self._made(settings, bound))
        except BaseException:
            for each in bound:
                each.socket.close()
            self._loop.close()
            raise
        wanted = sum(each.connections for each in self._settings if each.kind not in DATAGRAMS)
        if wanted and (granted := allow_files(wanted + _SPARE_FILES)) < wanted + _SPARE_FILES:
            _log.warning("fewer connections than the settings say", files=granted, connections=wanted)
        self._thread.start()
        for listener in self.listeners:
            self._start(listener)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Receive no more, and spool what was received; a second time does nothing."""
        if self._loop.is_closed():
            return
        for listener in self.listeners:
            if listener.receiver is not None:
                listener.receiver.stop()
            if listener.server is not None:
                with suppress(Exception):
                    self._run(listener.server.close())
        for listener in self.listeners:
            if listener.receiver is not None:
                listener.receiver.join(END_SECONDS)
            listener.inbox.close()
        until = time.monotonic() + END_SECONDS
        for listener in self.listeners:
            listener.writer.join(max(0.1, until - time.monotonic()))
            listener.writer.give_up()
            listener.writer.join(END_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(END_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()

    def check(self) -> None:
        """Whether everything is still at work.

        Raises:
            ListenerEnded: a thread ended with an error.
            DeliveryProblem: the spool can no longer be used.
        """
        for listener in self.listeners:
            failure = listener.writer.failure or (listener.receiver.failure if listener.receiver else None)
            if failure is not None:
                raise ListenerEnded(name=listener.bound.settings.identity, reason=str(failure)) from failure

    def _made(self, settings: ListenerSettings, bound: list[Bound]) -> Listener:
        parsers = network_parsers()
        said = next((parser for parser in parsers if parser.name == settings.format), None)
        if settings.format and said is None:
            raise FormatNotNamed(format=settings.format, known=[parser.name for parser in parsers])
        context = server_context(settings)
        tokens = tokens_of(settings)
        opened = bind(settings)
        bound.append(opened)
        name = f"{settings.kind}://{opened.place}"
        if settings.zone:
            for rule in zone_rules(name, settings.zone):
                add_rule(rule)
        if settings.kind == "netflow":
            return self._flow_listener(opened, name)
        fallback = next(parser for parser in parsers if parser.name == DOCUMENTS) if settings.kind == "http" else None
        maker = LineMaker(self._spool, settings.identity, name, Sorter(parsers, said, fallback, name))
        if settings.kind in DATAGRAMS:
            inbox = Inbox(DATAGRAM_CAPACITY_BYTES)
            receiver = Receiver(name, Datagrams(opened.socket), inbox, lines_of)
            return Listener(opened, inbox, Writer(name, inbox, self._spool, maker, self._clock), receiver)
        servers: list[Streams | HttpServer] = []

        def drained() -> None:
            self._loop.call_soon_threadsafe(servers[0].resume)

        inbox = Inbox(drained=drained)
        if settings.kind == "http":
            servers.append(HttpServer(opened, HttpIntake(settings, tokens, inbox), context))
            if not tokens:
                _log.warning("nobody can send without a token", listener=settings.identity)
        else:
            servers.append(Streams(opened, inbox, maker.next_session, context))
        return Listener(opened, inbox, Writer(name, inbox, self._spool, maker, self._clock), server=servers[0])

    def _flow_listener(self, opened: Bound, name: str) -> Listener:
        # Loaded here alone: it brings what no other listener needs.
        from sensors.listening.netflow import maker as netflow  # noqa: PLC0415

        inbox = Inbox(DATAGRAM_CAPACITY_BYTES)
        maker = netflow.NetflowMaker(self._spool, opened.settings.identity, name)
        receiver = Receiver(name, Datagrams(opened.socket), inbox, list)
        writer = Writer(name, inbox, self._spool, maker, self._clock, messages=netflow.FLUSH_PACKETS)
        return Listener(opened, inbox, writer, receiver)

    def _start(self, listener: Listener) -> None:
        listener.writer.start()
        if listener.receiver is not None:
            listener.receiver.start()
        if listener.server is not None:
            self._run(listener.server.open())
        more = {} if listener.bound.granted is None else {"receive_buffer": listener.bound.granted}
        _log.info("listening", kind=listener.bound.settings.kind, at=listener.bound.place, **more)

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(END_SECONDS * 2)


def _prepare(kind: ListenerKind) -> None:
    """Compile what a kind of listener needs before anything is bound: what comes then is not to wait for a compiler."""
    if kind == "netflow":
        from sensors.listening.netflow import maker as netflow  # noqa: PLC0415 - brings what no other kind needs

        netflow.prepare()
    else:
        prepare()


def _distinct(settings: Sequence[ListenerSettings]) -> None:
    seen: set[str] = set()
    for each in settings:
        if each.identity in seen:
            raise ListenerTwice(name=each.identity)
        seen.add(each.identity)
