"""A dialogue of each protocol in the registry, by its name."""

from tests.sensors.capture.protocols import (
    test_dhcp,
    test_dhcpv6,
    test_modbus,
    test_ndp,
    test_ntp,
    test_snmp,
    test_ssh,
)
from tests.sensors.capture.protocols.dialogues import Dialogue

DIALOGUES: dict[str, Dialogue] = {
    "dhcp": test_dhcp.DIALOGUE,
    "dhcpv6": test_dhcpv6.DIALOGUE,
    "modbus": test_modbus.DIALOGUE,
    "ndp": test_ndp.DIALOGUE,
    "ntp": test_ntp.DIALOGUE,
    "snmp": test_snmp.DIALOGUE,
    "ssh": test_ssh.DIALOGUE,
}
