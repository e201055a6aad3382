"""Values that both versions of SMB have in common: times, statuses, rights and what a file was opened for.

MS-DTYP section 2.3.3 (FILETIME), MS-ERREF section 2.3 (NTSTATUS), MS-SMB2 section 2.2.13 and MS-CIFS section 2.2.4.64
(CREATE).
"""

import json
from importlib.resources import files
from typing import Final

from sensors.capture.protocols.model import Fields
from sensors.event.times import EARLIEST, LATEST, iso

_BEFORE_1970: Final = 116_444_736_000_000_000
"""From 1601 to 1970, in units of 100 ns."""
_STATUSES: Final[dict[int, str]] = {
    int(code, 16): name
    for code, name in json.loads((files(__package__) / "nt_status.json").read_text(encoding="utf-8")).items()
}
_MORE: Final = 0xC0000016
_ERROR: Final = 0xC0000000

DISPOSITIONS: Final = (
    "FILE_SUPERSEDE", "FILE_OPEN", "FILE_CREATE", "FILE_OPEN_IF", "FILE_OVERWRITE", "FILE_OVERWRITE_IF",
)
_ACTIONS: Final = ("FILE_SUPERSEDED", "FILE_OPENED", "FILE_CREATED", "FILE_OVERWRITTEN")
_RIGHTS: Final = (
    (0, "READ_DATA"), (1, "WRITE_DATA"), (2, "APPEND_DATA"), (3, "READ_EA"), (4, "WRITE_EA"), (5, "EXECUTE"),
    (6, "DELETE_CHILD"), (7, "READ_ATTRIBUTES"), (8, "WRITE_ATTRIBUTES"), (16, "DELETE"), (17, "READ_CONTROL"),
    (18, "WRITE_DAC"), (19, "WRITE_OWNER"), (20, "SYNCHRONIZE"), (24, "ACCESS_SYSTEM_SECURITY"),
    (25, "MAXIMUM_ALLOWED"), (28, "GENERIC_ALL"), (29, "GENERIC_EXECUTE"), (30, "GENERIC_WRITE"), (31, "GENERIC_READ"),
)
_DELETE_ON_CLOSE: Final = 0x1000
_DIRECTORY: Final = 0x10


def status(code: int) -> Fields:
    """The fields of an NTSTATUS; one that asks for the next step of a session setup has no outcome yet."""
    fields: Fields = {"smb.status": _STATUSES.get(code, f"unknown-0x{code:08x}"), "smb.status_code": code}
    if code != _MORE:
        fields["event.outcome"] = "failure" if code >= _ERROR else "success"
    return fields


def moment(ticks: int) -> str:
    """A FILETIME as ISO 8601; empty where it says none."""
    nanoseconds = (ticks - _BEFORE_1970) * 100
    return iso(nanoseconds) if EARLIEST < nanoseconds < LATEST else ""


def asked(access: int, disposition: int, options: int) -> Fields:
    """The fields of what somebody wants to open a file for."""
    rights = [name for bit, name in _RIGHTS if access >> bit & 1]
    fields: Fields = {"smb.access": rights} if rights else {}
    if disposition < len(DISPOSITIONS):
        fields["smb.disposition"] = DISPOSITIONS[disposition]
    if options & _DELETE_ON_CLOSE:
        fields["smb.delete_on_close"] = True
    return fields


def opened(action: int, times: tuple[int, int, int, int], attributes: int, size: int) -> Fields:
    """The fields of a file that was opened: `times` are those of creation, access, writing and change."""
    fields: Fields = {"smb.create_action": _ACTIONS[action] if action < len(_ACTIONS) else f"unknown-{action}"}
    for name, ticks in zip(("file.created", "file.accessed", "file.mtime", "file.ctime"), times, strict=True):
        said = moment(ticks)
        if said:
            fields[name] = said
    if size >> 63 == 0:
        fields["file.size"] = size
    fields["smb.directory"] = bool(attributes & _DIRECTORY)
    return fields
