"""A client's first flight, put together from stretches of its handshake in any number of datagrams.

RFC 9000 sections 7.5 and 19.6 (CRYPTO frames): offsets order the stretches, which come in any order, more than once and
overlapping. A hello with a key that quantum computers cannot break takes two datagrams, one with early data or
scattered on purpose takes more.
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from sensors.capture.compiled import Words
from sensors.capture.protocols.model import Fields, Message, Side

MOST_DATAGRAMS: Final = 16
MOST_OCTETS: Final = 65_536
"""How many datagrams and octets of one flight are put together."""
MOST_FLIGHTS: Final = 4_096
MOST_HELD: Final = 16 << 20
"""How many flights are remembered, and octets of all of them; the oldest are given up first."""
_PIECE: Final = 64
"""What a stretch costs beside its octets."""


class Part(NamedTuple):
    """What a datagram of a first flight says: the fields of its header, and stretches of its handshake by place."""

    fields: Fields
    pieces: tuple[tuple[int, bytes], ...]


def hello(pieces: tuple[tuple[int, bytes], ...]) -> bytes:
    """The handshake's first message, put together from stretches in any order; empty while something is missing."""
    whole = bytearray()
    for place, stretch in sorted(pieces, key=lambda piece: piece[0]):
        if place > len(whole):
            break
        whole += stretch[len(whole) - place :]
    size = 4 + int.from_bytes(whole[1:4], "big")
    return bytes(whole[:size]) if 4 < size <= len(whole) else b""


@dataclass(slots=True)
class _Flight:
    """What came of one flight; nothing more is wanted once it is `over`."""

    pieces: dict[tuple[int, bytes], None] = field(default_factory=dict)
    datagrams: int = 0
    octets: int = 0
    over: bool = False


class Flights:
    """First flights by conversation and by the identifier that the client chose for the server.

    Attributes:
        given_up: how many did not become whole: too much came of one, too many were open, or the rest never came.
    """

    def __init__(self) -> None:
        """Nothing came yet."""
        self.given_up = 0
        self._flights: dict[tuple[int, object], _Flight] = {}
        self._held = 0

    def take(self, talk: int, message: Message) -> Message:
        """Take a datagram of a conversation.

        Returns:
            What it is to be taken for: the first one waits as it is; the one with which the hello is whole has all of
            it; those between, and what is sent again, say nothing.
        """
        if not isinstance(message.said, Part):
            return message
        name = talk, message.key
        flight = self._flights.get(name)
        first = flight is None
        if flight is None:
            self._make_room()
            flight = self._flights[name] = _Flight()
        elif flight.over:
            return Message({}, Side.SILENT)
        flight.datagrams += 1
        for piece in message.said.pieces:
            if piece not in flight.pieces:
                flight.pieces[piece] = None
                flight.octets += len(piece[1]) + _PIECE
                self._held += len(piece[1]) + _PIECE
        if message.side is Side.ALONE and first:
            self._close(flight)
            return message
        if hello(tuple(flight.pieces)):
            part = Part(message.said.fields, tuple(flight.pieces))
            self._close(flight)
            return Message(message.fields, Side.ASKS, message.key, part)
        if flight.datagrams >= MOST_DATAGRAMS or flight.octets > MOST_OCTETS:
            self.given_up += 1
            self._close(flight)
        return message if first else Message({}, Side.SILENT)

    def others(self, talk: int) -> None:
        """No other protocol has this framing."""

    def see(self, _talk: int, _fields: Fields) -> Fields:
        """An event says all that is known of a flight."""
        return {}

    def forget(self, talks: Words) -> None:
        """These conversations have ended: what is not whole will not be."""
        if self._flights:
            ended = set(talks.tolist())
            for name in [name for name in self._flights if name[0] in ended]:
                self._drop(name)

    def _make_room(self) -> None:
        while self._flights and (len(self._flights) >= MOST_FLIGHTS or self._held > MOST_HELD):
            self._drop(next(iter(self._flights)))

    def _drop(self, name: tuple[int, object]) -> None:
        flight = self._flights.pop(name)
        if not flight.over:
            self.given_up += 1
            self._close(flight)

    def _close(self, flight: _Flight) -> None:
        self._held -= flight.octets
        flight.pieces.clear()
        flight.octets, flight.over = 0, True
