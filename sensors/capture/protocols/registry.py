"""Every protocol that goes the general way."""

from typing import Final

from sensors.capture.protocols import ftp, modbus, mqtt, quic, smtp, ssh
from sensors.capture.protocols.model import Protocol

REGISTRY: Final[tuple[Protocol, ...]] = (
    # Signs are tried in this order: those that hold on any port and are nearly certain come before those that need
    # their ports, so that SSH on port 502 is SSH.
    ssh.PROTOCOL,
    quic.PROTOCOL,
    # SMTP and FTP share their framing; a reply that both could have sent is first asked of SMTP, which is more common.
    smtp.PROTOCOL,
    ftp.PROTOCOL,
    mqtt.PROTOCOL,
    modbus.PROTOCOL,
)
