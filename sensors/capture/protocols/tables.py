"""The registry's framings and signs as arrays for compiled code, sorted by the first octet that they allow."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from sensors.capture.compiled import Longs, Words
from sensors.capture.protocols.model import Framing, Shape, Sign, Stands, Transport, pattern
from sensors.capture.protocols.registry import REGISTRY

FRAMINGS: Final[tuple[Framing, ...]] = tuple(
    dict.fromkeys(sign.framing for protocol in REGISTRY for sign in protocol.signs),
)
"""Every framing once; a message's kind is its place here behind the kinds that have a way of their own."""
READERS: Final[tuple[tuple[int, ...], ...]] = tuple(
    tuple(
        place for place, protocol in enumerate(REGISTRY) if any(sign.framing is framing for sign in protocol.signs)
    )
    for framing in FRAMINGS
)
"""For each framing the places in the registry of the protocols that may have sent its messages, in order."""

# A framing's row.
W_SHAPE: Final = 0
W_AT: Final = 1
W_SIZE: Final = 2
W_LITTLE: Final = 3
W_ADD: Final = 4
W_BLOCK: Final = 5
W_LEAST: Final = 6
W_MOST: Final = 7
W_KEEP: Final = 8
W_BEGINS: Final = 9          # octets of the pattern that its messages begin with
W_NUMBER_AT: Final = 10
W_NUMBER_SIZE: Final = 11
W_LAST: Final = 12

# A sign's row.
G_AT: Final = 0
G_SIZE: Final = 1
G_LEAST: Final = 2
G_FRAMING: Final = 3
G_PORTS: Final = 4
G_PORTS_END: Final = 5
G_STANDS: Final = 6        # a Stands
G_COLUMNS: Final = 7

_TRANSPORTS: Final = 2


def _signs() -> Iterator[Sign]:
    for protocol in REGISTRY:
        yield from (sign for sign in protocol.signs if sign.framing.transport is not Transport.ICMPV6)


def _allows(sign: Sign, first: int) -> bool:
    """Whether bytes that begin with this octet may bear the sign."""
    size, mask, value = pattern(sign.octets)
    if sign.at or not size:
        return True
    shift = 8 * (size - 1)
    return first & mask >> shift == value >> shift


_SIGNS: Final = list(_signs())
_ports: list[int] = []


def _range(ports: tuple[int, ...]) -> tuple[int, int]:
    _ports.extend(ports)
    return len(_ports) - len(ports), len(_ports)


SIGNS: Final[Words] = np.array(
    [
        (
            sign.at, pattern(sign.octets)[0], max(sign.least, sign.at + pattern(sign.octets)[0], 1),
            FRAMINGS.index(sign.framing), *_range(sign.ports), sign.stands,
        )
        for sign in _SIGNS
    ],
    np.int64,
)
SIGN_WORDS: Final[Longs] = np.array([pattern(sign.octets)[1:] for sign in _SIGNS], np.uint64)
"""Mask and value of each sign."""
RULES: Final[Words] = np.array(
    [
        (
            framing.shape, framing.at, framing.size, framing.little, framing.add, framing.block, framing.least,
            framing.most, framing.keep, pattern(framing.begins)[0], framing.number_at, framing.number_size,
            framing.last,
        )
        for framing in FRAMINGS
    ],
    np.int64,
)
BEGIN_WORDS: Final[Longs] = np.array([pattern(framing.begins)[1:] for framing in FRAMINGS], np.uint64)
"""Mask and value of the pattern that each framing's messages begin with."""
HEADS: Final[Words] = np.array(
    [
        {octet: (least, most) for octet, least, most in framing.heads}.get(first, none)
        for framing in FRAMINGS
        for none in ((0, -1 if framing.heads else framing.most),)
        for first in range(256)
    ],
    np.int64,
)
"""For each framing and first octet of a message the least and the greatest length behind it; -1: none begins so."""
PORTS: Final[Words] = np.array([*_ports, 0], np.int64)

_BY_FIRST: Final = [
    [
        place
        for place, sign in enumerate(_SIGNS)
        if sign.framing.transport == transport and _allows(sign, first)
    ]
    for transport in range(_TRANSPORTS)
    for first in range(256)
]
ORDER: Final[Words] = np.array([place for places in _BY_FIRST for place in places] or [0], np.int64)
"""Places of signs by transport and first octet; `FIRSTS` says where those of each begin."""
FIRSTS: Final[Words] = np.cumsum([0, *map(len, _BY_FIRST)]).astype(np.int64)

FIRST_ONLY: Final = int(Stands.FIRST)
LATER_ONLY: Final = int(Stands.LATER)
OPENING: Final = int(Shape.OPENING)
LINES: Final = int(Shape.LINES)
VARINT: Final = int(Shape.VARINT)


def neighbours() -> tuple[int, ...]:
    """The places of the framings of ICMPv6's messages: of those that came from the link, and of those that did not."""
    return tuple(at for at, framing in enumerate(FRAMINGS) if framing.transport is Transport.ICMPV6)
