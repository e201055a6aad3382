"""Kerberos: who asks for tickets to which service, how they are encrypted, and why they are refused.

RFC 4120 sections 5.2 (types), 5.3 (tickets), 5.4 (requests and replies), 5.9 (errors) and 7.2 (transport), RFC 4556
(PKINIT). Names are those of Zeek's kerberos.log.
"""

from datetime import UTC, datetime
from typing import Final

from sensors.capture.protocols.ber import INTEGER, SEQUENCE, element, elements, inside, number, tagged
from sensors.capture.protocols.cursor import text
from sensors.capture.protocols.kerberos_names import CIPHERS, ERRORS, WEAK
from sensors.capture.protocols.model import (
    MOST_VALUES,
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
)

PORT: Final = 88

# Tags of applications (section 5.10), and the number that says the same within the message.
_TICKET: Final = 0x61
_AP_REQUEST: Final = 0x6E
_ERROR: Final = 0x7E
_REQUESTS: Final = {0x6A: ("AS", 10), 0x6C: ("TGS", 12)}
_REPLIES: Final = {0x6B: ("AS", 11), 0x6D: ("TGS", 13)}
_OTHERS: Final = (0x6F, 0x74, 0x75, 0x76)
"""AP-REP, SAFE, PRIV and CRED belong to the protocol, and nothing is told of them."""
_VERSION: Final = 5

_PKINIT: Final = (14, 15, 16, 17)
_ENCRYPTED_TIMESTAMP: Final = 2
_FORWARDABLE: Final = 1 << 30
_RENEWABLE: Final = 1 << 23
_LAST_YEAR: Final = 2262
"""Stores keep times up to here."""

_KEEP: Final = 16_384
"""A ticket for a member of many groups has some thousand octets and stands before the request itself."""
_DATAGRAM: Final = Framing("kerberos datagram", Transport.UDP, Shape.DATAGRAM)
_RECORD: Final = Framing(
    "kerberos record", Transport.TCP, Shape.LENGTH, begins="00 00 ?? ?? ??", at=0, size=4, add=4, least=8,
    most=1 << 16, keep=_KEEP,
)


def _string(octets: bytes, place: tuple[int, int]) -> str:
    """A KerberosString: of any kind of string, since implementations differ."""
    _, first, last = element(octets, *place)
    return text(octets[first:last], 255)


def _principal(octets: bytes, place: tuple[int, int]) -> str:
    """A PrincipalName, its components with slashes between them (section 6.2)."""
    names = tagged(octets, *inside(octets, *place, SEQUENCE)).get(0xA1)
    if names is None:
        raise NotThis("a principal without a name")
    parts = [octets[first:last] for _, first, last in elements(octets, *inside(octets, *names, SEQUENCE))]
    return text(b"/".join(parts), 512)


def _time(octets: bytes, place: tuple[int, int]) -> str:
    """A KerberosTime as ISO 8601; empty where it is none."""
    _, first, last = element(octets, *place)
    try:
        moment = datetime.strptime(octets[first:last].decode("ascii"), "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return ""
    # 1970 and 9999 stand for "as long as possible".
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z") if 1970 < moment.year < _LAST_YEAR else ""


def cipher(kind: int) -> str:
    """An encryption type as Zeek names it."""
    return CIPHERS.get(kind, f"unknown-{kind}")


def _encryption(octets: bytes, place: tuple[int, int]) -> int:
    """The encryption type of an EncryptedData."""
    kind = tagged(octets, *inside(octets, *place, SEQUENCE)).get(0xA0)
    if kind is None:
        raise NotThis("encrypted by nothing")
    return number(octets, *kind)


def _ticket(octets: bytes, place: tuple[int, int]) -> tuple[Fields, str]:
    """What a ticket says in clear: its service and how it is encrypted; and its realm."""
    parts = tagged(octets, *inside(octets, *inside(octets, *place, _TICKET), SEQUENCE))
    if not {0xA1, 0xA2, 0xA3} <= parts.keys():
        raise NotThis("half a ticket")
    kind = _encryption(octets, parts[0xA3])
    fields: Fields = {"kerberos.service": _principal(octets, parts[0xA2]), "kerberos.cipher": cipher(kind)}
    fields["kerberos.weak_encryption"] = kind in WEAK
    return fields, _string(octets, parts[0xA1])


def presented(octets: bytes, at: int) -> Fields:
    """What an AP-REQ that stands at a place says of the ticket that it presents.

    Raises:
        NotThis: it is none.
    """
    parts = tagged(octets, *inside(octets, *inside(octets, at, len(octets), _AP_REQUEST), SEQUENCE))
    if 0xA3 not in parts:
        raise NotThis("no ticket")
    fields, realm = _ticket(octets, parts[0xA3])
    return {"kerberos.request_type": "AP", **fields, "kerberos.realm": realm}


def _client(fields: Fields, name: str, realm: str) -> None:
    fields["kerberos.client"] = f"{name}/{realm}"
    if name:
        fields["user.name"] = name
    if realm:
        fields["user.domain"] = realm


def _request(octets: bytes, parts: dict[int, tuple[int, int]], kind: str) -> Message:
    """A KDC-REQ."""
    body = tagged(octets, *inside(octets, *parts[0xA4], SEQUENCE))
    if not {0xA0, 0xA2, 0xA8} <= body.keys():
        raise NotThis("half a request")
    fields: Fields = {"kerberos.request_type": kind}
    name = _principal(octets, body[0xA1]) if 0xA1 in body else ""
    realm = _string(octets, body[0xA2])
    if kind == "AS":
        _client(fields, name, realm)
    fields["kerberos.realm"] = realm
    if 0xA3 in body:
        fields["kerberos.service"] = _principal(octets, body[0xA3])
    _, first, last = element(octets, *body[0xA0])
    options = int.from_bytes(octets[first + 1 : last][:4].ljust(4, b"\0"), "big")
    fields["kerberos.forwardable"] = bool(options & _FORWARDABLE)
    fields["kerberos.renewable"] = bool(options & _RENEWABLE)
    for tag, told in ((0xA4, "kerberos.from"), (0xA5, "kerberos.till")):
        moment = _time(octets, body[tag]) if tag in body else ""
        if moment:
            fields[told] = moment
    kinds = [
        int.from_bytes(octets[first:last][:8], "big", signed=True)
        for tag, first, last in elements(octets, *inside(octets, *body[0xA8], SEQUENCE))
        if tag == INTEGER
    ]
    fields["kerberos.requested_ciphers"] = [cipher(one) for one in kinds[:MOST_VALUES]]
    if 0xA3 in parts:
        said = _preauthentication(octets, parts[0xA3])
        fields["kerberos.pkinit"] = any(one in _PKINIT for one in said)
        if kind == "AS":
            fields["kerberos.preauthenticated"] = _ENCRYPTED_TIMESTAMP in said or fields["kerberos.pkinit"]
    return Message(fields, Side.ASKS)


def _preauthentication(octets: bytes, place: tuple[int, int]) -> list[int]:
    """The types of a request's PA-DATA (section 5.2.7)."""
    found = []
    for tag, first, last in elements(octets, *inside(octets, *place, SEQUENCE)):
        kind = tagged(octets, first, last).get(0xA1) if tag == SEQUENCE else None
        if kind is not None:
            found.append(number(octets, *kind))
    return found


def _reply(octets: bytes, parts: dict[int, tuple[int, int]], kind: str) -> Message:
    """A KDC-REP."""
    if not {0xA3, 0xA4, 0xA5, 0xA6} <= parts.keys():
        raise NotThis("half a reply")
    fields, realm = _ticket(octets, parts[0xA5])
    fields["kerberos.request_type"] = kind
    _client(fields, _principal(octets, parts[0xA4]), _string(octets, parts[0xA3]))
    fields["kerberos.realm"] = realm
    fields["kerberos.reply_cipher"] = cipher(_encryption(octets, parts[0xA6]))
    fields["kerberos.success"] = True
    fields["event.outcome"] = "success"
    return Message(fields, Side.ANSWERS)


def _error(octets: bytes, parts: dict[int, tuple[int, int]]) -> Message:
    """A KRB-ERROR."""
    if not {0xA4, 0xA6, 0xA9} <= parts.keys():
        raise NotThis("half an error")
    code = number(octets, *parts[0xA6])
    fields: Fields = {
        "kerberos.success": False, "kerberos.error_code": code,
        "kerberos.error_msg": ERRORS.get(code, f"unknown-{code}"),
        "kerberos.realm": _string(octets, parts[0xA9]),
    }
    if 0xA8 in parts and 0xA7 in parts:
        _client(fields, _principal(octets, parts[0xA8]), _string(octets, parts[0xA7]))
    if 0xAA in parts:
        fields["kerberos.service"] = _principal(octets, parts[0xAA])
    if 0xAB in parts:
        fields["error.message"] = _string(octets, parts[0xAB])
    # A client is told in this way what to bring along, or to come again over TCP: nothing has failed yet.
    if fields["kerberos.error_msg"] not in ("KDC_ERR_PREAUTH_REQUIRED", "KRB_ERR_RESPONSE_TOO_BIG"):
        fields["event.outcome"] = "failure"
    return Message(fields, Side.ANSWERS)


def parse(octets: bytes, context: Context) -> Message:
    """Read a message.

    Raises:
        NotThis: it is none, or was cut off before its end.
    """
    at = 4 if context.framing is _RECORD else 0
    tag, first, last = element(octets, at, len(octets))
    if tag in _OTHERS or tag == _AP_REQUEST:
        inside(octets, first, last, SEQUENCE)
        return Message({}, Side.SILENT)
    kind, told = _REQUESTS.get(tag) or _REPLIES.get(tag) or ("", 30)
    if not kind and tag != _ERROR:
        raise NotThis("no message of Kerberos")
    parts = tagged(octets, *inside(octets, first, last, SEQUENCE))
    # A request counts its parts from 1, a reply and an error from 0.
    version, said = (0xA1, 0xA2) if tag in _REQUESTS else (0xA0, 0xA1)
    if version not in parts or said not in parts:
        raise NotThis("no version")
    if number(octets, *parts[version]) != _VERSION or number(octets, *parts[said]) != told:
        raise NotThis("another version")
    if tag in _REQUESTS:
        if 0xA4 not in parts:
            raise NotThis("half a request")
        return _request(octets, parts, kind)
    return _reply(octets, parts, kind) if kind else _error(octets, parts)


def together(asked: Message, answered: Message) -> Fields:
    """The fields of both; who the client is and what the ticket is for, the answer knows better."""
    return {**asked.fields, **answered.fields}


PROTOCOL: Final = Protocol(
    "kerberos",
    # Tags alone are too common to be looked for on every port.
    tuple(
        Sign(framing, octets, ports=(PORT,))
        for framing, begins in ((_DATAGRAM, ""), (_RECORD, "00 00 ?? ?? "))
        for octets in (f"{begins}6?", f"{begins}7e")
    ),
    parse,
    together=together,
)
