"""DNP3: what a master asks of an outstation, which objects it means, and what that answers or reports by itself.

IEEE 1815-2012 chapter 9 (link layer: header, blocks with their checksums), 8 (transport function), 4 (application
layer: fragments, functions, internal indications, object headers), 13 (over TCP and UDP). Functions are named as in
Zeek's dnp3.log, controls as in ICSNPP's dnp3_control.log.
"""

from functools import lru_cache
from struct import Struct
from typing import Final

from sensors.capture.protocols.dnp3_objects import COMMANDS, file, size
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
    merged,
)

FUNCTIONS: Final = {
    0: "CONFIRM", 1: "READ", 2: "WRITE", 3: "SELECT", 4: "OPERATE", 5: "DIRECT_OPERATE", 6: "DIRECT_OPERATE_NR",
    7: "IMMED_FREEZE", 8: "IMMED_FREEZE_NR", 9: "FREEZE_CLEAR", 10: "FREEZE_CLEAR_NR", 11: "FREEZE_AT_TIME",
    12: "FREEZE_AT_TIME_NR", 13: "COLD_RESTART", 14: "WARM_RESTART", 15: "INITIALIZE_DATA", 16: "INITIALIZE_APPL",
    17: "START_APPL", 18: "STOP_APPL", 19: "SAVE_CONFIG", 20: "ENABLE_UNSOLICITED", 21: "DISABLE_UNSOLICITED",
    22: "ASSIGN_CLASS", 23: "DELAY_MEASURE", 24: "RECORD_CURRENT_TIME", 25: "OPEN_FILE", 26: "CLOSE_FILE",
    27: "DELETE_FILE", 28: "GET_FILE_INFO", 29: "AUTHENTICATE_FILE", 30: "ABORT_FILE", 31: "ACTIVATE_CONFIG",
    32: "AUTHENTICATE_REQ", 33: "AUTHENTICATE_REQ_NR", 129: "RESPONSE", 130: "UNSOLICITED_RESPONSE",
    131: "AUTHENTICATE_RESP",
}
_READS: Final = (1, 23, 28)
_WRITES: Final = (2,)
_CONTROLS: Final = (*range(3, 7), *range(13, 19))
_PROGRAMS: Final = (19, 25, 27, 29, 31)
_SETTINGS: Final = (*range(7, 13), 20, 21, 22, 24)
OPERATIONS: Final = {
    **dict.fromkeys(_READS, "read"), **dict.fromkeys(_WRITES, "write"), **dict.fromkeys(_CONTROLS, "control"),
    **dict.fromkeys(_PROGRAMS, "program"), **dict.fromkeys(_SETTINGS, "configure"),
}
"""What a request does to the outstation; the others do nothing to it."""
INDICATIONS: Final = (
    "CONFIG_CORRUPT", "ALREADY_EXECUTING", "EVENT_BUFFER_OVERFLOW", "PARAMETER_ERROR", "OBJECT_UNKNOWN",
    "NO_FUNC_CODE_SUPPORT", "BROADCAST", "CLASS_1_EVENTS", "CLASS_2_EVENTS", "CLASS_3_EVENTS", "NEED_TIME",
    "LOCAL_CONTROL", "DEVICE_TROUBLE", "DEVICE_RESTART",
)
_BITS: Final = (32, 16, 8, 4, 2, 1, 256, 512, 1_024, 2_048, 4_096, 8_192, 16_384, 32_768)
"""Of the number that Zeek tells: the first octet of the indications is the upper one."""
_CONFIRM: Final = 0
_UNSOLICITED: Final = 130
_BARE: Final = (1, 7, 8, 9, 10, 15, 20, 21, 22)
"""Requests that only name objects; files and other objects with a size of their own are there all the same."""
_INDICES: Final = 16
"""How many indices of one header are told."""

_LINK: Final = Struct("<BBHHH")
_LINK_OCTETS: Final = 10
_LEAST_LENGTH: Final = 5
_BLOCK: Final = 16
_FIN: Final = 128
_FIR: Final = 64
_ASKS_TO_CONFIRM: Final = 32


def _tables() -> list[list[int]]:
    """The remainder of each octet with so many octets behind it (IEEE 1815 section 9.2.4.3: CRC of 0x3D65)."""
    first = []
    for octet in range(256):
        rest = octet
        for _ in range(8):
            rest = rest >> 1 ^ 0xA6BC if rest & 1 else rest >> 1
        first.append(rest)
    tables = [first]
    for _ in range(7):
        tables.append([rest >> 8 ^ first[rest & 255] for rest in tables[-1]])
    return tables


_T0, _T1, _T2, _T3, _T4, _T5, _T6, _T7 = _tables()
_START: Final = _T7[0x05] ^ _T6[0x64] ^ 0xFFFF


@lru_cache(1_024)
def _link(header: bytes) -> tuple[int, int, int, int]:
    """Length, control, destination and source of a link header; polls repeat theirs.

    Raises:
        NotThis: it is none; its checksum must be right.
    """
    if len(header) < _LINK_OCTETS or header[0] != 0x05 or header[1] != 0x64 or header[2] < _LEAST_LENGTH:
        raise NotThis("no link header")
    check = (
        _START ^ _T5[header[2]] ^ _T4[header[3]] ^ _T3[header[4]] ^ _T2[header[5]] ^ _T1[header[6]] ^ _T0[header[7]]
    )
    if check != header[8] | header[9] << 8:
        raise NotThis("the link header's checksum is wrong")
    length, control, destination, source, _ = _LINK.unpack_from(header, 2)
    return length, control, destination, source


def _user(octets: bytes, at: int, length: int) -> bytes:
    """User data of the frame whose blocks begin at `at`, without their checksums."""
    if length <= _BLOCK:
        return octets[at : at + length]
    blocks = range(at, at + length + 2 * (length // _BLOCK), _BLOCK + 2)
    return b"".join([octets[place : place + _BLOCK] for place in blocks])[:length]


def _behind(length: int) -> int:
    """How many octets a frame has with so much user data."""
    return _LINK_OCTETS + length + 2 * ((length + _BLOCK - 1) // _BLOCK)


def _fragment(octets: bytes, at: int, length: int) -> tuple[bytes, bool]:
    """What the transport function puts together from the frames from `at` on, and whether that is all there is."""
    user = _user(octets, at + _LINK_OCTETS, length)
    parts = [user[1:]]
    at += _behind(length)
    while not user[0] & _FIN and len(octets) >= at + _LINK_OCTETS:
        try:
            length = _link(octets[at : at + _LINK_OCTETS])[0] - _LEAST_LENGTH
        except NotThis:
            break
        user = _user(octets, at + _LINK_OCTETS, length)
        if not user or user[0] & _FIR:
            return b"".join(parts), False
        parts.append(user[1:])
        at += _behind(length)
    return parts[0] if len(parts) == 1 else b"".join(parts), bool(user[0] & _FIN) and at == len(octets)


def _objects(data: bytes, at: int, fields: Fields, *, bare: bool, answers: bool) -> tuple[list[str], bool]:
    """The objects that a fragment's headers address, and whether all of them are told.

    Args:
        data: the fragment.
        at: where its first object header stands.
        fields: what commands and files say is put here.
        bare: whether headers come without their objects.
        answers: whether an outstation sent them.
    """
    said: list[str] = []
    end, left = len(data), MOST_VALUES
    while at + 3 <= end and len(said) < MOST_VALUES:
        group, variation, qualifier = data[at], data[at + 1], data[at + 2]
        at += 3
        name, prefix, span = f"g{group}v{variation}", qualifier >> 4 & 7, qualifier & 15
        start = count = 0
        if span <= 2:
            width = 1 << span
            start = int.from_bytes(data[at : at + width], "little")
            stop = int.from_bytes(data[at + width : at + 2 * width], "little")
            at += 2 * width
            count = stop - start + 1
            if at > end or count <= 0 or prefix:
                return said, False
            said.append(f"{name} {start}-{stop}")
        elif span == 6:
            said.append(name)
            continue
        elif span in (7, 8, 9, 11):
            width = 1 if span == 11 else 1 << span - 7
            count = int.from_bytes(data[at : at + width], "little")
            at += width
            if at > end:
                return said, False
            if prefix > 6:
                return said, False
            if prefix > 3:
                said.append(f"{name} x{count}")
                at = _sized(data, at, (count, 1 << prefix - 4), (group, variation), fields)
                if at < 0:
                    return said, False
                continue
            if not prefix:
                said.append(f"{name} x{count}")
        else:
            return said, False
        octets = 0 if bare else size(group, variation)
        if octets is None:
            return said, False
        width = (0, 1, 2, 4)[prefix]
        stride = width + octets
        length = (count * -octets + 7) // 8 if octets < 0 else count * stride
        if octets < 0 < prefix:
            return said, False
        there = count if at + length <= end else (end - at) // stride if stride > 0 else 0
        if prefix:
            places = range(at, at + there * stride, stride)
            indices = [int.from_bytes(data[place : place + width], "little") for place in places[:_INDICES]]
            more = f" +{there - _INDICES}" if there > _INDICES else ""
            said.append(f"{name} {' '.join(map(str, indices))}{more}")
        if octets > 0 and group in COMMANDS:
            read = COMMANDS[group]
            for number in range(min(there, left)):
                place = at + number * stride
                index = int.from_bytes(data[place : place + width], "little") if prefix else start + number
                read(fields, index, data, place + width, variation, answers=answers)
            if there > left:
                fields["dnp3.incomplete"] = True
            left -= min(there, left)
        at += length
        if at > end:
            return said, False
    return said, at >= end


def _sized(data: bytes, at: int, counted: tuple[int, int], kind: tuple[int, int], fields: Fields) -> int:
    """Pass over objects that say their size themselves, and read those of files; where they end, or -1: not within."""
    count, width = counted
    for _ in range(count):
        length = int.from_bytes(data[at : at + width], "little")
        at += width + length
        if at > len(data):
            return -1
        if kind[0] == 70:
            file(fields, kind[1], data[at - length : at])
    return at


def parse(octets: bytes, context: Context) -> Message:
    """Read a fragment of the application layer.

    Raises:
        NotThis: the link header's checksum is wrong, or no fragment follows.
    """
    at = 0
    length, _, destination, source = _link(octets[:_LINK_OCTETS])
    while length == _LEAST_LENGTH:
        # The link layer's own business: states of links, acknowledgements. More may follow in a datagram.
        at += _LINK_OCTETS
        if at == len(octets):
            return _SILENT
        length, _, destination, source = _link(octets[at : at + _LINK_OCTETS])
    length -= _LEAST_LENGTH
    if len(octets) <= at + _LINK_OCTETS:
        raise NotThis("no user data")
    if not octets[at + _LINK_OCTETS] & _FIR:
        # The rest of a fragment whose beginning was not seen, or was too long.
        return _SILENT
    fragment, whole = _fragment(octets, at, length)
    if len(fragment) < 2:
        raise NotThis("no application header")
    control, function = fragment[0], fragment[1]
    answers = function > 128
    fields: Fields = {
        "dnp3.source": source, "dnp3.destination": destination, "dnp3.function_code": function,
        "dnp3.function": FUNCTIONS.get(function) or f"unknown-{function}",
    }
    sequence = fields["dnp3.sequence"] = control & 15
    if answers:
        if len(fragment) < 4:
            raise NotThis("no internal indications")
        indications = fragment[2] << 8 | fragment[3]
        fields["dnp3.fc_reply"] = fields["dnp3.function"]
        fields["dnp3.iin"] = indications
        if indications:
            fields["dnp3.indications"] = list(_indications(indications))
    elif function in OPERATIONS:
        fields["hanwatch.industrial.operation"] = OPERATIONS[function]
    start = 4 if answers else 2
    if len(fragment) > start:
        said, told = _objects(fragment, start, fields, bare=function in _BARE, answers=answers)
        whole = whole and told
        if said:
            fields["dnp3.response_objects" if answers else "dnp3.objects"] = said
    if not whole or context.cut:
        fields["dnp3.incomplete"] = True
    if function == _UNSOLICITED:
        side = Side.ASKS if control & _ASKS_TO_CONFIRM else Side.ALONE
        return Message(fields, side, (True, sequence, source, destination))
    if function == _CONFIRM:
        # It answers what the outstation reported by itself; of other answers it says nothing that matters.
        return Message(fields, Side.ANSWERS, (control & 16 > 0, sequence, destination, source))
    if answers:
        return Message(fields, Side.ANSWERS, (False, sequence, destination, source))
    return Message(fields, Side.ASKS, (False, sequence, source, destination))


@lru_cache(256)
def _indications(number: int) -> tuple[str, ...]:
    return tuple(name for name, bit in zip(INDICATIONS, _BITS, strict=True) if number & bit)


def together(asked: Message, answered: Message) -> Fields:
    """A request with what its answer adds; a report with whether it was confirmed."""
    if answered.fields.get("dnp3.function_code") == _CONFIRM:
        return {**asked.fields, "dnp3.confirmed": True}
    fields = merged(asked, answered)
    if "dnp3.incomplete" in answered.fields:
        fields["dnp3.incomplete"] = True
    return fields


_SILENT: Final = Message({}, Side.SILENT)
_TCP: Final = Framing(
    "dnp3-tcp", Transport.TCP, Shape.LENGTH, begins="05 64", at=2, size=1, add=5, block=_BLOCK, last=_LINK_OCTETS,
    least=_LINK_OCTETS, most=4_096,
)
_UDP: Final = Framing("dnp3-udp", Transport.UDP, begins="05 64", least=_LINK_OCTETS)

PROTOCOL: Final = Protocol(
    "dnp3",
    # Two octets are little, but the header's checksum is looked at before anything is named.
    (Sign(_TCP, "05 64", least=8), Sign(_UDP, "05 64", least=_LINK_OCTETS)),
    parse,
    together=together,
)
