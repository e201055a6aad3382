"""A dialogue of each protocol in the registry, by its name."""

from tests.sensors.capture.protocols import test_modbus, test_ssh
from tests.sensors.capture.protocols.dialogues import Dialogue

DIALOGUES: dict[str, Dialogue] = {
    "modbus": test_modbus.DIALOGUE,
    "ssh": test_ssh.DIALOGUE,
}
