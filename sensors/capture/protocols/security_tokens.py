"""What the token of a session setup says: NTLM's user, domain and hosts, or the ticket of Kerberos.

MS-NLMP section 2.2 (messages), RFC 4121 section 4.1 and RFC 2743 section 3.1 (Kerberos in GSS-API). Either is wrapped
in SPNEGO (RFC 4178) or not; NTLM is found by its signature, Kerberos by its object identifier, since what stands around
them differs. Names are those of Zeek's ntlm.log and kerberos.log.
"""

from typing import Final

from sensors.capture.protocols.cursor import text, wide
from sensors.capture.protocols.kerberos import presented
from sensors.capture.protocols.model import Fields, NotThis

_NTLM: Final = b"NTLMSSP\0"
_KERBEROS: Final = bytes.fromhex("06092a864886f712010202" "0100")
"""The mechanism's identifier (1.2.840.113554.1.2.2) and the mark of an AP-REQ."""
_CHALLENGE: Final = 2
_AUTHENTICATE: Final = 3
_UNICODE: Final = 1
_VERSION: Final = 1 << 25
_V1_RESPONSE: Final = 24
_NAMES: Final = {
    1: "ntlm.server_nb_computer_name", 2: "ntlm.server_nb_domain_name", 3: "ntlm.server_dns_computer_name",
    4: "ntlm.server_dns_domain_name", 5: "ntlm.server_tree_name",
}
"""Pairs of the server's target information (section 2.2.2.1)."""


def said(token: bytes) -> Fields:
    """The fields of a token; none where it is neither NTLM's nor Kerberos'."""
    at = token.find(_NTLM)
    if at >= 0:
        message = token[at:]
        kind = int.from_bytes(message[8:12], "little")
        fields: Fields = {"smb.authentication": "NTLM"}
        if kind == _CHALLENGE:
            fields |= _challenge(message)
        elif kind == _AUTHENTICATE:
            fields |= _authenticate(message)
        return fields
    at = token.find(_KERBEROS)
    if at < 0:
        return {}
    try:
        return {"smb.authentication": "Kerberos", **presented(token, at + len(_KERBEROS))}
    except NotThis:
        # A long ticket may have been cut off.
        return {"smb.authentication": "Kerberos"}


def _part(message: bytes, at: int) -> bytes:
    """What a length and an offset at a place lead to."""
    length, offset = int.from_bytes(message[at : at + 2], "little"), int.from_bytes(message[at + 4 : at + 8], "little")
    return message[offset : offset + length]


def _version(message: bytes, at: int, flags: int) -> str:
    """The version of Windows, where the flags say that there is one (section 2.2.2.10)."""
    if not flags & _VERSION or len(message) < at + 4:
        return ""
    return f"{message[at]}.{message[at + 1]}.{int.from_bytes(message[at + 2 : at + 4], 'little')}"


def _challenge(message: bytes) -> Fields:
    fields: Fields = {}
    information, at = _part(message, 40), 0
    while at + 4 <= len(information):
        kind = int.from_bytes(information[at : at + 2], "little")
        length = int.from_bytes(information[at + 2 : at + 4], "little")
        if not kind:
            break
        if kind in _NAMES:
            fields[_NAMES[kind]] = wide(information[at + 4 : at + 4 + length])
        at += 4 + length
    version = _version(message, 48, int.from_bytes(message[20:24], "little"))
    if version:
        fields["ntlm.server_version"] = version
    return fields


def _authenticate(message: bytes) -> Fields:
    flags = int.from_bytes(message[60:64], "little")
    fields: Fields = {}
    for name, at in (("user.domain", 28), ("user.name", 36), ("ntlm.hostname", 44)):
        octets = _part(message, at)
        if octets:
            fields[name] = wide(octets) if flags & _UNICODE else text(octets)
    version = _version(message, 64, flags)
    if version:
        fields["ntlm.client_version"] = version
    response = int.from_bytes(message[20:22], "little")
    if response:
        fields["ntlm.version"] = "NTLMv1" if response == _V1_RESPONSE else "NTLMv2"
    return fields
