"""Every protocol that goes the general way."""

from typing import Final

from sensors.capture.protocols import modbus, quic, ssh
from sensors.capture.protocols.model import Protocol

REGISTRY: Final[tuple[Protocol, ...]] = (
    # Signs are tried in this order: those that hold on any port and are nearly certain come before those that need
    # their ports, so that SSH on port 502 is SSH.
    ssh.PROTOCOL,
    quic.PROTOCOL,
    modbus.PROTOCOL,
)
