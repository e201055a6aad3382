"""SMB, the protocol of Windows' shares: what both sides agree upon, who logs in, which shares and files are opened.

MS-SMB2, MS-CIFS; RFC 1002 section 4.3 (sessions of NetBIOS, on port 139) and MS-SMB2 section 2.1 (directly over TCP).
Reads, writes, listings and what goes through pipes belong to the protocol and make no events, nor does what is
encrypted; what is done to a file says its name and share. Names are ECS's, else Zeek's or Microsoft's.
"""

from typing import Final

from sensors.capture.protocols import smb1, smb2, smb_files
from sensors.capture.protocols.model import (
    Context,
    Fields,
    Framing,
    Message,
    NotThis,
    Protocol,
    Shape,
    Side,
    Sign,
    Transport,
    merged,
)

NETBIOS_PORT: Final = 139

_SEALED: Final = (b"\xfdSMB", b"\xfcSMB")
"""What begins an encrypted and a compressed message (MS-SMB2 sections 2.2.41 and 2.2.42)."""
_SESSION_MESSAGES: Final = {0x81: (0x44, 0x2000), 0x82: (0, 0), 0x83: (1, 1), 0x84: (6, 6), 0x85: (0, 0)}
"""Between which lengths NetBIOS' other messages lie: request, two answers, retarget, keep alive."""

_DIRECT: Final = Framing(
    "smb", Transport.TCP, Shape.LENGTH, begins="00 ?? ?? ?? ?? 53 4d 42", at=1, size=3, add=4, least=8,
)
_NETBIOS: Final = Framing(
    "smb over netbios", Transport.TCP, Shape.LENGTH, begins="?? 0?", at=1, size=3, add=4, least=4, most=0x2_0003,
)


def parse(octets: bytes, context: Context) -> Message:
    """Read a message behind its header of four octets.

    Raises:
        NotThis: it is none.
    """
    if len(octets) < 4:
        raise NotThis("no header")
    if octets[0]:
        least, most = _SESSION_MESSAGES.get(octets[0], (1, 0))
        if context.framing is not _NETBIOS or not least <= int.from_bytes(octets[1:4], "big") <= most:
            raise NotThis("no message of NetBIOS")
        return Message({}, Side.SILENT)
    sign = octets[4:8]
    if sign == smb2.SIGN:
        return smb2.parse(octets, 4)
    if sign == smb1.SIGN:
        return smb1.parse(octets, 4)
    if sign in _SEALED:
        return Message({}, Side.SILENT)
    raise NotThis("another sign")


def together(asked: Message, answered: Message) -> Fields:
    """The fields of both, and the dialect that an answer of SMB 1 chooses from those that were asked for."""
    fields = {**merged(asked, answered), **smb1.chosen(asked, answered)}
    # A request of SMB 1 may be answered in SMB 2: the answer says what is spoken from here on.
    fields |= {name: answered.fields[name] for name in ("smb.command", "smb.version") if name in answered.fields}
    return fields


PROTOCOL: Final = Protocol(
    "smb",
    (
        *(Sign(_DIRECT, f"00 ?? ?? ?? {sign} 53 4d 42") for sign in ("fe", "ff", "fd")),
        # Over NetBIOS a session is asked for first; its answers are of one octet or none.
        *(
            Sign(_NETBIOS, octets, ports=(NETBIOS_PORT,))
            for octets in ("81 00 00 44 20", "82 00 00 00", "83 00 00 01")
        ),
    ),
    parse,
    together=together,
    follower=smb_files.Files,
)
