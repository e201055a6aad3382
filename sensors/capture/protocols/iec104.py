"""IEC 60870-5-104: what a control centre tells a station to do, and what that reports.

IEC 60870-5-104:2006 clause 5 (frames of formats I, S and U), 7 (which types may be used); IEC 60870-5-101:2003 clause 7
(application data). Names are the standard's own, the abbreviations that Wireshark shows, too.
"""

from math import isfinite
from typing import Final

from sensors.capture.protocols.iec104_types import (
    ACT,
    ACTCON,
    CAUSES,
    DEACT,
    DEACTCON,
    NONE,
    NORMAL,
    ONE,
    QUALITIES,
    REFUSALS,
    SCALED,
    SEGMENT,
    SEGMENT_NAME,
    STEPS,
    TWO,
    TYPES,
    Type,
)
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

PORT: Final = 2404

_UNNUMBERED: Final = {
    0x07: ("STARTDT", Side.ASKS), 0x0B: ("STARTDT", Side.ANSWERS), 0x13: ("STOPDT", Side.ASKS),
    0x23: ("STOPDT", Side.ANSWERS), 0x43: ("TESTFR", Side.ASKS), 0x83: ("TESTFR", Side.ANSWERS),
}
_APCI: Final = 6
_ASDU: Final = 12
"""Octets of the frame's header and of the identification of its data."""
_ADDRESS: Final = 3
_SEQUENCE: Final = 128
_TEST: Final = 128
_NEGATIVE: Final = 64
_PRIVATE: Final = 128
"""From here on types are the vendors' own."""
_OUTCOME: Final = "event.outcome"

_FRAMING: Final = Framing(
    "iec104", Transport.TCP, Shape.LENGTH, begins="68", at=1, size=1, add=2, least=_APCI, most=255,
)


def _elements(octets: bytes, kind: Type, count: int, sequence: int) -> tuple[list[int], list[int | float], int, int]:
    """Addresses, numbers, all qualities together and the last of them, of at most `MOST_VALUES` objects."""
    told = min(count, MOST_VALUES)
    if sequence:
        first = octets[_ASDU] | octets[_ASDU + 1] << 8 | octets[_ASDU + 2] << 16
        places = list(range(first, first + told))
        start = _ASDU + _ADDRESS
        rows = list(kind.sequence.iter_unpack(octets[start : start + told * kind.size])) if kind.size else []
        at = 0
    else:
        rows = list(kind.single.iter_unpack(octets[_ASDU : _ASDU + told * (kind.size + _ADDRESS)]))
        places = [row[0] | row[1] << 16 for row in rows]
        at = 2
    if kind.value == NONE:
        return places, [], 0, 0
    numbers = [row[at] for row in rows]
    marks = [row[at + 1] for row in rows] if kind.apart else numbers
    together = 0
    for mark in marks if kind.quality else ():
        together |= mark
    return places, numbers, together & kind.quality, marks[-1]


def _values(kind: Type, numbers: list[int | float]) -> list[int | float | None]:
    if kind.value == ONE:
        return [int(number) & 1 for number in numbers]
    if kind.value == TWO:
        return [int(number) & 3 for number in numbers]
    if kind.value == SCALED:
        return [STEPS[int(number)] for number in numbers]
    if kind.value == NORMAL:
        return [number / 32_768 for number in numbers]
    return [number if isfinite(number) else None for number in numbers]


def _data(octets: bytes) -> Message:
    """Application data: what they are, why they are sent, whom and which objects they mean, and with what values."""
    code, qualifier, cause, originator = octets[6], octets[7], octets[8], octets[9]
    count, sequence = qualifier & 127, qualifier & _SEQUENCE
    reason = CAUSES.get(cause & 63)
    station = octets[10] | octets[11] << 8
    if reason is None or not count:
        raise NotThis("no cause, or no object")
    kind = TYPES.get(code)
    fields: Fields = {
        "iec104.type": kind.name if kind else SEGMENT_NAME if code == SEGMENT else f"private-{code}",
        "iec104.type_id": code, "iec104.cause": reason, "iec104.common_address": station,
        "iec104.originator": originator,
    }
    if kind is None:
        _other(octets, code, fields)
    else:
        stride = kind.size if sequence else kind.size + _ADDRESS
        if _ASDU + count * stride + (_ADDRESS if sequence else 0) != len(octets):
            raise NotThis("its objects do not fill it")
        places, numbers, quality, last = _elements(octets, kind, count, sequence)
        fields["iec104.objects"] = places
        if numbers:
            fields["iec104.values"] = _values(kind, numbers)
        if quality:
            fields["iec104.quality"] = [name for bit, name in QUALITIES.items() if quality & bit]
        if kind.select:
            fields["iec104.select"] = bool(last & 128)
        if count > MOST_VALUES:
            fields["iec104.incomplete"] = True
    if cause & _TEST:
        fields["iec104.test"] = True
    if cause & _NEGATIVE:
        fields["iec104.negative"] = True
    return _placed(fields, cause, kind, (code, station, fields["iec104.objects"][0]))


def _other(octets: bytes, code: int, fields: Fields) -> None:
    """A segment of a file, or data of a vendor's own type, of which only the first address is sure."""
    if len(octets) < _ASDU + _ADDRESS or (code != SEGMENT and code < _PRIVATE):
        raise NotThis("no such type")
    if code == SEGMENT and (len(octets) < _ASDU + 7 or _ASDU + 7 + octets[_ASDU + 6] != len(octets)):
        raise NotThis("its segment does not fill it")
    fields["iec104.objects"] = [int.from_bytes(octets[_ASDU : _ASDU + _ADDRESS], "little")]
    if code == SEGMENT:
        fields["iec104.values"] = [octets[_ASDU + 3] | octets[_ASDU + 4] << 8]


def _placed(fields: Fields, cause: int, kind: Type | None, key: tuple[int, int, int]) -> Message:
    """A request waits for its confirmation; whatever a station reports stands alone."""
    reason = cause & 63
    if reason in (ACT, DEACT):
        if kind and kind.operation:
            fields["hanwatch.industrial.operation"] = kind.operation
        return Message(fields, Side.ASKS, key)
    if reason in (ACTCON, DEACTCON) or reason in REFUSALS:
        fields[_OUTCOME] = "failure" if cause & _NEGATIVE or reason in REFUSALS else "success"
        return Message(fields, Side.ANSWERS, key)
    if kind and kind.operation and reason == 5 and kind.value == NONE:
        fields["hanwatch.industrial.operation"] = kind.operation
    return Message(fields, Side.ALONE)


def parse(octets: bytes, context: Context) -> Message:
    """Read a frame.

    Raises:
        NotThis: it is none, or what it carries does not fill it as its type demands.
    """
    del context
    size = len(octets)
    if size < _APCI or octets[0] != 0x68 or octets[1] + 2 != size or octets[4] & 1:
        raise NotThis("no frame")
    control = octets[2]
    if not control & 1:
        if size < _ASDU + _ADDRESS:
            raise NotThis("no application data")
        return _data(octets)
    if size != _APCI or octets[3] or (control != 1 and (octets[4] or octets[5])):
        raise NotThis("no frame without data")
    if control == 1:
        # It only says how many frames came.
        return _SILENT
    if control not in _UNNUMBERED:
        raise NotThis("no such function")
    function, side = _UNNUMBERED[control]
    asks = side is Side.ASKS
    fields: Fields = {"iec104.function": f"{function} {'act' if asks else 'con'}"}
    if not asks:
        fields[_OUTCOME] = "success"
    return Message(fields, side, function)


def together(asked: Message, answered: Message) -> Fields:
    """A request with its confirmation: whether it was refused, and how."""
    fields = {**answered.fields, **asked.fields}
    if "iec104.cause" in answered.fields:
        fields["iec104.reply_cause"] = answered.fields["iec104.cause"]
    return fields


_SILENT: Final = Message({}, Side.SILENT)

PROTOCOL: Final = Protocol(
    "iec104",
    (
        Sign(_FRAMING, "68 ?? ?? ?? ?? ??", ports=(PORT,)),
        # Six octets that leave nothing open hold on any port: starting the transfer, testing the connection.
        Sign(_FRAMING, "68 04 07 00 00 00"),
        Sign(_FRAMING, "68 04 0b 00 00 00"),
        Sign(_FRAMING, "68 04 43 00 00 00"),
        Sign(_FRAMING, "68 04 83 00 00 00"),
    ),
    parse,
    together=together,
)
