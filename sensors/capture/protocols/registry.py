"""Every protocol that goes the general way."""

from typing import Final

from sensors.capture.protocols import dnp3, iec104, modbus, s7comm, ssh
from sensors.capture.protocols.model import Protocol

REGISTRY: Final[tuple[Protocol, ...]] = (
    # Signs are tried in this order: those that hold on any port and are nearly certain come before those that need
    # their ports, so that SSH on port 502 is SSH.
    ssh.PROTOCOL,
    dnp3.PROTOCOL,
    s7comm.PROTOCOL,
    iec104.PROTOCOL,
    modbus.PROTOCOL,
)
