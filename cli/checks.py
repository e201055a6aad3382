"""What `hanwatch doctor` looks at, one function each: it says what it found, or raises what is wrong."""

import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from typing import Literal, TypeAlias

from api.messages import explain
from cli.output import language, tell
from cli.parts.exceptions import chosen_exceptions
from cli.parts.intelligence import WithIntelligence
from cli.parts.notifying import WithNotifying
from cli.parts.rules import chosen_rules
from cli.parts.spool import CORRELATOR, WithSpool
from cli.parts.store import WithStore
from correlation.context.loading import load_context
from correlation.exceptions.loading import ended
from correlation.intelligence.pacing import MINUTE, late
from correlation.intelligence.sources import sources_of
from correlation.notifying.channels.registry import open_channel
from correlation.notifying.errors import NotifyingProblem
from correlation.notifying.standing import is_late
from correlation.query.model import Query
from sensors.delivery.errors import LeaseTaken
from sensors.event.times import SECOND, iso
from sensors.listening.binding import allow_files, bind, server_context
from sensors.listening.errors import ListeningProblem
from sensors.listening.tokens import tokens_of

State: TypeAlias = Literal["ok", "hint", "fault"]
"""`fault` needs mending, `hint` is worth knowing."""
NOTIFY_SECONDS = 3.0
"""How long a channel may take to show that it is there."""
"""A message that waits for longer than this is worth a word."""


class Examined(WithIntelligence, WithNotifying, WithSpool, WithStore):
    """What is looked at."""


Check: TypeAlias = Callable[[Examined], Iterator[tuple[State, str]]]


def python(_house: Examined) -> Iterator[tuple[State, str]]:
    """Whether Python is new enough."""
    text = ".".join(map(str, sys.version_info[:3]))
    yield ("ok", text) if sys.version_info >= (3, 11) else ("fault", tell("doctor.python", version=text))


def disk(house: Examined) -> Iterator[tuple[State, str]]:
    """Whether there is room for what is read."""
    free = shutil.disk_usage(house.settings.data).free
    needed = house.settings.spool.min_free_bytes
    words = {"free": f"{free / 2**30:.1f}", "needed": f"{needed / 2**30:.1f}", "folder": str(house.settings.data)}
    yield ("ok", tell("doctor.disk", **words)) if free > needed else ("fault", tell("doctor.disk.low", **words))


def memory(_house: Examined) -> Iterator[tuple[State, str]]:
    """How much memory the machine has."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    yield ("ok" if total >= 3.5 else "hint"), tell("doctor.memory", total=f"{total:.1f}")


def spool(house: Examined) -> Iterator[tuple[State, str]]:
    """What waits in the spool, what is quarantined, and who matches."""
    waiting = sum(report.pending for report in house.spool.report())
    yield "ok", tell("doctor.spool", waiting=f"{waiting:,}")
    quarantined = sum(house.spool.quarantine_tally().values())
    if quarantined:
        yield "hint", tell("doctor.quarantine", number=f"{quarantined:,}")
    try:
        with house.spool.lease(CORRELATOR):
            running = None
    except LeaseTaken as taken:
        running = taken.parameters["pid"]
    if running:
        yield "ok", tell("doctor.correlator", pid=running)
    elif waiting:
        yield "hint", tell("doctor.correlator.none", waiting=f"{waiting:,}")


def ledger(house: Examined) -> Iterator[tuple[State, str]]:
    """Whether the ledger adds up."""
    missing = sum(abs(balance.missing) for report in house.spool.report() for balance in report.balances)
    yield ("ok", tell("ledger.complete")) if not missing else ("fault", tell("ledger.incomplete", missing=missing))


def store(house: Examined) -> Iterator[tuple[State, str]]:
    """Whether the store of events answers."""
    total = house.store.search(Query(limit=1)).total
    yield "ok", tell("doctor.store", events=f"{total:,}")


def database(house: Examined) -> Iterator[tuple[State, str]]:
    """Whether the relational database answers."""
    yield "ok", tell("doctor.database", alerts=f"{sum(house.book.count_by_level().values()):,}")


def rules(house: Examined) -> Iterator[tuple[State, str]]:
    """Whether rules and exceptions can be read, and which exceptions have ended."""
    loaded = chosen_rules(house.settings)
    rules, broken = f"{len(loaded.rules):,}", f"{len(loaded.problems):,}"
    yield ("fault" if loaded.problems else "ok"), tell("doctor.rules", rules=rules, broken=broken)
    if not house.settings.rules.exceptions:
        return
    found = chosen_exceptions(house.settings, loaded)
    over = ended(found.exceptions, house.clock())
    counts = {"working": f"{len(found.exceptions) - len(over):,}", "broken": f"{len(found.problems):,}"}
    yield ("fault" if found.problems else "ok"), tell("doctor.exceptions", **counts)
    for problem in over:
        yield "hint", explain(problem, language)


def context(house: Examined) -> Iterator[tuple[State, str]]:
    """Whether files of context can be read."""
    if not house.settings.context.files:
        return
    loaded = load_context(house.settings.context.files)
    counts = {"entries": f"{len(loaded.entries):,}", "problems": f"{len(loaded.problems):,}"}
    yield ("fault" if loaded.problems else "ok"), tell("doctor.context", **counts)


def feeds(house: Examined) -> Iterator[tuple[State, str]]:
    """Whether feeds are read by themselves."""
    settings, now = house.settings.intelligence, house.clock()
    if not settings.active:
        return
    for source in sources_of(settings):
        standing = house.indicators.feeds.of(source.key)
        if late(standing, settings.every_minutes * MINUTE, now):
            since = iso(standing.success) if standing.success else "-"
            yield "fault", tell("doctor.feeds.late", name=source.name, since=since)
        elif not standing.success:
            yield "hint", tell("doctor.feeds.never", name=source.name)
        else:
            yield "ok", tell("doctor.feeds", name=source.name, since=iso(standing.success))


def port(house: Examined) -> Iterator[tuple[State, str]]:
    """Whether the port of the API is free."""
    host, port = house.settings.api.host, house.settings.api.port
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        taken = port != 0 and probe.connect_ex((host, port)) == 0
    yield ("hint" if taken else "ok"), tell("doctor.port.taken" if taken else "doctor.port", host=host, port=port)


def listeners(house: Examined) -> Iterator[tuple[State, str]]:
    """What each listener would be granted; a port in use may be in use by a running sensor of ours."""
    for settings in house.settings.listeners:
        try:
            server_context(settings)
            tokens = tokens_of(settings)
            bound = bind(settings)
        except ListeningProblem as problem:
            yield ("hint" if problem.parameters.get("reason") == "taken" else "fault"), explain(problem, language)
            continue
        bound.socket.close()
        words = {"name": settings.identity, "place": settings.place}
        yield "ok", tell("doctor.listener", **words)
        if bound.granted is not None and bound.granted < settings.receive_bytes:
            granted, wanted = (f"{size / 2**20:.1f}" for size in (bound.granted, settings.receive_bytes))
            yield "hint", tell("doctor.listener.buffer", **words, granted=granted, wanted=wanted)
        if settings.kind == "http" and not tokens:
            yield "hint", tell("doctor.listener.tokens", **words)
        if bound.granted is None and (files := allow_files(settings.connections)) < settings.connections:
            yield "hint", tell("doctor.listener.files", **words, files=files, wanted=settings.connections)


def notify(house: Examined) -> Iterator[tuple[State, str]]:
    """Whether each channel can be reached, and what could not be delivered."""
    notify = house.settings.notify
    if not notify.channels:
        yield "ok", tell("doctor.notify.none")
        return
    if not notify.routes:
        yield "hint", tell("doctor.notify.routes")
    for channel in notify.channels:
        quick = replace(channel, timeout=min(channel.timeout, NOTIFY_SECONDS))
        try:
            place = open_channel(quick, house.around).reach()
        except NotifyingProblem as problem:
            yield "fault", f"{channel.name}: {explain(problem, language)}"
        else:
            yield "ok", tell("doctor.notify", name=channel.name, kind=channel.kind, place=place)
    for name, tally in house.outbox.tally().items():
        if tally.failed:
            yield "hint", tell("doctor.notify.failed", name=name, number=f"{tally.failed:,}")
        if is_late(tally, house.clock()):
            since = (house.clock() - tally.oldest) // (60 * SECOND)
            yield "hint", tell("doctor.notify.late", name=name, number=f"{tally.waiting:,}", minutes=f"{since:,}")


def packets(_house: Examined) -> Iterator[tuple[State, str]]:
    """Which tools look into packets."""
    for module in ("scapy", "pyshark"):
        found = find_spec(module) is not None
        yield ("ok" if found else "hint"), tell("doctor.module" if found else "doctor.module.none", module=module)
    tshark = shutil.which("tshark")
    yield ("ok", tell("doctor.tshark", path=tshark)) if tshark else ("hint", tell("doctor.tshark.none"))
