from pathlib import Path

import pytest

from tests.sensors.capture.protocols.dialogues import Dialogue, own, told

DIALOGUE = Dialogue(2_121, (
    (False, b"220 (An FTP server)\r\n"),
    (True, b"USER anna\r\n"),
    (False, b"331 and who says so?\r\n"),
    (True, b"PASS tell-nobody\r\n"),
    (False, b"230-Welcome\r\n 3 users\r\n230 Go on\r\n"),
    (True, b"FEAT\r\n"),
    # Its first line looks like a header, some lines end without a carriage return, and the last may come by itself.
    (False, b"211-Features:\n MDTM\n REST STREAM\n"),
    (False, b"211 End\r\n"),
    (True, b"PASV\r\n"),
    (False, b"227 Entering Passive Mode (192,0,2,9,200,13).\r\n"),
    (True, b"RETR plans/a b.pdf\r\n"),
    (False, b"150 Opening\r\n"),
    (False, b"226 Done\r\n"),
    (True, b"EPSV\r\n"),
    (False, b"229 Entering Extended Passive Mode (|||6446|)\r\n"),
    (True, b"PORT 10,0,0,1,4,1\r\n"),
    (False, b"200 ok\r\n"),
    (True, b"EPRT |2|2001:db8::1|5282|\r\n"),
    (False, b"522 not that\r\n"),
    (True, b"DELE old\r\n"),
    (False, b"550 no\r\n"),
))


@pytest.mark.parametrize("size", [60_000, 8])
def test_each_command_is_told_with_the_reply_that_ended_it(tmp_path: Path, size: int) -> None:
    events = told(tmp_path, "network.ftp", *DIALOGUE.packets(size))
    said = [own(event, "ftp.") for event in events]
    assert [(one.get("command"), one["reply_code"]) for one in said] == [
        (None, 220), ("USER", 331), ("PASS", 230), ("FEAT", 211), ("PASV", 227), ("RETR", 226), ("EPSV", 229),
        ("PORT", 200), ("EPRT", 522), ("DELE", 550),
    ]
    _, user, secret, features, passive, _, extended, active, other, _ = said
    assert (events[1]["user.name"], user["arg"]) == ("anna", "anna")
    assert secret == {"command": "PASS", "reply_code": 230, "reply_msg": "Welcome 3 users Go on"}
    assert "tell-nobody" not in str(events)
    assert features["reply_msg"] == "Features: MDTM REST STREAM End"
    assert own(events[4], "ftp.data_channel.") == {"passive": True, "resp_h": "192.0.2.9", "resp_p": 51_213}
    assert passive["reply_msg"] == "Entering Passive Mode (192,0,2,9,200,13)."
    assert events[5]["file.path"] == "plans/a b.pdf"
    assert (extended["data_channel.resp_p"], "data_channel.resp_h" in extended) == (6_446, False)
    assert (active["data_channel.passive"], active["data_channel.resp_p"]) == (False, 1_025)
    assert other["data_channel.resp_h"] == "2001:db8::1"
    assert [event["event.outcome"] for event in events[-2:]] == ["failure", "failure"]


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (b"PASV\r\n", b"227 Entering Passive Mode (192,0,2,900,200,13)\r\n"),
        (b"PASV\r\n", b"227 Entering Passive Mode (192,0,2,9,0,0)\r\n"),
        (b"PORT 1,2,3\r\n", b"500 what?\r\n"),
        (b"EPRT |1|nowhere|5|\r\n", b"500 what?\r\n"),
        (b"EPRT\r\n", b"500 what?\r\n"),
        (b"EPSV\r\n", b"229 Extended Passive (|||99999|)\r\n"),
    ],
)
def test_addresses_that_are_none_are_left_out(tmp_path: Path, said: bytes, answer: bytes) -> None:
    (event,) = told(tmp_path, "network.ftp", *Dialogue(21, ((True, said), (False, answer))).packets())
    assert event["ftp.reply_code"]
    assert not own(event, "ftp.data_channel.")


def test_mail_servers_and_prose_are_left_alone(tmp_path: Path) -> None:
    for port, greeting in ((4_000, b"220 mx ESMTP\r\n"), (25, b"220 FTP\r\n"), (21, b"Welcome to this server\r\n")):
        packets = Dialogue(port, ((False, greeting), (True, b"HELLO there\r\n"))).packets()
        assert not told(tmp_path, "network.ftp", *packets)
