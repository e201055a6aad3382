"""A dialogue of each protocol in the registry, by its name."""

from tests.sensors.capture.protocols import test_ftp, test_modbus, test_mqtt, test_quic, test_smtp, test_ssh
from tests.sensors.capture.protocols.dialogues import Dialogue

DIALOGUES: dict[str, Dialogue] = {
    "ftp": test_ftp.DIALOGUE,
    "modbus": test_modbus.DIALOGUE,
    "mqtt": test_mqtt.DIALOGUE,
    "quic": test_quic.DIALOGUE,
    "smtp": test_smtp.DIALOGUE,
    "ssh": test_ssh.DIALOGUE,
}
