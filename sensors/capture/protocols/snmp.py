"""SNMP: who reads or sets what of which device, with which rights, and what devices report by themselves.

RFC 1157 section 4 (version 1), RFC 3416 section 3 (version 2c, PDUs), RFC 3412 section 6 and RFC 3414 section 2.4
(version 3 with its users), RFC 3584 section 3.1 (traps of version 1 by their number), ITU-T X.690 section 8 (BER).

A community is a password that is sent in clear text. Only those are told that everybody knows, since devices come with
them; any other is `other`, so that whoever reads events does not learn it. Values of objects are not told either.
"""

from typing import Final, NamedTuple

from sensors.capture.protocols.ber import element
from sensors.capture.protocols.cursor import text
from sensors.capture.protocols.model import (
    MOST_VALUES,
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

PORTS: Final = (161, 162)

COMMUNITIES: Final = frozenset((
    "", "public", "private", "0", "admin", "agent", "cable-docsis", "cisco", "community", "default", "guest", "ILMI",
    "internal", "manager", "monitor", "netman", "openview", "password", "proxy", "read", "readonly", "readwrite", "ro",
    "root", "router", "rw", "secret", "security", "snmp", "snmpd", "switch", "system", "test", "tivoli", "trap",
    "world", "write",
))
"""What devices and programs come with."""

PDUS: Final = {
    0xA0: "get_request", 0xA1: "get_next_request", 0xA2: "response", 0xA3: "set_request", 0xA4: "trap_v1",
    0xA5: "get_bulk_request", 0xA6: "inform_request", 0xA7: "trap_v2", 0xA8: "report",
}
_ANSWERS: Final = (0xA2, 0xA8)
_ALONE: Final = (0xA4, 0xA7)
_TRAP_V1: Final = 0xA4
_BULK: Final = 0xA5
_TRAPS: Final = (0xA6, 0xA7)

ERRORS: Final = (
    "noError", "tooBig", "noSuchName", "badValue", "readOnly", "genErr", "noAccess", "wrongType", "wrongLength",
    "wrongEncoding", "wrongValue", "noCreation", "inconsistentValue", "resourceUnavailable", "commitFailed",
    "undoFailed", "authorizationError", "notWritable", "inconsistentName",
)
LEVELS: Final = {0: "noAuthNoPriv", 1: "authNoPriv", 3: "authPriv"}

_INTEGER, _OCTETS, _OBJECT, _SEQUENCE, _ADDRESS = 0x02, 0x04, 0x06, 0x30, 0x40
_USERS: Final = 3
_REPORTABLE: Final = 4
_ENTERPRISE: Final = 6
_TRAP_OID: Final = "1.3.6.1.6.3.1.1.4.1.0"
_TRAP_PREFIX: Final = "1.3.6.1.6.3.1.1.5."
_MOST_ARCS: Final = 128

_FRAMING: Final = Framing("snmp", Transport.UDP, least=8)


class _Element(NamedTuple):
    """An element of BER: its tag, where its contents begin and end."""

    tag: int
    at: int
    end: int


class _Reader:
    """Elements one after another."""

    def __init__(self, octets: bytes, at: int, end: int) -> None:
        """Read `octets[at:end]`."""
        self.octets, self.at, self.end = octets, at, end

    def one(self, tag: int = 0) -> _Element:
        """The next element, of this tag if one is given.

        Raises:
            NotThis: there is none.
        """
        found = _Element(*element(self.octets, self.at, self.end))
        if tag and found.tag != tag:
            raise NotThis("not the element")
        self.at = found.end
        return found

    def inside(self, tag: int) -> "_Reader":
        """What the next element holds."""
        _, at, end = self.one(tag)
        return _Reader(self.octets, at, end)

    def take(self, tag: int) -> bytes:
        """The octets of the next element."""
        _, at, end = self.one(tag)
        return self.octets[at:end]

    def integer(self) -> int:
        """The next element as a number of at most 32 bits."""
        octets = self.take(_INTEGER)
        if not 1 <= len(octets) <= 5:
            raise NotThis("no number")
        return int.from_bytes(octets, "big", signed=True)


def _object(octets: bytes) -> str:
    """An object's identifier as text (X.690 section 8.19)."""
    arcs: list[int] = []
    number = 0
    if not octets or octets[-1] & 128:
        raise NotThis("no identifier")
    for octet in octets:
        number = number << 7 | octet & 127
        if number >> 32 or len(arcs) >= _MOST_ARCS:
            raise NotThis("no identifier")
        if not octet & 128:
            arcs.append(number)
            number = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


def _bindings(reader: _Reader, fields: Fields, *, trap: bool) -> None:
    """The objects of a PDU, and what the trap is called that says so among them."""
    listed = reader.inside(_SEQUENCE)
    names: list[str] = []
    while listed.at < listed.end:
        pair = listed.inside(_SEQUENCE)
        if len(names) >= MOST_VALUES:
            fields["snmp.incomplete"] = True
            break
        names.append(_object(pair.take(_OBJECT)))
        value = pair.one()
        if trap and names[-1] == _TRAP_OID and value.tag == _OBJECT:
            fields["snmp.trap_oid"] = _object(pair.octets[value.at : value.end])
    if names:
        fields["snmp.oids"] = names


def _trap(reader: _Reader) -> Fields:
    """The head of a trap of version 1."""
    enterprise, agent = _object(reader.take(_OBJECT)), ipv4(reader.take(_ADDRESS))
    generic, specific = reader.integer(), reader.integer()
    reader.one()
    if not 0 <= generic <= _ENTERPRISE:
        raise NotThis("no trap")
    named = f"{enterprise}.0.{specific}" if generic == _ENTERPRISE else f"{_TRAP_PREFIX}{generic + 1}"
    return {"snmp.enterprise": enterprise, "snmp.agent_addr": agent, "snmp.trap_oid": named}


def _pdu(reader: _Reader) -> tuple[int, int, Fields]:
    """A PDU: its tag, the number of its request, and what it says."""
    tag, at, end = reader.one()
    if tag not in PDUS:
        raise NotThis("no PDU")
    fields: Fields = {"snmp.pdu_type": PDUS[tag]}
    inner = _Reader(reader.octets, at, end)
    number = 0
    if tag == _TRAP_V1:
        fields |= _trap(inner)
    else:
        number, one, two = inner.integer(), inner.integer(), inner.integer()
        fields["snmp.request_id"] = number
        if tag == _BULK:
            fields |= {"snmp.non_repeaters": one, "snmp.max_repetitions": two}
        elif not 0 <= one < 256:
            raise NotThis("no error")
        elif tag in _ANSWERS:
            # Some agents have errors of their own.
            fields["snmp.error_status"] = ERRORS[one] if one < len(ERRORS) else f"unknown-{one}"
            if one:
                fields["snmp.error_index"] = two
    _bindings(inner, fields, trap=tag in _TRAPS)
    return tag, number, fields


def _side(tag: int) -> Side:
    if tag in _ALONE:
        return Side.ALONE
    return Side.ANSWERS if tag in _ANSWERS else Side.ASKS


def _with_community(reader: _Reader, version: int) -> Message:
    community = text(reader.take(_OCTETS))
    tag, number, said = _pdu(reader)
    if (tag == _TRAP_V1) != (version == 0) and tag in (_TRAP_V1, *_TRAPS, _BULK):
        raise NotThis("a PDU of another version")
    known = community if community in COMMUNITIES else "other"
    fields = {"snmp.version": "2c" if version else "1", "snmp.community": known} | said
    return Message(fields, _side(tag), number)


def _with_user(reader: _Reader) -> Message:
    head = reader.inside(_SEQUENCE)
    number, _, bits, model = head.integer(), head.integer(), head.take(_OCTETS), head.integer()
    if len(bits) != 1 or bits[0] & 3 not in LEVELS:
        raise NotThis("no flags")
    fields: Fields = {"snmp.version": "3", "snmp.security_level": LEVELS[bits[0] & 3]}
    _, at, end = reader.one(_OCTETS)
    if model == _USERS:
        secured = _Reader(reader.octets, at, end).inside(_SEQUENCE)
        engine, boots, _, user = secured.take(_OCTETS), secured.integer(), secured.integer(), secured.take(_OCTETS)
        if len(engine) > 32 or len(user) > 32:
            raise NotThis("no user")
        if engine:
            fields |= {"snmp.engine_id": engine.hex(), "snmp.engine_boots": boots}
        if user:
            fields["user.name"] = text(user)
    if bits[0] & 2:
        reader.take(_OCTETS)
        fields["snmp.pdu_type"] = "encrypted"
        # Whoever wants to be answered says so (RFC 3412 section 6.4); of what else is sealed nobody knows what it is.
        return Message(fields, Side.ASKS if bits[0] & _REPORTABLE else Side.ANSWERS, number)
    scoped = reader.inside(_SEQUENCE)
    scoped.take(_OCTETS)
    context = scoped.take(_OCTETS)
    if context:
        fields["snmp.context"] = text(context, 32)
    tag, _, said = _pdu(scoped)
    # A report answers what could not be read, so that only the message's number is the same.
    return Message(fields | said, _side(tag), number)


def parse(octets: bytes, context: Context) -> Message:  # noqa: ARG001 - the message itself says what it is
    """Read a message of version 1, 2c or 3.

    Raises:
        NotThis: it is none.
    """
    reader = _Reader(octets, 0, len(octets)).inside(_SEQUENCE)
    version = reader.integer()
    if version == 3:
        return _with_user(reader)
    if version not in (0, 1):
        raise NotThis("no version")
    return _with_community(reader, version)


def together(asked: Message, answered: Message) -> Fields:
    """What was asked, how it went, and the objects of the answer where they are others."""
    fields = {**answered.fields, **asked.fields, "snmp.response_type": answered.fields["snmp.pdu_type"]}
    objects = answered.fields.get("snmp.oids")
    if objects and objects != asked.fields.get("snmp.oids"):
        fields["snmp.response_oids"] = objects
        if "snmp.oids" not in asked.fields:
            del fields["snmp.oids"]
    return fields


PROTOCOL: Final = Protocol(
    "snmp",
    (
        # A sequence, its length in one to three octets, the version, and what follows it: a community, or the head of
        # version 3. Where lengths are written longer than they need be, the ports have to say what it is.
        Sign(_FRAMING, "30 ?? 02 01 0? 04"), Sign(_FRAMING, "30 ?? 02 01 03 30"),
        Sign(_FRAMING, "30 81 ?? 02 01 0? 04"), Sign(_FRAMING, "30 81 ?? 02 01 03 30"),
        Sign(_FRAMING, "30 82 ?? ?? 02 01 0? 04"), Sign(_FRAMING, "30 82 ?? ?? 02 01 03 30"),
        Sign(_FRAMING, "30", ports=PORTS),
    ),
    parse,
    together=together,
)
