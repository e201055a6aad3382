"""SSH: the software of both sides, their fingerprints, and the algorithms that they agree upon.

RFC 4253 sections 4.2 (version line), 6 (packets) and 7.1 (KEXINIT and how algorithms are chosen). HASSH and HASSHServer
as their authors describe them (github.com/salesforce/hassh): MD5 of the key exchanges and one direction's ciphers, MACs
and compressions.
"""

import hashlib
from typing import Final

from sensors.capture.protocols.cursor import Cursor, text
from sensors.capture.protocols.model import (
    Context,
    Fields,
    Framing,
    Message,
    NotThis,
    Pairing,
    Protocol,
    Shape,
    Side,
    Sign,
    Transport,
)

PORT: Final = 22
_KEXINIT: Final = 20
# Name lists of a KEXINIT in their order.
_KEX, _HOST_KEY, _CIPHER, _, _MAC, _, _COMPRESSION = range(7)
_AGREED: Final = (
    ("ssh.kex_alg", _KEX), ("ssh.host_key_alg", _HOST_KEY), ("ssh.cipher_alg", _CIPHER), ("ssh.mac_alg", _MAC),
    ("ssh.compression_alg", _COMPRESSION),
)
_SEALED: Final = ("gcm@openssh.com", "poly1305@openssh.com", "AEAD_AES_128_GCM", "AEAD_AES_256_GCM")
"""Ciphers that authenticate by themselves, so that no MAC is agreed upon (RFC 5647; OpenSSH, PROTOCOL)."""

_FRAMING: Final = Framing("ssh", Transport.TCP, Shape.OPENING, begins="53 53 48 2d", least=4)
_OFFER: Final = Framing(
    "ssh-offer", Transport.TCP, Shape.LENGTH, begins="00 00", at=0, size=4, add=4, least=6, most=35_000,
    keep=8_192,
)
"""Packets whose line is missing: a KEXINIT shows them, and what follows it says nothing that is told."""


def _lists(octets: bytes) -> tuple[bytes, ...]:
    """The first eight name lists of the packet behind the line; none where it is no KEXINIT or was cut off."""
    try:
        cursor = Cursor(octets)
        size = cursor.u32()
        cursor = cursor.part(size)
        cursor.skip(1)
        if cursor.u8() != _KEXINIT:
            return ()
        cursor.skip(16)
        return tuple(cursor.take(cursor.u32()) for _ in range(8))
    except NotThis:
        return ()


def parse(octets: bytes, context: Context) -> Message:
    """Read the line and the packet behind it, of either side; the packet alone where the line is missing.

    Raises:
        NotThis: the line is none of SSH.
    """
    answers = context.answering
    if PORT in (context.sender_port, context.receiver_port) and context.sender_port != context.receiver_port:
        answers = context.sender_port == PORT
    side, packet = "server" if answers else "client", octets
    fields: Fields = {}
    if context.framing is _FRAMING:
        software, packet = _line(octets)
        fields = {f"ssh.{side}.{name}": told for name, told in software.items()}
    lists = _lists(packet)
    if not lists and not fields:
        return Message({}, Side.SILENT)
    if lists:
        which = 1 if answers else 0
        told = b";".join((lists[_KEX], *(lists[place + which] for place in (_CIPHER, _MAC, _COMPRESSION))))
        fields[f"ssh.{side}.hassh"] = hashlib.md5(told, usedforsecurity=False).hexdigest()
        fields[f"ssh.{side}.hassh_algorithms"] = text(told, 4_096)
    return Message(fields, Side.ANSWERS if answers else Side.ASKS, said=lists)


def _line(octets: bytes) -> tuple[Fields, bytes]:
    """What the version line says, and the octets behind it.

    Raises:
        NotThis: it is none.
    """
    line, _, packet = octets.partition(b"\n")
    # A zero must not be in the line (section 4.2); some pad it with them.
    said = line.partition(b"\0")[0].rstrip(b"\r ").split(b"-", 2)
    if len(said) != 3 or said[0] != b"SSH" or not said[1][:1].isdigit():
        raise NotThis("no version")
    return {"version": text(said[1], 16), "software": text(said[2], 255)}, packet


def together(client: Message, server: Message) -> Fields:
    """The fields of both sides and what they agree upon: the client's first choice that the server has too."""
    fields = {**client.fields, **server.fields}
    if not client.said or not server.said:
        return fields
    for name, place in _AGREED:
        if place == _MAC and fields.get("ssh.cipher_alg", "").endswith(_SEALED):
            continue
        offered = set(server.said[place].split(b","))
        chosen = next((one for one in client.said[place].split(b",") if one in offered), b"")
        if chosen:
            fields[name] = text(chosen, 255)
    return fields


PROTOCOL: Final = Protocol(
    "ssh", (Sign(_FRAMING, "53 53 48 2d"), Sign(_OFFER, "00 00 ?? ?? ?? 14", ports=(PORT,))), parse,
    pairing=Pairing.SIDES, together=together, types=("protocol", "start"),
)
