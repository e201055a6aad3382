"""A dialogue of each protocol in the registry, by its name."""

from tests.sensors.capture.protocols import test_kerberos, test_modbus, test_rdp, test_smb, test_ssh
from tests.sensors.capture.protocols.dialogues import Dialogue

DIALOGUES: dict[str, Dialogue] = {
    "kerberos": test_kerberos.DIALOGUE,
    "modbus": test_modbus.DIALOGUE,
    "rdp": test_rdp.DIALOGUE,
    "smb": test_smb.DIALOGUE,
    "ssh": test_ssh.DIALOGUE,
}
