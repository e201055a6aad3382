from pathlib import Path
from typing import Any

import numpy as np
import pytest

from correlation.matcher.engine import Matcher
from correlation.rules.loading import load_rules
from sensors.capture.protocols import smb_files
from sensors.capture.protocols.smb_files import Files
from sensors.capture.writing import pcap
from tests.sensors.capture import frames as made
from tests.sensors.capture.protocols.dialogues import Dialogue, told
from tests.sensors.capture.protocols.test_smb import (
    DENIED,
    SERVER,
    connect,
    connected,
    create,
    created,
    session,
    set_information,
    two,
)

ANSWER = session(two(17, 9, b"\2\0", status=0, tree=7))
SHARE = "\\\\files1\\budget"


def share(path: str = SHARE, kind: int = 1) -> tuple[tuple[bool, bytes], ...]:
    return (
        (True, session(two(3, 1, connect(path)))),
        (False, session(two(3, 1, connected(kind), status=0, tree=7))),
    )


def opening(name: str, number: int = 2, options: int = 0) -> tuple[tuple[bool, bytes], ...]:
    return (
        (True, session(two(5, number, create(name, options=options), tree=7))),
        (False, session(two(5, number, created(), status=0, tree=7))),
    )


def changing(information: int, buffer: bytes) -> tuple[tuple[bool, bytes], ...]:
    return ((True, session(two(17, 9, set_information(information, buffer), tree=7))), (False, ANSWER))


def seen(tmp_path: Path, *steps: tuple[bool, bytes]) -> list[tuple[Any, ...]]:
    names = ("smb.command", "file.path", "smb.share", "smb.action")
    events = told(tmp_path, "network.smb", *Dialogue(445, steps).packets())
    return [tuple(event.get(name) for name in names) for event in events if event["smb.command"] != "TREE_CONNECT"]


def test_what_is_deleted_has_the_name_under_which_it_was_opened(tmp_path: Path) -> None:
    assert seen(tmp_path, *share(), *opening("2026\\plan.docx"), *changing(13, b"\1")) == [
        ("CREATE", "2026\\plan.docx", SHARE, ["SMB::FILE_OPEN"]),
        ("SET_INFO", "2026\\plan.docx", SHARE, ["SMB::FILE_DELETE"]),
    ]


def test_a_mark_that_is_taken_back_deletes_nothing(tmp_path: Path) -> None:
    *_, last = seen(tmp_path, *share(), *opening("plan.docx"), *changing(64, b"\0\0\0\0"))
    assert last == ("SET_INFO", "plan.docx", SHARE, None)


def test_what_is_deleted_when_it_is_closed_says_so_when_it_is_opened(tmp_path: Path) -> None:
    assert seen(tmp_path, *share(), *opening("temp.bin", options=0x1000)) == [
        ("CREATE", "temp.bin", SHARE, ["SMB::FILE_OPEN", "SMB::FILE_DELETE"]),
    ]


def test_what_is_renamed_has_both_names(tmp_path: Path) -> None:
    buffer = bytes(16) + b"\x10\0\0\0" + "plan.enc".encode("utf-16-le")
    *_, last = seen(tmp_path, *share(), *opening("plan.docx"), *changing(10, buffer))
    assert last == ("SET_INFO", "plan.docx", SHARE, ["SMB::FILE_RENAME"])


def test_opening_and_deleting_in_one_message_is_one_event(tmp_path: Path) -> None:
    related = set_information(13, b"\1").replace(SERVER, b"\xff" * 16)
    asked = session(
        two(5, 10, create("old.xlsx"), tree=7, following=200),
        two(17, 11, related, tree=0xFFFF_FFFF, flags=4, own_id=0xFFFF_FFFF_FFFF_FFFF),
    )
    given = session(two(5, 10, created(), status=0, tree=7, following=216), two(17, 11, b"\2\0", status=0))
    (event,) = told(tmp_path, "network.smb", *Dialogue(445, ((True, asked), (False, given))).packets())
    assert (event["file.path"], event["smb.fuid"]) == ("old.xlsx", SERVER.hex())
    assert event["smb.action"] == ["SMB::FILE_OPEN", "SMB::FILE_DELETE"]


def test_what_is_refused_is_no_action(tmp_path: Path) -> None:
    steps = (
        (True, session(two(5, 2, create("plan.docx", options=0x1000), tree=7))),
        (False, session(two(5, 2, b"\x09\0" + bytes(7), status=DENIED, tree=7))),
    )
    assert seen(tmp_path, *share(), *steps) == [("CREATE", "plan.docx", SHARE, None)]


def test_names_are_those_of_one_conversation(tmp_path: Path) -> None:
    first = Dialogue(445, (*share(), *opening("plan.docx"))).packets()
    second = Dialogue(445, changing(13, b"\1"), client_port=40_001).packets()
    *_, last = told(tmp_path, "network.smb", *first, *second)
    assert last["smb.delete"] is True
    assert not {"file.path", "smb.share"} & set(last)


def test_memory_is_bounded_and_the_oldest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smb_files, "MOST_FILES", 3)
    monkeypatch.setattr(smb_files, "MOST_NAMES", 5)
    monkeypatch.setattr(smb_files, "MOST_TALKS", 3)
    files = Files()

    def opened(talk: int, number: int) -> None:
        files.see(talk, {"file.path": f"{talk}-{number}", "smb.fuid": f"{number}", "smb.create_action": "FILE_OPENED"})

    def name(talk: int, number: int) -> str:
        return str(files.see(talk, {"smb.fuid": f"{number}", "smb.delete": True}).get("file.path", ""))

    for number in range(4):
        opened(1, number)
    assert [name(1, number) for number in range(4)] == ["", "1-1", "1-2", "1-3"]
    opened(2, 1)
    opened(2, 2)
    assert (name(1, 3), name(2, 2)) == ("1-3", "2-2")
    opened(3, 1)
    assert (name(2, 2), name(3, 1)) == ("2-2", "3-1")
    assert name(1, 3) == ""
    files.forget(np.array([2, 3, 9]))
    assert name(3, 1) == ""


RULE = r"""
title: A pipe of the task scheduler is opened
id: 5f6f2b3e-2f0e-4f6c-9a51-1d6a6a1b2c3d
status: test
logsource: {product: zeek, service: smb_files}
detection:
  pipe: {path|endswith: '\IPC$', name: atsvc}
  deletion: {action: 'SMB::FILE_DELETE', name|endswith: .log}
  condition: 1 of *
level: medium
"""


@pytest.mark.parametrize(
    ("steps", "fires"),
    [
        ((*share("\\\\dc1\\IPC$", 2), *opening("atsvc")), True),
        ((*share(), *opening("atsvc")), False),
        ((*share("\\\\dc1\\IPC$", 2), *opening("srvsvc")), False),
        ((*share(), *opening("iis\\u_ex26.log"), *changing(13, b"\1")), True),
        ((*share(), *opening("iis\\u_ex26.log")), False),
        # A connection to a share is Zeek's smb_mapping.log.
        (share("\\\\dc1\\IPC$", 2), False),
    ],
)
def test_rules_for_files_of_zeek_are_asked_of_ours(
    tmp_path: Path, steps: tuple[tuple[bool, bytes], ...], fires: bool
) -> None:
    file = tmp_path / "rule.yml"
    file.write_text(RULE)
    matcher = Matcher(load_rules([file]).telling)
    portions = made.read(tmp_path / "made.pcap", pcap(made.frames(*Dialogue(445, steps).packets())))
    batches = [batch for portion in portions for batch in portion.batches]
    assert any(batch.dataset == "network.smb" for batch in batches)
    assert any(match.rules for batch in batches for match in matcher.match(batch)) is fires
