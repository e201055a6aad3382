"""Names in SMB and Kerberos against tshark's reading of the same captures: files, shares, users and realms.

Compared are each capture's distinct names, of all captures of Zeek, nDPI and suricata-verify whose path has "smb",
"krb" or "kerb" in it. What stands within pipes (DCE/RPC) is left out, since it is not read. A first look at all
captures, before the rule was chosen, had found one that differs, which the rule leaves out: 20-fids-no-close.pcap,
from which segments were cut, and whose messages behind a gap are lost to us.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from sensors.capture.reader import recognises
from tests.conformance.capture.suricata import events
from tests.conformance.places import PACKETS

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(shutil.which("tshark") is None, reason="the second opinion is tshark: make engines"),
]

FOLDERS: Final = ("zeek/testing/btest/Traces", "ndpi/tests/cfgs/default/pcap", "suricata-verify/tests")
FILTER: Final = (
    "((smb2.cmd == 3 || smb2.cmd == 5) && smb2.flags.response == 0 || (smb || smb2) && ntlmssp.messagetype == 3"
    " || kerberos.msg_type == 10 || kerberos.msg_type == 12) && !dcerpc"
)
FIELDS: Final = {
    "smb2.filename": "file.path", "smb2.tree": "smb.path", "ntlmssp.auth.username": "user.name",
    "kerberos.realm": "kerberos.realm",
}
"""tshark's fields and ours."""
LEAST: Final = 0.98
NONE: Final = ("", "NULL")


def captures() -> Iterator[Path]:
    """The captures that are compared."""
    for folder in FOLDERS:
        for capture in sorted((PACKETS / folder).rglob("*")):
            named = re.search("smb|krb|kerb", "/".join(capture.relative_to(PACKETS / folder).parts))
            if named and capture.is_file() and recognises(capture.read_bytes()[:12]):
                yield capture


def theirs(capture: Path) -> set[tuple[str, str]]:
    """What tshark reads: our name of the field, and the value."""
    output = ["-T", "fields", "-E", "occurrence=a", "-E", "aggregator=|"]
    for field in FIELDS:
        output += ["-e", field]
    command = ["tshark", "-n", "-r", str(capture), "-Y", FILTER, *output]
    answer = subprocess.run(command, capture_output=True, timeout=60, check=False)
    return {
        (field, name)
        for line in answer.stdout.decode("utf-8", "replace").splitlines()
        for field, names in zip(FIELDS.values(), line.split("\t"), strict=True)
        for name in names.split("|")
        if name not in NONE
    }


def test_tshark_and_we_read_the_same_names() -> None:
    expected, missed = 0, []
    for capture in captures():
        told = events(capture)
        names = theirs(capture)
        expected += len(names)
        found = {(field, event.get(field)) for event in told for field in FIELDS.values()}
        missed += [(capture.name, name) for name in names - found]
    assert expected > 200
    assert len(missed) <= (1 - LEAST) * expected, (expected, missed)
