"""Every protocol that goes the general way."""

from typing import Final

from sensors.capture.protocols import (
    dhcp,
    dhcpv6,
    dnp3,
    ftp,
    iec104,
    kerberos,
    modbus,
    mqtt,
    ndp,
    ntp,
    quic,
    rdp,
    s7comm,
    smb,
    smtp,
    snmp,
    ssh,
)
from sensors.capture.protocols.model import Protocol

REGISTRY: Final[tuple[Protocol, ...]] = (
    # Signs are tried in this order: those that hold on any port and are nearly certain come before those that need
    # their ports, so that SSH on port 502 is SSH.
    ssh.PROTOCOL,
    smb.PROTOCOL,
    dnp3.PROTOCOL,
    # Both are carried by TPKT; each leaves to the other what is none of its own.
    rdp.PROTOCOL,
    s7comm.PROTOCOL,
    kerberos.PROTOCOL,
    dhcp.PROTOCOL,
    snmp.PROTOCOL,
    iec104.PROTOCOL,
    quic.PROTOCOL,
    # SMTP and FTP share their framing; a reply that both could have sent is first asked of SMTP, which is more common.
    smtp.PROTOCOL,
    ftp.PROTOCOL,
    mqtt.PROTOCOL,
    modbus.PROTOCOL,
    ntp.PROTOCOL,
    dhcpv6.PROTOCOL,
    # No other protocol has messages of ICMPv6, so that its place does not matter.
    ndp.PROTOCOL,
)
