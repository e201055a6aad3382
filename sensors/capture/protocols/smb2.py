"""SMB 2 and 3: the commands of a message, which may be several, one behind the other.

MS-SMB2 sections 2.2.1 (header), 2.2.3 to 2.2.12 (negotiation, sessions, trees), 2.2.13 and 2.2.14 (CREATE), 2.2.39
(SET_INFO) and 3.2.4.1.4 (compounded requests); MS-FSCC sections 2.4.11 (disposition) and 2.4.42 (renaming).
"""

import struct
from typing import Any, Final
from uuid import UUID

from sensors.capture.protocols import security_tokens, windows_values
from sensors.capture.protocols.cursor import wide
from sensors.capture.protocols.model import MOST_VALUES, Fields, Message, NotThis, Side

SIGN: Final = b"\xfeSMB"
ROOT: Final = "<share_root>"
"""What a file without a name is called, as Zeek does it."""
NEGOTIATION: Final = "negotiation"
"""The key of negotiations: a request of SMB 1 may be answered in SMB 2."""

COMMANDS: Final = (
    "NEGOTIATE_PROTOCOL", "SESSION_SETUP", "LOGOFF", "TREE_CONNECT", "TREE_DISCONNECT", "CREATE", "CLOSE", "FLUSH",
    "READ", "WRITE", "LOCK", "IOCTL", "CANCEL", "ECHO", "QUERY_DIRECTORY", "CHANGE_NOTIFY", "QUERY_INFO", "SET_INFO",
    "OPLOCK_BREAK",
)
_NEGOTIATE, _SETUP, _LOGOFF, _CONNECT, _DISCONNECT, _CREATE = range(6)
_SET_INFO: Final = 17
_TOLD: Final = (_NEGOTIATE, _SETUP, _LOGOFF, _CONNECT, _DISCONNECT, _CREATE)
"""Commands that make an event with their answer; of SET_INFO only a renaming or a deletion does, or a failure."""
_DIALECTS: Final = {
    0x0202: "2.02", 0x0210: "2.10", 0x0222: "2.22", 0x0224: "2.24", 0x02FF: "2.??", 0x0300: "3.00", 0x0302: "3.02",
    0x0310: "3.10", 0x0311: "3.11",
}
_CIPHERS: Final = {1: "AES-128-CCM", 2: "AES-128-GCM", 3: "AES-256-CCM", 4: "AES-256-GCM"}
_SHARES: Final = {1: "DISK", 2: "PIPE", 3: "PRINT"}
_SESSION_FLAGS: Final = ((1, "guest"), (2, "anonymous"), (4, "encrypted"))
_ANSWERS: Final = 1
_ASYNCHRONOUS: Final = 2
_PENDING: Final = 0x103
_ERROR: Final = 0xC0000000
_MORE: Final = 0xC0000016
_FILE: Final = 1
_RELATED: Final = b"\xff" * 16
_RENAME, _LINK, _DISPOSITION, _DISPOSITION_EX = 10, 11, 13, 64
_MOST_COMMANDS: Final = 32
"""How many commands of one message are looked at."""
_HEADER: Final = struct.Struct("<4sHHIHHIIQIIQ16s")
_OPENED: Final = struct.Struct("<IQQQQQQI4x16s")


def parse(octets: bytes, at: int) -> Message:
    """Read a message whose first header stands at a place.

    Raises:
        NotThis: it is none.
    """
    fields: Fields = {}
    names: list[str] = []
    side, identity = Side.SILENT, None
    for _ in range(_MOST_COMMANDS):
        try:
            _, _, _, code, command, _, flags, following, number, _, tree, session, _ = _header(octets, at)
            names.append(COMMANDS[command])
            if command in _TOLD or command == _SET_INFO:
                answers = bool(flags & _ANSWERS)
                body = octets[at : at + following] if following else octets[at:]
                telling, said = _answered(command, code, flags, body) if answers else _asked(command, body)
                if telling is not Side.SILENT:
                    belongs = _belongs(command, answers, flags, tree, session)
                    fields = {"smb.command": COMMANDS[command], **belongs, **said, **fields}
                    if side is Side.SILENT or (side is Side.ALONE and telling is Side.ASKS):
                        side, identity = telling, NEGOTIATION if command == _NEGOTIATE else number
        except NotThis:
            if len(names) < 2:
                raise
            # What is kept of a long message ends within its later commands.
            break
        if not following:
            break
        at += following
    if side is Side.SILENT:
        return Message({}, Side.SILENT)
    fields["smb.version"] = "SMB2"
    if len(names) > 1:
        fields["smb.commands"] = names
    return Message(fields, side, identity)


def _header(octets: bytes, at: int) -> tuple[Any, ...]:
    """The parts of a header."""
    if len(octets) < at + 64:
        raise NotThis("no header")
    header = _HEADER.unpack_from(octets, at)
    following = header[7]
    if header[0] != SIGN or header[1] != 64 or header[4] >= len(COMMANDS) or following & 7 or 0 < following < 64:
        raise NotThis("no header")
    return header


def _belongs(command: int, answers: bool, flags: int, tree: int, session: int) -> Fields:
    """To which session and tree a command belongs; those that do not exist yet are left out."""
    fields: Fields = {}
    if session and session != 0xFFFF_FFFF_FFFF_FFFF:
        fields["smb.session_id"] = f"0x{session:016x}"
    of_tree = command in (_CREATE, _DISCONNECT, _SET_INFO) or (command == _CONNECT and answers)
    if of_tree and not flags & _ASYNCHRONOUS and tree != 0xFFFF_FFFF:
        fields["smb.tree_id"] = tree
    return fields


def _u16(body: bytes, at: int) -> int:
    return int.from_bytes(body[at : at + 2], "little")


def _u32(body: bytes, at: int) -> int:
    return int.from_bytes(body[at : at + 4], "little")


def _lead(body: bytes, at: int) -> bytes:
    """What an offset from the header and a length at a place lead to."""
    offset, length = _u16(body, at), _u16(body, at + 2)
    return body[offset : offset + length] if offset >= 64 else b""


def _check(body: bytes, structure: int, size: int) -> None:
    """Check the structure's size that a command states behind its header, and that so many octets are there."""
    if _u16(body, 64) != structure or len(body) < 64 + size:
        raise NotThis("another structure")


def _asked(command: int, body: bytes) -> tuple[Side, Fields]:
    """What a request says; silent where nothing is told of it."""
    if command == _NEGOTIATE:
        _check(body, 36, 36)
        count = _u16(body, 66)
        dialects = [_u16(body, at) for at in range(100, min(100 + 2 * min(count, MOST_VALUES), len(body) - 1), 2)]
        return Side.ASKS, {
            "smb.client_dialects": [_dialect(one) for one in dialects],
            "smb.client.guid": str(UUID(bytes_le=body[76:92])),
        }
    if command == _SETUP:
        _check(body, 25, 24)
        return Side.ASKS, security_tokens.said(_lead(body, 76))
    if command in (_LOGOFF, _DISCONNECT):
        _check(body, 4, 4)
        return Side.ASKS, {}
    if command == _CONNECT:
        _check(body, 9, 8)
        return Side.ASKS, {"smb.path": wide(_lead(body, 68), 1_024)}
    if command == _CREATE:
        _check(body, 57, 56)
        access, _, _, disposition, options = struct.unpack_from("<IIIII", body, 88)
        name = wide(_lead(body, 108), 1_024)
        return Side.ASKS, {"file.path": name or ROOT, **windows_values.asked(access, disposition, options)}
    if command == _SET_INFO:
        return _changed(body)
    return Side.SILENT, {}


def _dialect(number: int) -> str:
    return _DIALECTS.get(number, f"unknown-0x{number:04x}")


def _changed(body: bytes) -> tuple[Side, Fields]:
    """What a SET_INFO renames or deletes. Its answer cannot be told from those of others, so it is told alone."""
    _check(body, 33, 32)
    kind, information, offset = body[66], body[67], _u16(body, 72)
    if kind != _FILE or offset < 64:
        return Side.SILENT, {}
    buffer = body[offset : offset + _u32(body, 68)]
    # Behind a CREATE in the same message the file has no identifier yet.
    fields: Fields = {} if body[80:96] == _RELATED else {"smb.fuid": body[80:96].hex()}
    if information in (_RENAME, _LINK):
        name = wide(buffer[20 : 20 + _u32(buffer, 16)], 1_024)
        return Side.ALONE, {**fields, "smb.rename_to" if information == _RENAME else "smb.link_to": name}
    if information in (_DISPOSITION, _DISPOSITION_EX) and buffer[:1]:
        return Side.ALONE, {**fields, "smb.delete": bool(buffer[0] & 1)}
    return Side.SILENT, {}


def _answered(command: int, code: int, flags: int, body: bytes) -> tuple[Side, Fields]:
    """What an answer says; silent where nothing is told of it."""
    if flags & _ASYNCHRONOUS and code == _PENDING:
        return Side.SILENT, {}
    failed = code >= _ERROR and code != _MORE
    if command == _SET_INFO and failed:
        return Side.ANSWERS, windows_values.status(code)
    if command not in _TOLD:
        return Side.SILENT, {}
    fields = windows_values.status(code)
    if failed:
        return Side.ANSWERS, fields
    if command == _NEGOTIATE:
        fields |= _agreed(body)
    elif command == _SETUP:
        _check(body, 9, 8)
        fields |= security_tokens.said(_lead(body, 68))
        flagged = [name for bit, name in _SESSION_FLAGS if _u16(body, 66) & bit]
        if flagged:
            fields["smb.session_flags"] = flagged
    elif command == _CONNECT:
        _check(body, 16, 16)
        fields["smb.share_type"] = _SHARES.get(body[66], f"unknown-{body[66]}")
        # SMB2_SHAREFLAG_ENCRYPT_DATA
        if _u32(body, 68) & 0x8000:
            fields["smb.share_encrypted"] = True
    elif command == _CREATE:
        _check(body, 89, 88)
        action, created, accessed, written, changed, _, size, attributes, identity = _OPENED.unpack_from(body, 68)
        fields |= windows_values.opened(action, (created, accessed, written, changed), attributes, size)
        fields["smb.fuid"] = identity.hex()
    return Side.ANSWERS, fields


def _agreed(body: bytes) -> Fields:
    """What a server says when it answers a negotiation."""
    _check(body, 65, 64)
    dialect = _u16(body, 68)
    fields: Fields = {
        "smb.dialect": _dialect(dialect), "smb.server.guid": str(UUID(bytes_le=body[72:88])),
        "smb.signing_required": bool(body[66] & 2), **security_tokens.said(_lead(body, 120)),
    }
    if dialect == 0x0311:
        at = _u32(body, 124)
        for _ in range(min(_u16(body, 70), MOST_VALUES)):
            if at < 64 or at + 8 > len(body):
                break
            kind, length = _u16(body, at), _u16(body, at + 2)
            if kind == 2 and length >= 4:
                number = _u16(body, at + 10)
                fields["smb.cipher"] = _CIPHERS.get(number, f"unknown-{number}") if number else "none"
            at += 8 + length + 7 & ~7
    return fields
