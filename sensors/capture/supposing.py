"""Which framing a direction's octets or a datagram may have, by the signs of the registry.

Octets that begin a stream say what it is by themselves. Where its beginning is missing, what follows may be anything
that looks like a message; the less a sign says, the more has to bear it out then.
"""

from typing import Final

from sensors.capture.compiled import Octets, compiled, octet
from sensors.capture.protocols.tables import (
    FIRST_ONLY,
    FIRSTS,
    G_AT,
    G_FRAMING,
    G_LEAST,
    G_PORTS,
    G_PORTS_END,
    G_SIZE,
    G_STANDS,
    LATER_ONLY,
    ORDER,
    PORTS,
    SIGN_WORDS,
    SIGNS,
)
from sensors.capture.recognising import WHOLE, begins, bounds, enough, lined, once, word
from sensors.capture.table import MODE_CLOSED, MODE_GENERAL

TCP: Final = 0
UDP: Final = 1

CERTAIN: Final = 0
"""These octets begin the stream, or are a datagram."""
UNSEEN: Final = 1
"""These are the first octets that were seen of a stream whose beginning may be missing."""
LATER: Final = 2
"""Others were seen before them that are of nothing that is known."""


@compiled
def suppose(data: Octets, at: int, end: int, transport: int, port_a: int, port_b: int, doubt: int) -> int:
    """The mode of a direction or datagram that begins here, of the first sign in order that fits; MODE_CLOSED: none."""
    if at >= end:
        return MODE_CLOSED
    row = 256 * transport + octet(data, at)
    for place in range(FIRSTS[row], FIRSTS[row + 1]):
        number = ORDER[place]
        sign = SIGNS[number]
        if end - at < sign[G_LEAST] or (doubt == LATER and sign[G_STANDS] == FIRST_ONLY):
            continue
        if doubt == CERTAIN and sign[G_STANDS] == LATER_ONLY:
            continue
        if word(data, at + sign[G_AT], sign[G_SIZE]) & SIGN_WORDS[number, 0] != SIGN_WORDS[number, 1]:
            continue
        mode = int(MODE_GENERAL + sign[G_FRAMING])
        fits = sign[G_PORTS] == sign[G_PORTS_END]
        for port in range(sign[G_PORTS], sign[G_PORTS_END]):
            fits = fits or PORTS[port] == port_a or PORTS[port] == port_b
        # A port alone shows nothing of octets that may stand anywhere.
        enough_said = doubt == CERTAIN or (doubt == UNSEEN and sign[G_SIZE] > 0)
        if fits and (enough_said or borne_out(data, at, end, mode)):
            return mode
    return MODE_CLOSED


@compiled
def borne_out(data: Octets, at: int, end: int, mode: int) -> bool:
    """Whether a message of a general mode that may begin here ends with the octets, or before another one.

    A line of text ends in any case; one that opens a stream says enough by itself.
    """
    if not enough(mode, end - at) or not begins(data, at, end, mode):
        return False
    if once(mode):
        return True
    status, size, following, _ = bounds(data, at, end, mode, 0)
    behind = at + max(size, following)
    if status != WHOLE or behind > end:
        return False
    return bool(behind == end or lined(mode) or (enough(mode, end - behind) and begins(data, behind, end, mode)))
