"""What a protocol says about itself: how its messages are framed, recognised and read, and what belongs together.

Framings and signs are data, so that compiled code recognises any number of protocols without a branch for each; what
they admit is only supposed, and named once the protocol's parser has read a message. A parser is pure: octets in,
fields out.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, NamedTuple, TypeAlias
from typing import Protocol as Structure

from sensors.capture.compiled import Words

Fields: TypeAlias = dict[str, Any]

SIGN_OCTETS: Final = 8
"""How many octets a sign's pattern has at most."""
MOST_VALUES: Final = 64
"""How many objects, names or values of one message are told; what is left out is marked."""


class NotThis(ValueError):  # noqa: N818 - it says what the bytes are not
    """The octets are no message of the protocol; internal to the room."""


class Transport(IntEnum):
    """What carries a protocol."""

    TCP = 0
    UDP = 1
    ICMPV6 = 2


class Shape(IntEnum):
    """How the end of a message is found."""

    LENGTH = 0
    """A number of fixed size says it."""
    LINES = 1
    """Commands and replies of text (sensors.capture.lines)."""
    VARINT = 2
    """Seven bits of the length in each octet, the lowest first (MQTT)."""
    DATAGRAM = 3
    """Each datagram is a message."""
    OPENING = 4
    """A line and the binary packet behind it, once for each direction (SSH)."""


class Side(IntEnum):
    """What a message is to others of its flow."""

    ASKS = 0
    ANSWERS = 1
    ALONE = 2
    """An event of its own."""
    SILENT = 3
    """It belongs to the protocol, and nothing is told of it."""


class Pairing(IntEnum):
    """How a message finds the one that it belongs to."""

    ANSWERS = 0
    """An answer belongs to the first message from the other side that waits with its key."""
    SIDES = 1
    """Each side sends one; `Side.ASKS` is the client's."""
    PARTS = 2
    """Both come from one side, with one key, and only together say something."""


class Stands(IntEnum):
    """Where in a stream a sign shows something."""

    ANYWHERE = 0
    FIRST = 1
    """Where it begins; behind what was not understood it is nothing (a greeting)."""
    LATER = 2
    """Where its beginning may be missing: no stream begins so, and one that does is of something else."""


@dataclass(frozen=True, slots=True)
class Framing:
    """How messages stand in the bytes of a direction.

    Attributes:
        name: what it is called.
        transport: what carries it.
        shape: how a message's end is found.
        begins: the pattern that every message of a flow known to be of this framing begins with (see `Sign`).
        at: where the length stands.
        size: its octets, one to four.
        little: whether its lowest octet comes first.
        add: how many octets more than its number the message has.
        block: after each so many octets of user data, and at their end, a checksum of two follows (0: none); such
            data begins five octets behind the length's count.
        last: where in a frame the octet stands whose highest bit says that the message ends with this frame, and whose
            second bit that it begins with it; such a message is all frames from one to the other (0: each frame is a
            message; DNP3's transport function).
        least: how many octets it takes to know the length; also the least length.
        most: the greatest length that is believed.
        keep: how many octets of a message are read; the others are passed over.
        heads: the octets that a message may begin with, each with the least and the greatest length that it may say
            (of `Shape.VARINT`, for what has no pattern in common); none: any.
        number_at: where the number of the transaction stands that an answer repeats.
        number_size: its octets; 0: there is none, or at no fixed place. The parser sees zeros in their place, so that
            messages that differ in nothing else are read once; `Protocol.number` names its field.
    """

    name: str
    transport: Transport
    shape: Shape = Shape.DATAGRAM
    begins: str = ""
    at: int = 0
    size: int = 2
    little: bool = False
    add: int = 0
    block: int = 0
    last: int = 0
    least: int = 1
    most: int = 1 << 24
    keep: int = 4_096
    heads: tuple[tuple[int, int, int], ...] = ()
    number_at: int = 0
    number_size: int = 0

    def __post_init__(self) -> None:
        """Check what compiled code relies on."""
        if not 0 <= self.number_size <= 8:
            raise ValueError(f"{self.name}: a number has eight octets at most")
        if self.shape is Shape.LENGTH and not (1 <= self.size <= 4 and self.at + self.size <= self.least):
            raise ValueError(f"{self.name}: the length does not stand within the least octets")
        if pattern(self.begins)[0] > self.least:
            raise ValueError(f"{self.name}: a message may end before its pattern does")


@dataclass(frozen=True, slots=True)
class Sign:
    """What shows that a direction's first bytes, or a datagram, may be a protocol's.

    Attributes:
        framing: how its messages are framed.
        octets: hexadecimal digits in pairs, `?` for any digit; at most eight octets.
        at: where they stand.
        ports: it counts only if one of these is one of the flow's; empty: on any port.
        least: how many octets must be there at least.
        stands: where in a stream it shows something.
    """

    framing: Framing
    octets: str
    at: int = 0
    ports: tuple[int, ...] = ()
    least: int = 0
    stands: Stands = Stands.ANYWHERE

    def __post_init__(self) -> None:
        """Refuse patterns that cannot be compared, or that a stream's first segment may be too short for."""
        if self.framing.transport is Transport.TCP and max(self.least, self.at + pattern(self.octets)[0]) > SIGN_OCTETS:
            raise ValueError(f"{self.framing.name}: what a stream is shows within its first {SIGN_OCTETS} octets")
        if not pattern(self.octets)[0] and not self.ports:
            raise ValueError(f"{self.framing.name}: a sign without octets needs ports")


class Context(NamedTuple):
    """What a parser may know beside the octets; a tuple, since one is made for each message.

    Attributes:
        framing: how they were framed.
        answering: whether the flow's responder sent them.
        sender_port: of who sent them; 0 where the transport has none, and from 32,768 on, which clients take, so that
            what many of them say alike is read once.
        receiver_port: of whom they were sent to, or 0 likewise.
        cut: whether they are only the beginning of the message.
    """

    framing: Framing
    answering: bool = False
    sender_port: int = 0
    receiver_port: int = 0
    cut: bool = False


class Message(NamedTuple):
    """What a message says; a tuple, for the same reason.

    Attributes:
        fields: values by their field's name.
        side: what it is to others.
        key: what an answer must have in common with what it answers, beside the framing's number.
        said: what `Protocol.together` needs to know.
    """

    fields: Fields
    side: Side = Side.ALONE
    key: Hashable = None
    said: Any = None


class Follower(Structure):
    """What remembers a conversation's events for those behind them."""

    def see(self, talk: int, fields: Fields) -> Fields:
        """Take the fields of the next event of a conversation; further fields of it, none of which it has already."""

    def forget(self, talks: Words) -> None:
        """These conversations have ended, and others may get their numbers."""


class Gatherer(Structure):
    """What puts messages together that only say something when all of them are there.

    Attributes:
        given_up: how many did not become whole.
    """

    given_up: int

    def take(self, talk: int, message: Message) -> Message:
        """Take the next message of a conversation; what it is to be taken for."""

    def others(self, talk: int) -> None:
        """Another protocol with the same framing has a message of this conversation that this one cannot read."""

    def see(self, talk: int, fields: Fields) -> Fields:
        """Take the fields of the next event of a conversation; further fields of it, none of which it has already."""

    def forget(self, talks: Words) -> None:
        """These conversations have ended, and others may get their numbers."""


def merged(asked: Message, answered: Message) -> Fields:
    """The fields of both; those of the first count where both have one."""
    return {**answered.fields, **asked.fields}


@dataclass(frozen=True, slots=True)
class Protocol:
    """One protocol.

    Attributes:
        name: what `network.protocol` says, and `network.<name>` as the dataset.
        signs: what shows it, in any order.
        parse: reads a message; raises `NotThis` where it is none.
        pairing: how messages find each other.
        together: the fields of an event that two messages make.
        category: ECS event.category.
        types: ECS event.type.
        number: the field of the framing's number, where it has one.
        follower: makes what knows what earlier events of a conversation have said; its memory is bounded. For protocols
            whose messages name things by numbers.
        gatherer: makes what puts more than two messages together before they are paired; its memory is bounded. Such a
            protocol is the first one to read its framings.
    """

    name: str
    signs: tuple[Sign, ...]
    parse: Callable[[bytes, Context], Message]
    pairing: Pairing = Pairing.ANSWERS
    together: Callable[[Message, Message], Fields] = merged
    category: tuple[str, ...] = ("network",)
    types: tuple[str, ...] = ("protocol", "info")
    number: str = ""
    follower: Callable[[], Follower] | None = None
    gatherer: Callable[[], Gatherer] | None = None

    def __post_init__(self) -> None:
        """A number is told by those whose framings have one."""
        for sign in self.signs:
            if bool(sign.framing.number_size) != bool(self.number):
                raise ValueError(f"{self.name}: the framing's number and the field's name belong together")


def pattern(text: str) -> tuple[int, int, int]:
    """How many octets a pattern has, which of their bits count, and what these are.

    Raises:
        ValueError: it is no pattern, or too long.
    """
    octets = text.split()
    if len(octets) > SIGN_OCTETS or any(len(octet) != 2 for octet in octets):
        raise ValueError(f"no pattern of at most {SIGN_OCTETS} octets: {text}")
    digits = "".join(octets)
    mask = "".join("0" if digit == "?" else "f" for digit in digits)
    return len(octets), int(mask or "0", 16), int(digits.replace("?", "0") or "0", 16)
