r"""Reading DNS messages into ECS fields.

RFC 1035 section 4 (messages, names with pointers), RFC 6895 (names of types and codes), RFC 6891 (EDNS), RFC 3597
section 5 (data of unknown types). Text of names follows ECS: other than printable octets are written as \DDD.
"""

from functools import lru_cache
from socket import AF_INET6, inet_ntoa, inet_ntop
from struct import Struct
from typing import Any, Final, NamedTuple

_HEADER: Final = 12
_MOST_ANSWERS: Final = 100
_MOST_POINTERS: Final = 32
_LONGEST_NAME: Final = 255
_TO_QUESTION: Final = b"\xc0\x0c"
_COUNTS: Final = Struct(">5H")
_RECORD: Final = Struct(">HHIH")

TYPES: Final = {
    1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 10: "NULL", 11: "WKS", 12: "PTR", 13: "HINFO", 15: "MX", 16: "TXT", 17: "RP",
    18: "AFSDB", 24: "SIG", 25: "KEY", 28: "AAAA", 29: "LOC", 33: "SRV", 35: "NAPTR", 36: "KX", 37: "CERT", 39: "DNAME",
    41: "OPT", 42: "APL", 43: "DS", 44: "SSHFP", 45: "IPSECKEY", 46: "RRSIG", 47: "NSEC", 48: "DNSKEY", 49: "DHCID",
    50: "NSEC3", 51: "NSEC3PARAM", 52: "TLSA", 53: "SMIMEA", 55: "HIP", 59: "CDS", 60: "CDNSKEY", 61: "OPENPGPKEY",
    62: "CSYNC", 63: "ZONEMD", 64: "SVCB", 65: "HTTPS", 99: "SPF", 249: "TKEY", 250: "TSIG", 251: "IXFR", 252: "AXFR",
    255: "ANY", 256: "URI", 257: "CAA", 32_769: "DLV",
}
_CLASSES: Final = {1: "IN", 3: "CH", 4: "HS", 254: "NONE", 255: "ANY"}
_OPCODES: Final = {0: "QUERY", 1: "IQUERY", 2: "STATUS", 4: "NOTIFY", 5: "UPDATE", 6: "DSO"}
_CODES: Final = {
    0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 6: "YXDOMAIN", 7: "YXRRSET",
    8: "NXRRSET", 9: "NOTAUTH", 10: "NOTZONE", 11: "DSOTYPENI",
}
_FLAGS: Final = ((0x0400, "AA"), (0x0200, "TC"), (0x0100, "RD"), (0x0080, "RA"), (0x0020, "AD"), (0x0010, "CD"))
_NAMED_FLAGS: Final = sum(bit for bit, _ in _FLAGS)

_PRINTABLE: Final = {
    octet: (chr(octet) if 33 <= octet <= 126 and chr(octet) not in '."\\' else f"\\{octet:03d}") for octet in range(256)
} | {0x5C: "\\\\", 0x22: '\\"', 0x09: "\\t", 0x0A: "\\n", 0x0D: "\\r"}
_PLAIN: Final = bytes(octet for octet in range(256) if len(_PRINTABLE[octet]) == 1)


class NotDns(ValueError):  # noqa: N818 - it says what the bytes are not
    """The bytes are no DNS message; internal to the room."""


class Message(NamedTuple):
    """A message: whether it answers, what tells its transaction (without the id), and its fields."""

    answers: bool
    question: tuple[str, str]
    """The question's name in lower case and its type; empty where it has none."""
    fields: dict[str, Any]


def _text(labels: list[bytes]) -> str:
    """Labels as the text of a name; nearly all are plain, and those that are not are written octet by octet."""
    if not b"".join(labels).translate(None, _PLAIN):
        return b".".join(labels).decode("ascii")
    return ".".join(["".join([_PRINTABLE[octet] for octet in label]) for label in labels])


def _name(message: bytes, at: int) -> tuple[str, int]:
    """The name at `at` and where what follows it begins; pointers lead backwards only, so they end."""
    labels: list[bytes] = []
    after = -1
    size = 0
    limit = at
    for _ in range(_LONGEST_NAME + _MOST_POINTERS):
        length = message[at]
        if length == 0:
            return _text(labels), at + 1 if after < 0 else after
        if length < 0x40:
            size += length + 1
            end = at + 1 + length
            if size > _LONGEST_NAME or end > len(message):
                raise NotDns("a name is too long")
            labels.append(message[at + 1 : end])
            at = end
        elif length >= 0xC0:
            target = (length & 0x3F) << 8 | message[at + 1]
            if after < 0:
                after = at + 2
            if target >= limit:
                raise NotDns("a pointer leads forward")
            at = limit = target
        else:
            raise NotDns("a label of an unknown kind")
    raise NotDns("a name without end")


def _address(octets: bytes) -> str:
    """IPv6 as RFC 5952 writes it: the system's text, except that only mapped IPv4 is dotted."""
    text = inet_ntop(AF_INET6, octets)
    if "." in text and not text.startswith("::ffff:"):
        return f"::{int.from_bytes(octets[12:14], 'big'):x}:{int.from_bytes(octets[14:], 'big'):x}"
    return text


def _strings(octets: bytes) -> str:
    """Character strings, each led by its length, put together."""
    parts, at = [], 0
    while at < len(octets):
        length = octets[at]
        parts.append(octets[at + 1 : at + 1 + length])
        at += 1 + length
    return b"".join(parts).decode("utf-8", "backslashreplace")


def _data(message: bytes, kind: int, at: int, length: int) -> str:
    """The data of a resource record as text."""
    octets = message[at : at + length]
    match kind:
        case 1 if length == 4:
            return inet_ntoa(octets)
        case 28 if length == 16:
            return _address(octets)
        case 2 | 5 | 12 | 39:
            return _name(message, at)[0]
        case 15 if length > 2:
            return f"{int.from_bytes(octets[:2], 'big')} {_name(message, at + 2)[0]}"
        case 16 | 99:
            return _strings(octets)
        case 33 if length > 6:
            numbers = " ".join(str(int.from_bytes(octets[place : place + 2], "big")) for place in (0, 2, 4))
            return f"{numbers} {_name(message, at + 6)[0]}"
        case 6:
            primary, after = _name(message, at)
            mailbox, after = _name(message, after)
            numbers = " ".join(str(int.from_bytes(message[n : n + 4], "big")) for n in range(after, after + 20, 4))
            return f"{primary} {mailbox} {numbers}"
    return f"\\# {length} {octets.hex()}"


def _records(message: bytes, at: int, count: int, asked: str) -> tuple[list[dict[str, Any]], list[str], bool]:
    """Records from `at` on, as far as they are there: the records, addresses, and whether all are whole."""
    records: list[dict[str, Any]] = []
    addresses: list[str] = []
    for _ in range(min(count, _MOST_ANSWERS)):
        try:
            # Most records are about the name that was asked for, and point to it.
            name, at = (asked, at + 2) if asked and message.startswith(_TO_QUESTION, at) else _name(message, at)
            start = at + _RECORD.size
            if start > len(message):
                return records, addresses, False
            kind, group, ttl, length = _RECORD.unpack_from(message, at)
            if start + length > len(message):
                return records, addresses, False
            data = _data(message, kind, start, length)
        except (IndexError, NotDns):
            return records, addresses, False
        # The top bit of the class means "flush the cache" in multicast DNS (RFC 6762 section 10.2).
        group &= 0x7FFF
        records.append({
            "name": name,
            "type": TYPES.get(kind) or f"TYPE{kind}",
            "class": _CLASSES.get(group) or f"CLASS{group}",
            "ttl": ttl,
            "data": data,
        })
        if kind in {1, 28} and not data.startswith("\\#"):
            addresses.append(data)
        at = start + length
    return records, addresses, count <= _MOST_ANSWERS


@lru_cache(maxsize=4_096)
def _plain(octets: bytes) -> tuple[str, str, str] | None:
    """Name, type and class of a question that needs nothing but its own octets; None where it is not one."""
    try:
        name, at = _name(octets, 0)
    except (IndexError, NotDns):
        return None
    if at + 4 != len(octets):
        return None
    return name, *_kind_and_class(octets, at)


def _kind_and_class(message: bytes, at: int) -> tuple[str, str]:
    kind, group = message[at] << 8 | message[at + 1], (message[at + 2] << 8 | message[at + 3]) & 0x7FFF
    return TYPES.get(kind) or f"TYPE{kind}", _CLASSES.get(group) or f"CLASS{group}"


def _question(message: bytes, at: int) -> tuple[str, str, str, int]:
    """The name, type and class of the question at `at`, and where what follows it begins.

    The same question stands in the query and in the answer, and is asked again and again, so plain ones are kept.
    """
    octets = message[at : message.find(b"\0", at) + 5]
    plain = _plain(octets)
    if plain:
        return *plain, at + len(octets)
    name, at = _name(message, at)
    return name, *_kind_and_class(message, at), at + 4


@lru_cache(maxsize=256)
def _flag_names(flags: int) -> list[str]:
    return [name for bit, name in _FLAGS if flags & bit]


def parse(rest: bytes) -> Message:
    """Read a message that stands without its first two octets, the id.

    Raises:
        NotDns: the header or the question cannot be those of a DNS message.
    """
    message = b"\0\0" + rest
    if len(message) < _HEADER:
        raise NotDns("shorter than a header")
    flags, questions, answers, _, _ = _COUNTS.unpack_from(rest)
    opcode = _OPCODES.get(flags >> 11 & 15)
    if opcode is None or questions > 16 or flags & 0x40:
        raise NotDns("an unknown operation, too many questions or a bit that must be zero")
    answering = bool(flags & 0x8000)
    if not questions and not answers and not answering:
        raise NotDns("neither question nor answer")
    fields: dict[str, Any] = {
        "dns.type": "answer" if answering else "query",
        "dns.op_code": opcode,
        "dns.header_flags": _flag_names(flags & _NAMED_FLAGS),
    }
    at = _HEADER
    asked, question = "", ("", "")
    for number in range(questions):
        try:
            name, kind, group, at = _question(message, at)
        except IndexError:
            raise NotDns("the question is cut off") from None
        if number == 0:
            asked, question = name, (name.lower(), kind)
            fields["dns.question.name"] = name
            fields["dns.question.type"] = kind
            fields["dns.question.class"] = group
    records, addresses, whole = _records(message, at, answers, asked)
    if not questions and not records:
        raise NotDns("no question, and no answer that can be read")
    if answering:
        code = flags & 15
        fields["dns.response_code"] = _CODES.get(code) or f"RCODE{code}"
    if records:
        fields["dns.answers"] = records
    if addresses:
        fields["dns.resolved_ip"] = addresses
    if not whole:
        fields["hanwatch.dns.incomplete"] = True
    return Message(answering, question, fields)
