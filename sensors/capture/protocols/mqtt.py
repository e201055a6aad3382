"""MQTT: who connects to a broker, and which topics are published and subscribed to.

MQTT 3.1 (IBM and Eurotech, 2010), MQTT 3.1.1 and MQTT 5.0 (OASIS) sections 2.1 (fixed header) and 3 (control packets);
fields are named as in Zeek's mqtt_connect, mqtt_publish and mqtt_subscribe logs. Passwords and payloads are never kept.

A packet does not say its version, so what 5.0 has in front of a payload counts with it, and properties of a
subscription are told from topics by their form.
"""

from collections.abc import Iterator
from typing import Final

from sensors.capture.protocols.cursor import Cursor
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

PORT: Final = 1_883

(
    CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ,
    PINGRESP, DISCONNECT, AUTH,
) = range(1, 16)
_NAMES: Final = (
    "", "CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBSCRIBE", "SUBACK", "UNSUBSCRIBE",
    "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH",
)
_ANSWERED: Final = {
    PUBACK: PUBLISH, PUBREC: PUBLISH, PUBCOMP: PUBREL, SUBACK: SUBSCRIBE, UNSUBACK: UNSUBSCRIBE, CONNACK: CONNECT,
}
_FLAGGED: Final = frozenset({PUBREL, SUBSCRIBE, UNSUBSCRIBE})
_LEVELS: Final = {b"MQTT": (4, 5), b"MQIsdp": (3,)}
_STATUS: Final = (
    "Connection Accepted", "Connection Refused: unacceptable protocol version",
    "Connection Refused: identifier rejected", "Connection Refused: server unavailable",
    "Connection Refused: bad user name or password", "Connection Refused: not authorized",
)
"""What CONNACK's codes up to 3.1.1 mean (table 3.1), in Zeek's words."""
_LONGEST: Final = 1_024
"""How many octets of a topic or a client's id are told."""

_MOST_SAID: Final = 1 << 16
"""How long a packet without a payload is believed to be: it has a number, codes, and properties of 5.0."""
_HEADS: Final = (
    (0x10, 12, _MOST_SAID), (0x20, 2, _MOST_SAID),
    # Quality of service 3 does not exist.
    *((0x30 | flags, 2, 1 << 28) for flags in range(16) if flags & 6 != 6),
    (0x40, 2, _MOST_SAID), (0x50, 2, _MOST_SAID), (0x62, 2, _MOST_SAID), (0x70, 2, _MOST_SAID),
    (0x82, 5, 1 << 20), (0x90, 3, _MOST_SAID), (0xA2, 4, 1 << 20), (0xB0, 2, _MOST_SAID), (0xC0, 0, 0), (0xD0, 0, 0),
    (0xE0, 0, _MOST_SAID), (0xF0, 0, _MOST_SAID),
    # MQTT 3.1 lets what is sent again say so.
    (0x6A, 2, 2), (0x8A, 5, 1 << 20), (0xAA, 4, 1 << 20),
)
"""What a packet's first octet may be (table 2.2), and how much may stand behind its length."""
_FRAMING: Final = Framing(
    "mqtt", Transport.TCP, Shape.VARINT, at=1, least=2, most=(1 << 28) + 4, keep=4_096, heads=_HEADS,
)


def _string(cursor: Cursor) -> str:
    """A string of UTF-8 with its length (section 1.5.3).

    Raises:
        NotThis: it is none, or has characters that are not allowed.
    """
    octets = cursor.take(cursor.u16())
    try:
        told = octets.decode()
    except UnicodeDecodeError:
        raise NotThis("no text") from None
    if "\0" in told:
        raise NotThis("no text")
    return told[:_LONGEST]


def _varint(cursor: Cursor) -> int:
    """A number of seven bits in each octet, the lowest first (section 2.1.4)."""
    total = 0
    for shift in (0, 7, 14, 21):
        octet = cursor.u8()
        total |= (octet & 127) << shift
        if not octet & 128:
            return total
    raise NotThis("no length")


def _connect(body: Cursor) -> Fields:
    name = body.take(body.u16())
    level = body.u8()
    if level & 127 not in _LEVELS.get(name, ()):
        raise NotThis("no version of MQTT")
    level &= 127
    flags = body.u8()
    if flags & 1 or flags >> 3 & 3 == 3:
        raise NotThis("reserved bits")
    fields: Fields = {
        "mqtt.proto_name": name.decode("ascii"), "mqtt.proto_version": level, "mqtt.keep_alive": body.u16(),
        "mqtt.clean_session": bool(flags & 2),
    }
    if level == 5:
        body.skip(_varint(body))
    fields["mqtt.client_id"] = _string(body)
    if flags & 4:
        if level == 5:
            body.skip(_varint(body))
        fields |= {
            "mqtt.will_topic": _string(body), "mqtt.will_qos": flags >> 3 & 3, "mqtt.will_retain": bool(flags & 32),
        }
        body.skip(body.u16())
    if flags & 128:
        fields["user.name"] = _string(body)
    fields["mqtt.password"] = bool(flags & 64)
    return fields


def _publish(flags: int, body: Cursor, size: int) -> Fields:
    topic = _string(body)
    if "#" in topic or "+" in topic:
        raise NotThis("a topic that nobody may publish to")
    fields: Fields = {
        "mqtt.topic": topic, "mqtt.qos": flags >> 1 & 3, "mqtt.retain": bool(flags & 1), "mqtt.dup": bool(flags & 8),
    }
    if flags & 6:
        fields["mqtt.msg_id"] = body.u16()
    if size < body.at:
        raise NotThis("longer than it says")
    fields["mqtt.payload_len"] = size - body.at
    return fields


def _filters(body: Cursor, *, qos: bool) -> Iterator[tuple[str, int]]:
    """Topics to the packet's end, each with the quality that is asked for."""
    while body.left:
        topic = _string(body)
        level = body.u8() if qos else 0
        if not topic or level & 3 == 3 or level & 192:
            raise NotThis("no topic")
        yield topic, level & 3


def _topics(body: Cursor, *, qos: bool) -> Fields:
    fields: Fields = {"mqtt.msg_id": body.u16()}
    begin = body.at
    try:
        found = list(_filters(body, qos=qos))
    except NotThis:
        # With the properties of 5.0 in front; without them an empty topic would stand there.
        body.at = begin
        body.skip(_varint(body))
        found = list(_filters(body, qos=qos))
    if not found:
        raise NotThis("no topic")
    fields["mqtt.topics"] = [topic for topic, _ in found[:MOST_VALUES]]
    if qos:
        fields["mqtt.qos_levels"] = [level for _, level in found[:MOST_VALUES]]
    if len(found) > MOST_VALUES:
        fields["mqtt.incomplete"] = True
    return fields


def _connack(body: Cursor) -> Fields:
    flags, code = body.u8(), body.u8()
    if flags > 1 or (body.left and code and code < 128) or (not body.left and code >= len(_STATUS)):
        raise NotThis("no answer to CONNECT")
    fields: Fields = {
        "mqtt.session_present": bool(flags), "mqtt.reason_code": code,
        "event.outcome": "failure" if code else "success",
    }
    if code < len(_STATUS):
        fields["mqtt.connect_status"] = _STATUS[code]
    return fields


def parse(octets: bytes, context: Context) -> Message:
    """Read a control packet, of a long one its beginning.

    Raises:
        NotThis: it is none, or contradicts itself.
    """
    del context
    cursor = Cursor(octets)
    first = cursor.u8()
    kind, flags = first >> 4, first & 15
    size = _varint(cursor) + cursor.at
    body = Cursor(octets, cursor.at, size)
    if kind == 0 or (kind in _FLAGGED and flags & 7 != 2) or (kind not in {*_FLAGGED, PUBLISH} and flags):
        raise NotThis("reserved bits")
    answers = kind in _ANSWERED
    fields: Fields = {"mqtt.response" if answers else "mqtt.type": _NAMES[kind]}
    said: bytes = b""
    if kind == CONNECT:
        fields |= _connect(body)
        return Message(fields, Side.ASKS, CONNECT)
    if kind == CONNACK:
        fields |= _connack(body)
        return Message(fields, Side.ANSWERS, CONNECT)
    if kind == PUBLISH:
        if flags & 6 == 6:
            raise NotThis("no such quality of service")
        fields |= _publish(flags, body, size)
        if not flags & 6:
            return Message(fields)
    elif kind in {SUBSCRIBE, UNSUBSCRIBE}:
        fields |= _topics(body, qos=kind == SUBSCRIBE)
    elif kind in {PINGREQ, PINGRESP}:
        if body.left:
            raise NotThis("longer than it may be")
        return Message({}, Side.SILENT)
    elif kind in {DISCONNECT, AUTH}:
        fields["mqtt.reason_code"] = body.u8() if body.left else 0
        return Message(fields)
    else:
        fields["mqtt.msg_id"] = body.u16()
        if kind in {SUBACK, UNSUBACK}:
            said = body.rest()
        else:
            fields["mqtt.reason_code"] = body.u8() if body.left else 0
    if not fields["mqtt.msg_id"]:
        raise NotThis("no packet has this number")
    return Message(
        fields, Side.ANSWERS if answers else Side.ASKS, (_ANSWERED.get(kind, kind), fields["mqtt.msg_id"]), said,
    )


def together(asked: Message, answered: Message) -> Fields:
    """The fields of both; what the broker answered to each topic stands at its answer's end."""
    fields = {**asked.fields, **answered.fields}
    topics = len(asked.fields.get("mqtt.topics", ()))
    codes: bytes = answered.said or b""
    if topics and len(codes) >= topics and "mqtt.incomplete" not in fields:
        fields["mqtt.reason_codes"] = list(codes[-topics:])
    return fields


PROTOCOL: Final = Protocol(
    "mqtt",
    (
        # CONNECT and the protocol's name behind a length of one or two octets.
        Sign(_FRAMING, "10 ?? 00 04 4d 51 54 54"), Sign(_FRAMING, "10 ?? ?? 00 04 4d 51 54"),
        Sign(_FRAMING, "10 ?? 00 06 4d 51 49 73"), Sign(_FRAMING, "10 ?? ?? 00 06 4d 51 49"),
        Sign(_FRAMING, "", ports=(PORT,), least=2),
    ),
    parse, together=together,
)
