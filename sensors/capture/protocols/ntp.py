"""NTP: who takes the time from whom, how good it is, and who asks servers about themselves.

RFC 5905 section 7.3 (header), 7.5 (extensions, as RFC 7822 mends them), RFC 9327 section 2 (control messages, mode 6).
Private messages (mode 7) are those of ntpd's ntp_request.h; RFC 1305 appendix B only reserves them. Names are Zeek's.

A request and the answer to it are one event of what the server says; a request without one is told alone. Servers
answer a control or private request in many messages, of which the first is told: a server that is misused for its large
answers would otherwise make a hundred events of each request.
"""

from typing import Final

from sensors.capture.protocols.cursor import Cursor, text
from sensors.capture.protocols.model import (
    Context,
    Fields,
    Framing,
    Message,
    NotThis,
    Protocol,
    Side,
    Sign,
    Transport,
)
from sensors.capture.protocols.names import ipv4
from sensors.event.times import SECOND, iso

PORT: Final = 123

_SYMMETRIC_ACTIVE, _SYMMETRIC_PASSIVE, _CLIENT, _SERVER, _BROADCAST, _CONTROL, _PRIVATE = range(1, 8)
_HEADER: Final = 48
_TO_UNIX: Final = 2_208_988_800
"""Seconds from 1900 to 1970; numbers below are of the era that begins in 2036 (RFC 5905 section 6)."""
_LEAST_EXTENSION: Final = 16
_LONGEST_MAC: Final = 24
_UNSYNCHRONISED: Final = 16
_DATA: Final = 512

OPERATIONS: Final = {
    1: "READSTAT", 2: "READVAR", 3: "WRITEVAR", 4: "READCLOCK", 5: "WRITECLOCK", 6: "SETTRAP", 7: "ASYNCMSG",
    8: "CONFIGURE", 9: "SAVECONFIG", 10: "READ_MRU", 11: "READ_ORDLIST", 12: "REQ_NONCE", 31: "UNSETTRAP",
}
REQUESTS: Final = {
    0: "PEER_LIST", 1: "PEER_LIST_SUM", 2: "PEER_INFO", 3: "PEER_STATS", 4: "SYS_INFO", 5: "SYS_STATS", 6: "IO_STATS",
    7: "MEM_STATS", 8: "LOOP_INFO", 9: "TIMER_STATS", 10: "CONFIG", 11: "UNCONFIG", 12: "SET_SYS_FLAG",
    13: "CLR_SYS_FLAG", 14: "MONITOR", 15: "NOMONITOR", 16: "GET_RESTRICT", 17: "RESADDFLAGS", 18: "RESSUBFLAGS",
    19: "UNRESTRICT", 20: "MON_GETLIST", 21: "RESET_STATS", 22: "RESET_PEER", 23: "REREAD_KEYS", 26: "TRUSTKEY",
    27: "UNTRUSTKEY", 28: "AUTHINFO", 29: "TRAPS", 30: "ADD_TRAP", 31: "CLR_TRAP", 32: "REQUEST_KEY",
    33: "CONTROL_KEY", 34: "GET_CTLSTATS", 35: "GET_LEAPINFO", 36: "GET_CLOCKINFO", 37: "SET_CLKFUDGE",
    38: "GET_KERNEL", 39: "GET_CLKBUGINFO", 41: "SET_PRECISION", 42: "MON_GETLIST_1", 43: "HOSTNAME_ASSOCID",
    44: "IF_STATS", 45: "IF_RELOAD",
}
_MONLISTS: Final = (20, 42)

_FRAMING: Final = Framing("ntp", Transport.UDP, least=8)


def _signed(octet: int) -> int:
    return octet - 256 if octet > 127 else octet


def _time(octets: bytes) -> str:
    """A moment in microseconds; empty where none is said."""
    seconds, fraction = int.from_bytes(octets[:4], "big"), int.from_bytes(octets[4:], "big")
    if not seconds and not fraction:
        return ""
    since = seconds - _TO_UNIX if seconds >= _TO_UNIX else seconds + (1 << 32) - _TO_UNIX
    return iso(since * SECOND + (fraction * 1_000_000 >> 32) * 1_000)


def _behind(octets: bytes) -> Fields:
    """How many extensions follow the header, and the number of the key of the code that proves the message."""
    at, count = _HEADER, 0
    while len(octets) - at > _LONGEST_MAC:
        size = int.from_bytes(octets[at + 2 : at + 4], "big")
        if size < _LEAST_EXTENSION or size % 4 or at + size > len(octets):
            break
        count += 1
        at += size
    fields: Fields = {"ntp.num_exts": count}
    if len(octets) - at >= 20:
        fields["ntp.key_id"] = int.from_bytes(octets[at : at + 4], "big")
    return fields


def _reference(stratum: int, octets: bytes) -> str:
    """A server's source: text for a primary clock or a kiss of death, else an IPv4 address or part of a hash."""
    return text(octets.rstrip(b"\0")) if stratum <= 1 else ipv4(octets)


def _timed(octets: bytes, version: int, mode: int) -> Message:
    stratum = octets[1]
    if len(octets) < _HEADER or len(octets) % 4 or stratum > _UNSYNCHRONISED:
        raise NotThis("no header")
    fields: Fields = {
        "ntp.version": version, "ntp.mode": mode, "ntp.leap": octets[0] >> 6, "ntp.stratum": stratum,
        "ntp.poll": 2.0 ** _signed(octets[2]), "ntp.precision": 2.0 ** _signed(octets[3]),
        "ntp.root_delay": int.from_bytes(octets[4:8], "big", signed=True) / 65_536,
        "ntp.root_disp": int.from_bytes(octets[8:12], "big") / 65_536,
    }
    if any(octets[12:16]):
        fields["ntp.ref_id"] = _reference(stratum, octets[12:16])
        if mode == _SERVER and not stratum:
            fields["ntp.kiss_code"] = fields["ntp.ref_id"]
    for name, at in (("ref_time", 16), ("org_time", 24), ("rec_time", 32), ("xmt_time", 40)):
        moment = _time(octets[at : at + 8])
        if moment:
            fields[f"ntp.{name}"] = moment
    fields |= _behind(octets)
    if mode == _CLIENT:
        return Message(fields, Side.ASKS, octets[40:48])
    if mode == _SERVER:
        return Message(fields, Side.ANSWERS, octets[24:32])
    return Message(fields)


def _control(octets: bytes, version: int) -> Message:
    cursor = Cursor(octets, 1)
    bits, sequence, status, association = cursor.u8(), cursor.u16(), cursor.u16(), cursor.u16()
    offset, count = cursor.u16(), cursor.u16()
    code = bits & 31
    if code not in OPERATIONS:
        raise NotThis("no operation")
    data = cursor.take(count)
    fields: Fields = {
        "ntp.version": version, "ntp.mode": _CONTROL, "ntp.op_code": code, "ntp.operation": OPERATIONS[code],
        "ntp.sequence": sequence, "ntp.association_id": association,
    }
    key = (_CONTROL, code, sequence)
    if not bits & 128:
        if data:
            fields["ntp.data"] = text(data, _DATA)
        return Message(fields, Side.ASKS, key)
    fields |= {"ntp.status": status, "ntp.err_bit": bool(bits & 64)}
    if data:
        fields["ntp.data"] = text(data, _DATA)
    return Message(fields, Side.SILENT if offset else Side.ANSWERS, key)


def _private(octets: bytes, version: int) -> Message:
    cursor = Cursor(octets, 1)
    sequence, implementation, code, items, size = cursor.u8(), cursor.u8(), cursor.u8(), cursor.u16(), cursor.u16()
    # 0: any, 2: an old ntpd, 3: ntpd. The sizes of items are below 512 octets, and all of them fit into one datagram.
    if implementation not in (0, 2, 3) or code not in REQUESTS or size >> 12 or (items & 4095) * size > cursor.left:
        raise NotThis("no private request")
    fields: Fields = {
        "ntp.version": version, "ntp.mode": _PRIVATE, "ntp.req_code": code, "ntp.request": REQUESTS[code],
        "ntp.implementation": implementation, "ntp.auth_bit": bool(sequence & 128),
    }
    if code in _MONLISTS:
        fields["ntp.monlist"] = True
    key = (_PRIVATE, implementation, code)
    if not octets[0] & 128:
        return Message(fields, Side.ASKS, key)
    fields |= {"ntp.err": items >> 12, "ntp.items": items & 4095}
    return Message(fields, Side.SILENT if sequence & 127 else Side.ANSWERS, key)


def parse(octets: bytes, context: Context) -> Message:  # noqa: ARG001 - the message itself says who sent it
    """Read a message of any mode but the reserved one.

    Raises:
        NotThis: it is none.
    """
    if len(octets) < 8:
        raise NotThis("too short")
    version, mode = octets[0] >> 3 & 7, octets[0] & 7
    if not mode or not 1 <= version <= 4:
        raise NotThis("no version")
    if mode == _PRIVATE:
        return _private(octets, version)
    return _control(octets, version) if mode == _CONTROL else _timed(octets, version, mode)


def together(asked: Message, answered: Message) -> Fields:
    """What the server says, and beside it what only the request has, and which clock the client itself has."""
    fields = {**asked.fields, **answered.fields}
    if (asked.fields["ntp.mode"], answered.fields["ntp.mode"]) == (_CLIENT, _SERVER):
        fields["ntp.client_stratum"] = asked.fields["ntp.stratum"]
        # A source in `ntp.ref_id` is the server's, also where the server names none.
        fields.pop("ntp.ref_id", None)
        if "ntp.ref_id" in answered.fields:
            fields["ntp.ref_id"] = answered.fields["ntp.ref_id"]
        if "ntp.ref_id" in asked.fields:
            fields["ntp.client_ref_id"] = asked.fields["ntp.ref_id"]
    return fields


PROTOCOL: Final = Protocol(
    "ntp",
    # The first octet alone would name too much.
    (Sign(_FRAMING, "", ports=(PORT,), least=8),),
    parse,
    together=together,
)
