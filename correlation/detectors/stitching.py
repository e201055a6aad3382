"""NetFlow's records of one direction, stitched together to conversations that say who began, where that can be known.

A record goes one way, and a long connection comes as many of them. Who began is told by the record itself where it is
of both directions (RFC 5103), or where it is of TCP and nothing but the opening was sent; else by the ports: a service
has a port that is registered for it, a client one that its system chose (RFC 6335). Where these do not tell, nothing
is said of the record. What was not answered cannot be known of one direction either, save for TCP, where whoever got an
answer acknowledges it.

TCP flags: information element 6, tcpControlBits (RFC 5102 section 5.8.7), all that were set in a record's packets.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple, TypeAlias

from sensors.event.times import SECOND

IDLE: Final = 1_800 * SECOND
"""A record this long after the last one of the same addresses and ports is of another connection."""
MOST: Final = 200_000
"""Connections that are remembered."""
FIELDS: Final = (
    "source.ip", "source.port", "destination.ip", "destination.port", "network.transport", "source.bytes",
    "source.packets", "destination.bytes", "destination.packets", "event.duration", "netflow.tcp_control_bits",
    "netflow.icmp_type_code_ipv4", "netflow.icmp_type_code_ipv6", "netflow.sampling_interval", "observer.ip",
    "netflow.flow_direction",
)  # fmt: skip
"""What is read of each record, in the order of `Record`."""
_SYN: Final = 0x02
_ACK: Final = 0x10
_WELL_KNOWN: Final = 1_024
_CHOSEN: Final = 32_768
"""From here on Linux chooses clients' ports; Windows and RFC 6335 do from 49,152 on."""
_ECHO: Final = {"icmp": 8 << 8, "ipv6-icmp": 128 << 8}
"""Type and code of echo requests as one number (RFC 792, RFC 4443)."""

Key: TypeAlias = tuple[str, int | None, str, int | None, str | None]
"""The addresses and ports of who began and of the other one, and the transport."""


class Record(NamedTuple):
    """A record of NetFlow: `time` its beginning in ns since 1970; None where the exporter did not say something."""

    time: int
    source: str | None
    source_port: int | None
    destination: str | None
    destination_port: int | None
    transport: str | None
    sent: int | None
    packets: int | None
    answered_bytes: int | None
    answered: int | None
    duration: int | None
    flags: int | None
    icmp: int | None
    icmp_of_six: int | None
    sampling: int | None
    exporter: str | None
    direction: int | None


class Piece(NamedTuple):
    """A record from who began a conversation, or of both directions, as part of it.

    Attributes:
        key: of whom it is; who began stands first.
        begun: when the conversation began, as far as it is remembered, ns since 1970.
        end: when the record ended.
        sent, received: its octets from and to who began.
        futile: it got nowhere.
        first: nothing from who began was seen before.
        earlier: octets from and to who began in the records before.
    """

    key: Key
    begun: int
    end: int
    sent: int
    received: int = 0
    futile: bool = False
    first: bool = True
    earlier: tuple[int, int] = (0, 0)


class _Known:
    """A connection: when it began and ended, its octets both ways, and who told of each way first."""

    __slots__ = ("begun", "end", "received", "sent", "tellers")

    def __init__(self, begun: int, end: int) -> None:
        self.begun, self.end, self.sent, self.received = begun, end, 0, 0
        self.tellers: list[list[Any] | None] = [None, None]


class Stitching:
    """Remembers connections, the longest quiet forgotten where there are too many.

    Attributes:
        given_up: how many were forgotten though they might have gone on.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: OrderedDict[Key, _Known] = OrderedDict()
        self.given_up = 0

    def pieces(self, rows: Iterable[tuple[Any, ...]], received: int) -> Iterator[tuple[int, Piece]]:
        """What can be said of records: the number of each row of which something can, and what.

        Args:
            rows: the number, the time and `FIELDS` of each record, in the order in which they came.
            received: when they came, ns since 1970: one whose time lies behind it does not make all others old.
        """
        for row, *said in rows:
            piece = self._piece(Record(*said), received)
            if piece is not None:
                yield row, piece

    def _piece(self, record: Record, received: int) -> Piece | None:
        # Of a sampled flow most packets are missing: neither its flags nor its beginning are known.
        if (record.sampling or 1) > 1 or record.source is None or record.destination is None:
            return None
        began = _began(record)
        if began is None:
            return None
        end = record.time + (record.duration or 0)
        there = (record.source, record.source_port, record.destination, record.destination_port, record.transport)
        if record.transport in _ECHO:
            # A ping has no ports, and its answer is not looked at.
            key: Key = (record.source, None, record.destination, None, record.transport)
            return Piece(key, record.time, end, record.sent or 0)
        if _futile(record):
            return Piece(there, record.time, end, record.sent or 0, futile=True)
        key = there if began else (*there[2:4], *there[:2], record.transport)
        return self._stitched(record, key, end, min(record.time, received), forth=began)

    def _stitched(self, record: Record, key: Key, end: int, now: int, *, forth: bool) -> Piece | None:
        known = self._known.get(key)
        if known is None or record.time - known.end > IDLE:
            known = self._known[key] = _Known(record.time, end)
            self._make_room(now)
        self._known.move_to_end(key)
        # Exporters on the way tell of the same packets, and one may do so where they come in and where they go out.
        teller = [record.exporter, record.direction]
        way = 0 if forth else 1
        first = known.tellers[way] is None
        if first:
            known.tellers[way] = teller
        if known.tellers[way] != teller:
            return None
        earlier = known.sent, known.received
        sent, received = record.sent or 0, record.answered_bytes or 0
        sent, received = (sent, received) if forth else (received, sent)
        known.sent, known.received = known.sent + sent, known.received + received
        known.begun, known.end = min(known.begun, record.time), max(known.end, end)
        if not forth:
            # It counts for what comes next from who began, whose record is the evidence then.
            return None
        return Piece(key, known.begun, known.end, sent, received, first=first, earlier=earlier)

    def _make_room(self, now: int) -> None:
        """Forget the connection that was quiet for longest, if there are too many, and those that are over."""
        while len(self._known) > 1:
            oldest = next(iter(self._known.values()))
            over = now - oldest.end > IDLE
            if not over and len(self._known) <= self._most:
                return
            self._known.popitem(last=False)
            self.given_up += not over

    def dump(self) -> list[Any]:
        """All of it as JSON can say it, the longest quiet first."""
        return [
            [list(key), one.begun, one.end, one.sent, one.received, one.tellers] for key, one in self._known.items()
        ]

    def load(self, said: Iterable[Any]) -> None:
        """Remember what was dumped."""
        for (source, port, destination, other, transport), begun, end, sent, received, tellers in said:
            known = self._known[source, port, destination, other, transport] = _Known(begun, end)
            known.sent, known.received, known.tellers = sent, received, tellers


def unanswered(transport: str | None, answered: int) -> bool:
    """Whether so many packets in return are none, or of TCP one segment alone, which opens or refuses."""
    return answered == 0 or (transport == "tcp" and answered == 1)


def _futile(record: Record) -> bool:
    """Whether it counts that nothing came back, or opened a connection of TCP and never acknowledged anything."""
    flags = (record.flags or 0) if record.transport == "tcp" else 0
    if record.answered is None:
        return bool(flags & _SYN) and not flags & _ACK
    if flags and (not flags & _SYN or (flags & _ACK and not record.answered)):
        # It was under way already; or there was an answer, on a way that the exporter does not see.
        return False
    return unanswered(record.transport, record.answered)


def _began(record: Record) -> bool | None:
    """Whether the record's source began the conversation; None where nobody can say."""
    if record.transport in _ECHO:
        kind = record.icmp if record.icmp is not None else record.icmp_of_six
        # Exporters without the element put it where the port would be.
        kind = record.destination_port if kind is None else kind
        return True if kind == _ECHO[record.transport] else None
    if record.answered is not None or _futile(record):
        return True
    here, there = record.source_port, record.destination_port
    if here is None or there is None:
        return None
    for border in (_WELL_KNOWN, _CHOSEN):
        if (here < border) != (there < border):
            return there < border
    return None
