"""What begins at a place of a stream, and where it ends, whatever way its protocol goes."""

from sensors.capture.compiled import Octets, compiled
from sensors.capture.framing import LEAST, certificate, classify, frame
from sensors.capture.recognising import begins, bounds, enough
from sensors.capture.supposing import CERTAIN, LATER, TCP, borne_out, suppose
from sensors.capture.table import (
    MODE_CLOSED,
    MODE_DNS,
    MODE_GENERAL,
    MODE_OPEN,
    MODE_TLS,
)


@compiled
def kind_at(
    data: Octets, at: int, end: int, mode: int, other: int, port_a: int, port_b: int, doubt: int = CERTAIN,
) -> int:
    """The mode of a message that begins here in a direction of a mode, where the other direction has the mode `other`.

    `doubt` says whether the stream begins here (sensors.capture.supposing).

    MODE_OPEN: too few octets are there to say; MODE_CLOSED: it is of nothing that is known.
    """
    if mode >= MODE_GENERAL:
        if not enough(mode, end - at):
            return MODE_OPEN
        if begins(data, at, end, mode):
            return mode
        # TLS follows a command or a negotiation (STARTTLS, RDP).
        return MODE_TLS if end - at >= LEAST and classify(data, at, end, 0, 0) == MODE_TLS else MODE_CLOSED
    kind = classify(data, at, end, port_a, port_b) if end - at >= LEAST else MODE_CLOSED
    if kind == MODE_DNS and doubt == LATER and frame(data, at, end, MODE_DNS, 0)[2] != end - at:
        kind = MODE_CLOSED
    if mode == MODE_OPEN and kind == MODE_CLOSED:
        if doubt != CERTAIN and certificate(data, at, end):
            return MODE_TLS
        alike = other >= MODE_GENERAL and enough(other, end - at) and begins(data, at, end, other)
        if alike and (doubt != LATER or borne_out(data, at, end, other)):
            return other
        kind = suppose(data, at, end, TCP, port_a, port_b, doubt)
    if kind == MODE_CLOSED and end - at < LEAST and doubt != LATER:
        return MODE_OPEN
    return kind


@compiled
def end_at(data: Octets, at: int, end: int, mode: int, seen: int) -> tuple[int, int, int, int]:
    """Look for the end of a message of any mode (sensors.capture.framing)."""
    return bounds(data, at, end, mode, seen) if mode >= MODE_GENERAL else frame(data, at, end, mode, seen)
