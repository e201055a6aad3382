"""What stands below protocols of the ISO stack over TCP (S7comm, RDP): packets of TPKT, connections of COTP.

RFC 1006 section 6 (TPKT); ISO 8073, which is ITU-T X.224, sections 13.3 (connection request) and 13.4 (confirm). All
protocols above must use this framing and these signs, so that a connection request goes to the parser of each.
"""

from dataclasses import dataclass
from typing import Final

from sensors.capture.protocols.model import Framing, NotThis, Shape, Sign, Transport

FRAMING: Final = Framing("tpkt", Transport.TCP, Shape.LENGTH, begins="03 00", at=2, size=2, least=7, most=65_535)
CONNECTS: Final = Sign(FRAMING, "03 00 ?? ?? ?? e0 00 00")
CONFIRMS: Final = Sign(FRAMING, "03 00 ?? ?? ?? d0")

CR: Final = 0xE0
CC: Final = 0xD0
_CALLING: Final = 0xC1
_CALLED: Final = 0xC2
_HEADER: Final = 11


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection request or its confirmation.

    Attributes:
        reference: the caller's, which both carry.
        calling: who calls, a transport selector; empty where it is not said.
        called: who is called.
    """

    reference: int
    calling: bytes
    called: bytes


def connection(octets: bytes) -> Connection:
    """Read a packet of TPKT whose TPDU is a CR or CC.

    Raises:
        NotThis: its lengths do not fit.
    """
    if len(octets) < _HEADER or octets[4] + 5 > len(octets) or octets[4] < _HEADER - 5:
        raise NotThis("no connection of COTP")
    at, end = _HEADER, octets[4] + 5
    said = {}
    while at + 2 <= end:
        length = octets[at + 1]
        if at + 2 + length > end:
            raise NotThis("a parameter ends behind its TPDU")
        said[octets[at]] = octets[at + 2 : at + 2 + length]
        at += 2 + length
    place = 8 if octets[5] == CR else 6
    reference = int.from_bytes(octets[place : place + 2], "big")
    return Connection(reference, said.get(_CALLING, b""), said.get(_CALLED, b""))
