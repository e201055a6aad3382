"""A dialogue of each protocol in the registry, by its name."""

from tests.sensors.capture.protocols import (
    test_dhcp,
    test_dhcpv6,
    test_dnp3,
    test_ftp,
    test_iec104,
    test_kerberos,
    test_modbus,
    test_mqtt,
    test_ndp,
    test_ntp,
    test_quic,
    test_rdp,
    test_s7comm,
    test_smb,
    test_smtp,
    test_snmp,
    test_ssh,
)
from tests.sensors.capture.protocols.dialogues import Dialogue

DIALOGUES: dict[str, Dialogue] = {
    "dhcp": test_dhcp.DIALOGUE,
    "dhcpv6": test_dhcpv6.DIALOGUE,
    "dnp3": test_dnp3.DIALOGUE,
    "ftp": test_ftp.DIALOGUE,
    "iec104": test_iec104.DIALOGUE,
    "kerberos": test_kerberos.DIALOGUE,
    "modbus": test_modbus.DIALOGUE,
    "mqtt": test_mqtt.DIALOGUE,
    "ndp": test_ndp.DIALOGUE,
    "ntp": test_ntp.DIALOGUE,
    "quic": test_quic.DIALOGUE,
    "rdp": test_rdp.DIALOGUE,
    "s7comm": test_s7comm.DIALOGUE,
    "smb": test_smb.DIALOGUE,
    "smtp": test_smtp.DIALOGUE,
    "snmp": test_snmp.DIALOGUE,
    "ssh": test_ssh.DIALOGUE,
}
