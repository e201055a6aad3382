"""SMB 1, which is to be switched off: the commands of a message, which may be several ("AndX").

MS-CIFS sections 2.2.3 (header), 2.2.4 (commands), 2.2.2.4 (errors of DOS); MS-SMB sections 2.2.3 and 2.2.4.5 to
2.2.4.9 (extended security). Names of commands are those of Zeek.
"""

import struct
from typing import Any, Final
from uuid import UUID

from sensors.capture.protocols import security_tokens, windows_values
from sensors.capture.protocols.cursor import Cursor, text, wide
from sensors.capture.protocols.model import MOST_VALUES, Fields, Message, NotThis, Side
from sensors.capture.protocols.smb2 import NEGOTIATION, ROOT

SIGN: Final = b"\xffSMB"
_HEADER: Final = 32
_ANSWERS: Final = 0x80
_NT_STATUS: Final = 0x4000
_UNICODE: Final = 0x8000
_NOTHING_FOLLOWS: Final = 0xFF
_MOST_COMMANDS: Final = 8
_EXTENDED: Final = 0x8000_0000

_NEGOTIATE, _SETUP, _LOGOFF, _CONNECT, _DISCONNECT = 0x72, 0x73, 0x74, 0x75, 0x71
_CREATE, _OPEN, _DELETE, _RENAME, _MAKE, _REMOVE = 0xA2, 0x2D, 0x06, 0x07, 0x00, 0x01
_TOLD: Final = {
    _NEGOTIATE: "NEGOTIATE", _SETUP: "SESSION_SETUP_ANDX", _LOGOFF: "LOGOFF_ANDX", _CONNECT: "TREE_CONNECT_ANDX",
    _DISCONNECT: "TREE_DISCONNECT", _CREATE: "NT_CREATE_ANDX", _OPEN: "OPEN_ANDX", _DELETE: "DELETE",
    _RENAME: "RENAME", _MAKE: "CREATE_DIRECTORY", _REMOVE: "DELETE_DIRECTORY",
}
_CHAINED: Final = (_SETUP, _LOGOFF, _CONNECT, _CREATE, _OPEN, 0x24, 0x2E, 0x2F)
"""Commands behind which another may stand; the last three lock, read and write."""
_SERVICES: Final = {"A:": "DISK", "IPC": "PIPE", "LPT1:": "PRINT", "COMM": "COMM"}
_ERRORS: Final = {
    (1, 1): "ERRbadfunc", (1, 2): "ERRbadfile", (1, 3): "ERRbadpath", (1, 4): "ERRnofids", (1, 5): "ERRnoaccess",
    (1, 6): "ERRbadfid", (1, 18): "ERRnofiles", (1, 32): "ERRbadshare", (1, 80): "ERRfilexists",
    (2, 1): "ERRerror", (2, 2): "ERRbadpw", (2, 4): "ERRaccess", (2, 5): "ERRinvtid", (2, 6): "ERRinvnetname",
    (2, 7): "ERRinvdevice", (2, 64): "ERRsmbcmd", (2, 91): "ERRbaduid", (3, 19): "ERRnowrite",
}
"""By class (1 DOS, 2 server, 3 hardware) and code."""
_OPENED: Final = struct.Struct("<IQQQQIQQ")


def parse(octets: bytes, at: int) -> Message:
    """Read a message whose header stands at a place.

    Raises:
        NotThis: it is none.
    """
    message = octets[at:]
    if len(message) < _HEADER + 3 or message[:4] != SIGN:
        raise NotThis("no header")
    command, flags, flags2 = message[4], message[9], int.from_bytes(message[10:12], "little")
    answers = bool(flags & _ANSWERS)
    tree, process, user, number = struct.unpack_from("<HHHH", message, 24)
    _words(message, _HEADER)
    if command not in _TOLD:
        return Message({}, Side.SILENT)
    fields: Fields = {"smb.version": "SMB1", "smb.command": _TOLD[command]}
    if user:
        fields["smb.session_id"] = f"0x{user:04x}"
    if command != _CONNECT or answers:
        fields["smb.tree_id"] = tree
    if answers:
        fields |= _status(message[5:9], flags2)
    names, said = _chain(message, command, answers=answers, unicode=bool(flags2 & _UNICODE))
    fields = said | fields
    if len(names) > 1:
        fields["smb.commands"] = names
    identity: Any = NEGOTIATION if command == _NEGOTIATE else (process, number)
    choice = said.pop("choice", None)
    fields.pop("choice", None)
    return Message(fields, Side.ANSWERS if answers else Side.ASKS, identity, choice)


def chosen(asked: Message, answered: Message) -> Fields:
    """The dialect that an answer chooses from those of its request; nothing where it is no answer of SMB 1."""
    offered, choice = asked.fields.get("smb.client_dialects", []), answered.said
    if not isinstance(choice, int):
        return {}
    return {"smb.dialect": offered[choice]} if choice < len(offered) else {}


def _status(octets: bytes, flags2: int) -> Fields:
    code = int.from_bytes(octets, "little")
    if flags2 & _NT_STATUS or not code:
        return windows_values.status(code)
    kind, error = octets[0], code >> 16
    name = _ERRORS.get((kind, error), f"unknown-{kind}-{error}")
    return {"smb.status": name, "smb.status_code": code, "event.outcome": "failure"}


def _words(message: bytes, at: int) -> tuple[int, int, int]:
    """Where the words of a command begin, where its octets begin and where they end.

    Raises:
        NotThis: they are not there; octets may be cut off.
    """
    if at >= len(message):
        raise NotThis("no words")
    first = at + 1
    data = first + 2 * message[at] + 2
    if data > len(message):
        raise NotThis("words are cut off")
    return first, data, min(data + int.from_bytes(message[data - 2 : data], "little"), len(message))


def _chain(message: bytes, command: int, *, answers: bool, unicode: bool) -> tuple[list[str], Fields]:
    """The names of the commands that are told, and what they say; of a field that two have the first counts."""
    names: list[str] = []
    fields: Fields = {}
    at = _HEADER
    for _ in range(_MOST_COMMANDS):
        try:
            first, data, end = _words(message, at)
            if command in _TOLD:
                names.append(_TOLD[command])
                body = _Body(message, first, data, end, unicode=unicode)
                if body.words or not answers:
                    fields = (_answered(command, body) if answers else _asked(command, body)) | fields
        except NotThis:
            if not names or at == _HEADER:
                raise
            break
        if command not in _CHAINED or data - first < 6:
            break
        following, offset = message[first], int.from_bytes(message[first + 2 : first + 4], "little")
        if following == _NOTHING_FOLLOWS or offset <= at:
            break
        command, at = following, offset
    return names, fields


class _Body:
    """A command's words and octets."""

    def __init__(self, message: bytes, first: int, data: int, end: int, *, unicode: bool) -> None:
        self.words = message[first : data - 2]
        self.octets = Cursor(message, data, end, little=True)
        self._unicode = unicode

    def u16(self, at: int) -> int:
        """Two octets of the words as a number."""
        return Cursor(self.words, at, little=True).u16()

    def u32(self, at: int) -> int:
        """Four octets of the words as a number."""
        return Cursor(self.words, at, little=True).u32()

    def name(self, *, unicode: bool | None = None) -> str:
        """The next text of the octets, up to its end by zero; empty behind them."""
        octets = self.octets
        if not (self._unicode if unicode is None else unicode):
            end = octets.octets.find(b"\0", octets.at, octets.end)
            said = octets.take((end if end >= 0 else octets.end) - octets.at)
            octets.skip(min(octets.left, 1))
            return text(said)
        # Counted from the header, which begins on an even octet.
        octets.skip(min(octets.left, octets.at & 1))
        place = octets.at
        while place + 1 < octets.end and (octets.octets[place] or octets.octets[place + 1]):
            place += 2
        said = octets.take(min(place, octets.end) - octets.at)
        octets.skip(min(octets.left, 2))
        return wide(said, 1_024)


def _asked(command: int, body: _Body) -> Fields:
    octets = body.octets
    if command == _NEGOTIATE:
        dialects: list[str] = []
        while octets.left > 1 and len(dialects) < MOST_VALUES:
            if octets.u8() != 2:
                raise NotThis("no dialect")
            dialects.append(body.name(unicode=False))
        return {"smb.client_dialects": dialects}
    if command == _SETUP:
        return _setup(body)
    if command == _CONNECT:
        octets.skip(min(body.u16(6), octets.left))
        return {"smb.path": body.name(), "smb.service": body.name(unicode=False)}
    if command == _CREATE:
        access, disposition, options = body.u32(15), body.u32(35), body.u32(39)
        return {"file.path": body.name() or ROOT, **windows_values.asked(access, disposition, options)}
    if command == _OPEN:
        return {"file.path": body.name() or ROOT}
    if command in (_DELETE, _RENAME, _MAKE, _REMOVE):
        octets.skip(1)
        fields: Fields = {"file.path": body.name()}
        if command == _RENAME:
            octets.skip(min(octets.left, 1))
            fields["smb.rename_to"] = body.name()
        return fields
    return {}


def _setup(body: _Body) -> Fields:
    """A session setup: with a token, with passwords, or an older one."""
    octets, size = body.octets, len(body.words)
    fields: Fields = {}
    if size == 24:
        fields = security_tokens.said(octets.take(min(body.u16(14), octets.left)))
    elif size == 26:
        octets.skip(min(body.u16(14) + body.u16(16), octets.left))
        for told in ("user.name", "user.domain"):
            name = body.name()
            if name:
                fields[told] = name
    else:
        return {}
    fields["smb.client.native_os"], fields["smb.client.native_lm"] = body.name(), body.name()
    return fields


def _answered(command: int, body: _Body) -> Fields:
    if command == _NEGOTIATE:
        fields: Fields = {"choice": body.u16(0)}
        if len(body.words) == 34:
            fields["smb.signing_required"] = bool(body.words[2] & 8)
            if body.u32(19) & _EXTENDED and body.octets.left >= 16:
                fields["smb.server.guid"] = str(UUID(bytes_le=body.octets.take(16)))
                fields |= security_tokens.said(body.octets.rest())
        return fields
    if command == _SETUP:
        fields = {"smb.session_flags": ["guest"]} if body.u16(4) & 1 else {}
        if len(body.words) == 8:
            fields |= security_tokens.said(body.octets.take(min(body.u16(6), body.octets.left)))
        fields["smb.server.native_os"], fields["smb.server.native_lm"] = body.name(), body.name()
        return fields
    if command == _CONNECT:
        service = body.name(unicode=False)
        fields = {"smb.share_type": _SERVICES.get(service, service)}
        system = body.name()
        if system:
            fields["smb.native_file_system"] = system
        return fields
    if command == _CREATE and len(body.words) >= 64:
        action, created, accessed, written, changed, attributes, _, size = _OPENED.unpack_from(body.words, 7)
        fields = windows_values.opened(action, (created, accessed, written, changed), attributes, size)
        return {**fields, "smb.fuid": f"{body.u16(5):04x}"}
    return {}
