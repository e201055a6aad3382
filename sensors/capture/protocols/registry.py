"""Every protocol that goes the general way."""

from typing import Final

from sensors.capture.protocols import (
    dhcp,
    dhcpv6,
    dnp3,
    iec104,
    kerberos,
    modbus,
    ndp,
    ntp,
    rdp,
    s7comm,
    smb,
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
    modbus.PROTOCOL,
    ntp.PROTOCOL,
    dhcpv6.PROTOCOL,
    # No other protocol has messages of ICMPv6, so that its place does not matter.
    ndp.PROTOCOL,
)
