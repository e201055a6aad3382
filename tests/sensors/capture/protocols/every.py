"""A dialogue of each protocol in the registry, by its name."""

from tests.sensors.capture.protocols import test_dnp3, test_iec104, test_modbus, test_s7comm, test_ssh
from tests.sensors.capture.protocols.dialogues import Dialogue

DIALOGUES: dict[str, Dialogue] = {
    "dnp3": test_dnp3.DIALOGUE,
    "iec104": test_iec104.DIALOGUE,
    "modbus": test_modbus.DIALOGUE,
    "s7comm": test_s7comm.DIALOGUE,
    "ssh": test_ssh.DIALOGUE,
}
