import hashlib
from pathlib import Path

import pytest

from tests.sensors.capture.protocols.dialogues import Dialogue, own, told


def kexinit(*lists: str) -> bytes:
    body = b"\x14" + bytes(16)
    for one in (*lists, "", ""):
        body += len(one).to_bytes(4, "big") + one.encode()
    body += bytes(5)
    padding = 8 - (len(body) + 5) % 8 + 4
    return (len(body) + 1 + padding).to_bytes(4, "big") + bytes([padding]) + body + bytes(padding)


CLIENT = ("curve25519-sha256,ext-info-c", "ssh-ed25519", "aes128-ctr,aes256-ctr", "aes256-ctr", "hmac-sha2-256",
          "hmac-sha1", "none,zlib", "none")
SERVER = ("ecdh-sha2-nistp256,curve25519-sha256", "ssh-rsa,ssh-ed25519", "aes256-ctr", "aes128-ctr", "hmac-sha2-256",
          "hmac-md5", "none", "zlib")
DIALOGUE = Dialogue(2_222, (
    (False, b"SSH-2.0-OpenSSH_9.6p1 Ubuntu-3\r\n"),
    (True, b"SSH-2.0-PuTTY_Release_0.80\r\n" + kexinit(*CLIENT)),
    (False, kexinit(*SERVER)),
    (True, bytes(range(64))),
))


@pytest.mark.parametrize("size", [60_000, 11, 1])
def test_both_sides_are_one_event_with_what_they_agree_upon(tmp_path: Path, size: int) -> None:
    (event,) = told(tmp_path, "network.ssh", *DIALOGUE.packets(size))
    said = own(event, "ssh.")
    asked = "curve25519-sha256,ext-info-c;aes128-ctr,aes256-ctr;hmac-sha2-256;none,zlib"
    answered = "ecdh-sha2-nistp256,curve25519-sha256;aes128-ctr;hmac-md5;zlib"
    assert said == {
        "client.version": "2.0", "client.software": "PuTTY_Release_0.80", "client.hassh_algorithms": asked,
        "client.hassh": hashlib.md5(asked.encode(), usedforsecurity=False).hexdigest(),
        "server.version": "2.0", "server.software": "OpenSSH_9.6p1 Ubuntu-3", "server.hassh_algorithms": answered,
        "server.hassh": hashlib.md5(answered.encode(), usedforsecurity=False).hexdigest(),
        "kex_alg": "curve25519-sha256", "host_key_alg": "ssh-ed25519", "cipher_alg": "aes256-ctr",
        "mac_alg": "hmac-sha2-256", "compression_alg": "none",
    }


def test_a_line_without_a_packet_is_told_when_the_flow_ends(tmp_path: Path) -> None:
    (event,) = told(tmp_path, "network.ssh", *Dialogue(22, ((False, b"SSH-1.99-Cisco-1.25\n"),)).packets())
    assert own(event, "ssh.") == {"server.version": "1.99", "server.software": "Cisco-1.25"}


def test_a_line_that_is_filled_up_with_zeros_is_read_up_to_them(tmp_path: Path) -> None:
    packets = Dialogue(22, ((False, b"SSH-2.0-Cisco-1.25 " + bytes(80)),)).packets()
    (event,) = told(tmp_path, "network.ssh", *packets)
    assert own(event, "ssh.") == {"server.version": "2.0", "server.software": "Cisco-1.25"}


def test_what_only_begins_like_it_is_no_event(tmp_path: Path) -> None:
    assert not told(tmp_path, "network.ssh", *Dialogue(22, ((False, b"SSH-keys are kept here\r\n"),)).packets())
