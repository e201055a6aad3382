"""Opening TCP connections and TLS on them, to one address, within a time; failures have codes."""

import socket
import ssl
import time
from dataclasses import dataclass
from errno import ECONNREFUSED, ECONNRESET
from pathlib import Path
from typing import Final

from inventory.probing.model import Dial
from sensors.event.times import SECOND, Clock

_REFUSED: Final = frozenset({ECONNREFUSED, ECONNRESET})


def dial(address: str, port: int, seconds: float, clock: Clock) -> Dial:
    """Whether a port takes connections."""
    at, begun = clock(), time.monotonic()
    failure = ""
    try:
        connected(address, port, seconds).close()
    except OSError as error:
        failure = failure_of(error)
    return Dial(address, port, at, int((time.monotonic() - begun) * SECOND), failure)


def connected(address: str, port: int, seconds: float) -> socket.socket:
    """A connection to an address.

    Raises:
        OSError: it did not come about in time.
    """
    made = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.settimeout(seconds)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.connect((address, port))
    except BaseException:
        made.close()
        raise
    return made


def reaches(address: str) -> bool:
    """Whether the kernel has a way to an address: a datagram socket is connected, and nothing is sent."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((address, 443))
    except OSError:
        return False
    return True


def failure_of(error: OSError) -> str:
    """The code of what went wrong with a connection."""
    if isinstance(error, TimeoutError):
        return "timeout"
    return "refused" if error.errno in _REFUSED else "unreachable"


@dataclass(frozen=True, slots=True)
class Trust:
    """Two ways to speak TLS: as a browser does, and so that an exchange goes on where the certificate does not hold."""

    checking: ssl.SSLContext
    trusting: ssl.SSLContext


def trust(authorities: Path | None = None) -> Trust:
    """What TLS needs; `authorities` are trusted besides those of the system.

    Raises:
        OSError: the file cannot be read or holds no certificates.
    """
    checking = ssl.create_default_context()
    if authorities is not None:
        checking.load_verify_locations(authorities)
    blind = ssl.create_default_context()
    blind.check_hostname = False
    blind.verify_mode = ssl.CERT_NONE
    return Trust(checking, blind)
