import struct
from pathlib import Path
from typing import Any

import pytest

from sensors.capture.protocols.model import Context, NotThis, Side
from sensors.capture.protocols.smb import PROTOCOL, parse
from tests.sensors.capture.protocols.dialogues import Dialogue, own, told
from tests.sensors.capture.protocols.test_security_tokens import authenticate, challenge

DIRECT = Context(PROTOCOL.signs[0].framing)
PENDING, MORE, LOGON_FAILURE, DENIED = 0x103, 0xC0000016, 0xC000006D, 0xC0000022
CLIENT, SERVER = bytes(range(16)), bytes(range(16, 32))
TICKS = 116_444_736_000_000_000 + 1_700_000_000 * 10_000_000


def wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def session(*messages: bytes) -> bytes:
    octets = b"".join(messages)
    return b"\0" + len(octets).to_bytes(3, "big") + octets


def two(command: int, number: int, body: bytes = b"", *, status: int | None = None, tree: int = 0, own_id: int = 0x51,
        flags: int = 0, following: int = 0) -> bytes:
    """A message of SMB 2; an answer where it has a status."""
    flags |= status is not None
    body = body.ljust(following - 64 if following else 0, b"\0")
    return b"\xfeSMB" + struct.pack(
        "<HHIHHIIQIIQ16s", 64, 1, status or 0, command, 1, flags, following, number, 0, tree, own_id, bytes(16),
    ) + body


def negotiate() -> bytes:
    return struct.pack("<HHHHI16sQ", 36, 2, 1, 0, 0, CLIENT, 0) + struct.pack("<HH", 0x0210, 0x0311)


def negotiated(dialect: int = 0x0311) -> bytes:
    contexts = b"\1\0\x06\0\0\0\0\0" + bytes(6) + b"\0\0" + b"\2\0\4\0\0\0\0\0\1\0\2\0"
    return struct.pack("<HHHH16sIIIIQQHHI", 65, 3, dialect, 2, SERVER, 0, 0, 0, 0, 0, 0, 128, 0, 128) + contexts


def setup(token: bytes) -> bytes:
    return struct.pack("<HBBIIHHQ", 25, 0, 1, 0, 0, 88, len(token), 0) + token


def was_set_up(token: bytes = b"", flags: int = 0) -> bytes:
    return struct.pack("<HHHH", 9, flags, 72, len(token)) + token


def connect(path: str) -> bytes:
    return struct.pack("<HHHH", 9, 0, 72, len(wide(path))) + wide(path)


def connected(kind: int = 1, flags: int = 0) -> bytes:
    return struct.pack("<HBBIII", 16, kind, 0, flags, 0, 0)


def create(name: str, access: int = 0x0012_0089, disposition: int = 1, options: int = 0) -> bytes:
    return struct.pack(
        "<HBBIQQIIIIIHHII", 57, 0, 0, 2, 0, 0, access, 0, 7, disposition, options, 120, len(wide(name)), 0, 0,
    ) + wide(name)


def created(size: int = 804_352, action: int = 1, attributes: int = 0x20) -> bytes:
    times = TICKS, TICKS, TICKS, 0
    return struct.pack("<HBBIQQQQQQII16sQ", 89, 0, 0, action, *times, 0, size, attributes, 0, SERVER, 0)


def set_information(kind: int, buffer: bytes) -> bytes:
    return struct.pack("<HBBIHHI16s", 33, 1, kind, len(buffer), 96, 0, 0, SERVER) + buffer


DIALOGUE = Dialogue(445, (
    (True, session(two(0, 0, negotiate(), own_id=0))),
    (False, session(two(0, 0, negotiated(), status=0, own_id=0))),
    (True, session(two(1, 1, setup(b"NTLMSSP\0\1\0\0\0" + bytes(24)), own_id=0))),
    (False, session(two(1, 1, was_set_up(challenge((1, "FILES1"))), status=MORE))),
    (True, session(two(1, 2, setup(authenticate("wang", "CITY", "PC-07"))))),
    (False, session(two(1, 2, was_set_up(), status=0))),
    (True, session(two(3, 3, connect("\\\\files1\\budget")))),
    (False, session(two(3, 3, connected(flags=0x8000), status=0, tree=7))),
    (True, session(two(5, 4, create("2026\\plan.docx", 0x0001_0002, 5, 0x1000), tree=7))),
    (False, session(two(5, 4, struct.pack("<HHI", 9, 0, 0), status=PENDING, flags=2, tree=7))),
    (False, session(two(5, 4, created(), status=0, flags=2))),
    (True, session(two(9, 5, bytes(48), tree=7)) + session(two(17, 6, set_information(13, b"\1"), tree=7))),
    (False, session(two(9, 5, bytes(16), status=0, tree=7)) + session(two(17, 6, b"\2\0", status=0, tree=7))),
    (True, session(two(4, 7, b"\4\0\0\0", tree=7)) + session(two(2, 8, b"\4\0\0\0"))),
    (False, session(two(4, 7, b"\4\0\0\0", status=0, tree=7)) + session(two(2, 8, b"\4\0\0\0", status=0))),
))


@pytest.mark.parametrize("size", [60_000, 61, 1])
def test_a_session_is_told_from_negotiation_to_logoff(tmp_path: Path, size: int) -> None:
    packets = DIALOGUE.packets(size)
    events = told(tmp_path, "network.smb", *packets)
    assert [event["smb.command"] for event in events] == [
        "NEGOTIATE_PROTOCOL", "SESSION_SETUP", "SESSION_SETUP", "TREE_CONNECT", "CREATE", "SET_INFO",
        "TREE_DISCONNECT", "LOGOFF",
    ]
    negotiation, challenged, logged_in, share, file, deleted, _, _ = (own(event, "smb.") for event in events)
    assert negotiation == {
        "version": "SMB2", "command": "NEGOTIATE_PROTOCOL", "status": "STATUS_SUCCESS", "status_code": 0,
        "client_dialects": ["2.10", "3.11"], "dialect": "3.11", "signing_required": True, "cipher": "AES-128-GCM",
        "client.guid": "03020100-0504-0706-0809-0a0b0c0d0e0f", "server.guid": "13121110-1514-1716-1819-1a1b1c1d1e1f",
    }
    assert (challenged["status"], events[1]["ntlm.server_nb_computer_name"]) == (
        "STATUS_MORE_PROCESSING_REQUIRED", "FILES1",
    )
    assert "event.outcome" not in events[1]
    assert (events[2]["user.name"], events[2]["user.domain"], events[2]["ntlm.hostname"]) == ("wang", "CITY", "PC-07")
    assert (logged_in["session_id"], events[2]["event.outcome"]) == ("0x0000000000000051", "success")
    assert (share["path"], share["share_type"], share["tree_id"], share["share_encrypted"]) == (
        "\\\\files1\\budget", "DISK", 7, True,
    )
    assert (events[4]["file.path"], events[4]["file.size"]) == ("2026\\plan.docx", 804_352)
    assert events[4]["file.mtime"] == "2023-11-14T22:13:20.000Z"
    assert "file.ctime" not in events[4]
    assert (file["access"], file["disposition"], file["create_action"], file["delete_on_close"]) == (
        ["WRITE_DATA", "DELETE"], "FILE_OVERWRITE_IF", "FILE_OPENED", True,
    )
    assert (file["fuid"], deleted["fuid"], deleted["delete"]) == (SERVER.hex(), SERVER.hex(), True)
    assert (events[5]["file.path"], deleted["share"]) == ("2026\\plan.docx", "\\\\files1\\budget")
    assert "event.duration" in events[4]
    (flow,) = told(tmp_path, "network.flow", *packets)
    assert flow["network.protocol"] == "smb"


def test_commands_behind_each_other_are_one_event(tmp_path: Path) -> None:
    asked = session(
        two(5, 10, create("old.xlsx", 0x0001_0000), tree=7, following=200),
        two(17, 11, set_information(10, bytes(16) + b"\x10\0\0\0" + wide("new.xlsx")), tree=0xFFFF_FFFF, flags=4,
            own_id=0xFFFF_FFFF_FFFF_FFFF, following=184),
        two(6, 12, bytes(24), flags=4),
    )
    answer = session(
        two(5, 10, created(), status=0, tree=7, following=216), two(17, 11, b"\2\0", status=DENIED, following=72),
        two(6, 12, bytes(60), status=0),
    )
    (event,) = told(tmp_path, "network.smb", *Dialogue(1_445, ((True, asked), (False, answer))).packets())
    said = own(event, "smb.")
    assert said["commands"] == ["CREATE", "SET_INFO", "CLOSE"]
    assert (event["file.path"], said["rename_to"], said["status"]) == ("old.xlsx", "new.xlsx", "STATUS_SUCCESS")
    assert (said["session_id"], said["tree_id"]) == ("0x0000000000000051", 7)


def test_what_fails_says_why_and_who_comes_as_a_guest_is_one(tmp_path: Path) -> None:
    steps = (
        (True, session(two(1, 1, setup(authenticate("root", "", ""))))),
        (False, session(two(1, 1, struct.pack("<HHI", 9, 0, 0), status=LOGON_FAILURE))),
        (True, session(two(1, 2, setup(b"")))),
        (False, session(two(1, 2, was_set_up(flags=3), status=0))),
        (False, session(two(17, 9, struct.pack("<HHI", 9, 0, 0), status=DENIED))),
    )
    failed, guest, refused = told(tmp_path, "network.smb", *Dialogue(445, steps).packets())
    assert (failed["user.name"], failed["smb.status"], failed["event.outcome"]) == (
        "root", "STATUS_LOGON_FAILURE", "failure",
    )
    assert guest["smb.session_flags"] == ["guest", "anonymous"]
    assert (refused["smb.command"], refused["smb.status"]) == ("SET_INFO", "STATUS_ACCESS_DENIED")


@pytest.mark.parametrize("sign", [b"\xfdSMB", b"\xfcSMB"])
def test_what_is_encrypted_or_compressed_names_its_flow_and_tells_nothing(tmp_path: Path, sign: bytes) -> None:
    sealed = session(sign + bytes(80))
    packets = Dialogue(445, ((True, DIALOGUE.steps[0][1] + sealed), (False, sealed))).packets()
    (event,) = told(tmp_path, "network.smb", *packets)
    assert event["smb.command"] == "NEGOTIATE_PROTOCOL"
    (flow,) = told(tmp_path, "network.flow", *packets)
    assert flow["network.protocol"] == "smb"
    assert parse(sealed, DIRECT).side is Side.SILENT


def one(command: int, words: bytes, octets: bytes, *, answers: bool = False, status: int = 0, number: int = 1,
        user: int = 0, tree: int = 0xFFFF, flags2: int = 0xC801) -> bytes:
    """A message of SMB 1."""
    head = b"\xffSMB" + bytes([command]) + struct.pack("<IBHH8sHHHHH", status, 0x88 if answers else 8, flags2, 0,
                                                        bytes(8), 0, tree, 77, user, number)
    return head + bytes([len(words) // 2]) + words + len(octets).to_bytes(2, "little") + octets


def dialects(*names: str) -> bytes:
    return b"".join(b"\2" + name.encode() + b"\0" for name in names)


def old(command: int, words: bytes, octets: bytes = b"", *, number: int, tree: int = 0xFFFF) -> bytes:
    """A request of a user who has logged in."""
    return session(one(command, words, octets, user=100, tree=tree, number=number))


def answer(command: int, words: bytes, octets: bytes = b"", *, number: int, tree: int = 0xFFFF, dos: int = 0) -> bytes:
    """An answer to them; `dos` is a class and a code of DOS."""
    flags2 = 0x8801 if dos else 0xC801
    return session(one(
        command, words, octets, answers=True, user=100, tree=tree, number=number, status=dos, flags2=flags2,
    ))


LAST = struct.pack("<BBH", 0xFF, 0, 0)
TOKEN = authenticate("wang", "CITY", "PC-07")
OLD: tuple[tuple[bool, bytes], ...] = (
    (True, b"\x81\0\0\x44" + b" " + b"CK" * 16 + b"\0" + b" " + b"FE" * 16 + b"\0"),
    (False, b"\x82\0\0\0"),
    (True, session(one(0x72, b"", dialects("LANMAN1.0", "NT LM 0.12")))),
    (False, session(one(
        0x72, struct.pack("<HBHHIIIIQHB", 1, 11, 1, 1, 0, 0, 0, 0x8000_0000, 0, 0, 0), SERVER, answers=True,
    ))),
    (True, session(one(
        0x73, LAST + struct.pack("<HHHIHII", 0, 1, 1, 0, len(TOKEN), 0, 0),
        TOKEN + b"\0" * (len(TOKEN) % 2 == 0) + wide("Windows 5.1\0LM\0"), number=2,
    ))),
    (False, answer(0x73, LAST + struct.pack("<HH", 1, 0), b"\0" + wide("Unix\0Samba 3.6\0"), number=2)),
    (True, old(0x75, LAST + struct.pack("<HH", 0, 1), b"\0" + wide("\\\\OLD\\C$\0") + b"?????\0", number=3)),
    (False, answer(0x75, LAST + struct.pack("<H", 1), b"A:\0" + wide("NTFS\0"), tree=9, number=3)),
    (True, old(
        0xA2, LAST + struct.pack("<BHIIIQIIIIIB", 0, 12, 0, 0, 0x89, 0, 0, 7, 2, 0x1000, 2, 0),
        b"\0" + wide("x.exe\0"), tree=9, number=4,
    )),
    (False, answer(
        0xA2, LAST + struct.pack("<BHIQQQQIQQHHB", 0, 0x4001, 2, TICKS, TICKS, TICKS, TICKS, 0x20, 0, 55, 0, 0, 0),
        tree=9, number=4,
    )),
    (True, old(0x07, b"\x16\0", b"\4" + wide("a.txt\0") + b"\4\0" + wide("b.txt\0"), tree=9, number=5)),
    (False, answer(0x07, b"", tree=9, number=5, dos=5 << 16 | 1)),
)


@pytest.mark.parametrize("size", [60_000, 61, 1])
def test_the_first_version_over_netbios(tmp_path: Path, size: int) -> None:
    events = told(tmp_path, "network.smb", *Dialogue(139, OLD).packets(size))
    assert [event["smb.command"] for event in events] == [
        "NEGOTIATE", "SESSION_SETUP_ANDX", "TREE_CONNECT_ANDX", "NT_CREATE_ANDX", "RENAME",
    ]
    negotiation, setting_up, share, file, renamed = (own(event, "smb.") for event in events)
    assert (negotiation["version"], negotiation["dialect"], negotiation["signing_required"]) == (
        "SMB1", "NT LM 0.12", True,
    )
    assert negotiation["server.guid"] == "13121110-1514-1716-1819-1a1b1c1d1e1f"
    assert (events[1]["user.name"], setting_up["session_flags"]) == ("wang", ["guest"])
    assert (setting_up["client.native_os"], setting_up["client.native_lm"]) == ("Windows 5.1", "LM")
    assert (setting_up["server.native_os"], setting_up["server.native_lm"]) == ("Unix", "Samba 3.6")
    assert (share["path"], share["service"], share["share_type"], share["native_file_system"], share["tree_id"]) == (
        "\\\\OLD\\C$", "?????", "DISK", "NTFS", 9,
    )
    assert (events[3]["file.path"], events[3]["file.size"], file["fuid"], file["delete_on_close"]) == (
        "x.exe", 55, "4001", True,
    )
    assert (events[4]["file.path"], renamed["rename_to"], renamed["status"]) == ("a.txt", "b.txt", "ERRnoaccess")


def test_an_old_request_may_be_answered_by_the_new_version(tmp_path: Path) -> None:
    steps = (
        (True, session(one(0x72, b"", dialects("NT LM 0.12", "SMB 2.???")))),
        (False, session(two(0, 0, negotiated(0x02FF), status=0, own_id=0))),
    )
    (event,) = told(tmp_path, "network.smb", *Dialogue(445, steps).packets())
    said = own(event, "smb.")
    assert (said["version"], said["command"], said["dialect"]) == ("SMB2", "NEGOTIATE_PROTOCOL", "2.??")
    assert said["client_dialects"] == ["NT LM 0.12", "SMB 2.???"]


def test_chained_commands_of_the_first_version_are_told_together() -> None:
    name, path = b"\0" + b"li\0" + b"\0" * 3, b"\\\\OLD\\IPC$\0IPC\0"
    words = struct.pack("<BBHHHHIHHII", 0x75, 0, 32 + 3 + 26 + len(name), 1, 1, 0, 0, 1, 0, 0, 0)
    tail = b"\4" + struct.pack("<BBHHH", 0xFF, 0, 0, 0, 0) + len(path).to_bytes(2, "little") + path
    said = parse(session(one(0x73, words, name, flags2=0x4001) + tail), DIRECT).fields
    assert said["smb.commands"] == ["SESSION_SETUP_ANDX", "TREE_CONNECT_ANDX"]
    assert (said["user.name"], said["smb.path"], said["smb.service"]) == ("li", "\\\\OLD\\IPC$", "IPC")
    endless = one(0x73, struct.pack("<BBH", 0x73, 0, 32) + words[4:], name)
    assert "smb.commands" not in parse(session(endless), DIRECT).fields


@pytest.mark.parametrize(
    "octets",
    [
        b"", b"\0\0\0", session(b"\xfeSMB"), session(two(19, 1)), session(two(0, 1, b"\x25\0" + bytes(40))),
        session(b"\xfeSMB\x41\0" + bytes(90)), session(b"\xffSMB\x72" + bytes(20)), session(b"\xfaSMB" + bytes(90)),
        b"\x81\0\0\x44" + bytes(68), session(two(5, 1, created(), following=33)),
        session(one(0x73, bytes(24), b"")[:40]),
    ],
)
def test_what_only_begins_like_it_is_left_alone(octets: bytes) -> None:
    with pytest.raises(NotThis):
        parse(octets, DIRECT)


def test_many_commands_and_long_names_are_bounded() -> None:
    chain = b"".join(two(6, number, following=64) for number in range(60))
    assert parse(session(chain), DIRECT).side is Side.SILENT
    said: dict[str, Any] = parse(session(two(5, 1, create("x" * 3_000), following=6_200) + chain), DIRECT).fields
    assert (len(said["smb.commands"]), len(said["file.path"])) == (32, 512)
