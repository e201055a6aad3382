"""S7comm and S7comm-plus: what a client asks of a SIMATIC controller, and what that answers.

RFC 1006 and ITU-T X.224 carry it (sensors.capture.protocols.tpkt). Siemens publishes no specification; the grammar is
that of Wireshark's dissectors (packet-s7comm.c, packet-s7comm_szl_ids.c) and of ICSNPP's parser, whose s7comm.log,
s7comm_upload_download.log, s7comm_read_szl.log and s7comm_plus.log give the names.
"""

from struct import Struct
from typing import Final

from sensors.capture.protocols.cursor import text
from sensors.capture.protocols.model import (
    MOST_VALUES,
    Context,
    Fields,
    Message,
    NotThis,
    Protocol,
    Side,
    Sign,
)
from sensors.capture.protocols.s7comm_names import (
    AREAS,
    BLOCKS,
    ERRORS,
    FILE_SYSTEMS,
    FUNCTIONS,
    GROUP_OPERATIONS,
    GROUPS,
    NUMBERED,
    OPCODES,
    OPERATIONS,
    PLUS_FUNCTIONS,
    PLUS_OPERATIONS,
    RETURNS,
    ROSCTR,
    SERVICE_OPERATIONS,
    SERVICES,
    SUBFUNCTION_OPERATIONS,
    SUBFUNCTIONS,
    UNITS,
)
from sensors.capture.protocols.tpkt import CC, CONFIRMS, CONNECTS, CR, FRAMING, connection

PORT: Final = 102

_DATA: Final = 0xF0
_EMPTY: Final = 7
"""Octets of a packet that carries nothing; engineering tools acknowledge with it."""
_S7: Final = 0x32
_PLUS: Final = 0x72
_LAST: Final = 128
"""The bit of a TPDU's number that says that it is the last part of what it carries."""
_PDU: Final = 7
"""Where the protocol's own header begins, behind TPKT's four octets and COTP's three."""
_HEADER: Final = Struct(">BxxHHH")
_ANSWERS: Final = (2, 3)
_USER_DATA: Final = 7
_READ: Final = 0x04
_WRITE: Final = 0x05
_ANY: Final = Struct(">BHHI")
_DBREAD: Final = Struct(">BHH")
_SUCCESS: Final = 0xFF
_OUTCOME: Final = "event.outcome"
_OPERATION: Final = "hanwatch.industrial.operation"


def _address(item: bytes) -> str:
    """An addressed object (without the octets of specification and length) with its unit and how many of it."""
    syntax = item[0] if item else 0
    if syntax == 0x10 and len(item) == 10:
        unit, count, block, where = _ANY.unpack_from(item, 1)
        area, place = where >> 24, where & 0xFFFFFF
        size = f"{UNITS.get(unit) or f'unit-{unit}'} {count}"
        if area == 0x84:
            return f"DB{block}.DBX{place >> 3}.{place & 7} {size}"
        if area in NUMBERED:
            return f"{NUMBERED[area]}{place} {size}"
        name = AREAS.get(area) or f"area-{area:02x}:"
        return f"{name}{block}.DIX{place >> 3}.{place & 7} {size}" if area == 0x85 else (
            f"{name}{place >> 3}.{place & 7} {size}"
        )
    if syntax == 0xB0 and len(item) >= 7:
        count, block, place = _DBREAD.unpack_from(item, 2)
        return f"DB{block}.DBX{place}.0 BYTE {count}"
    return f"syntax-{syntax:02x} {item[1:17].hex()}".rstrip()


def _items(octets: bytes, at: int, end: int, fields: Fields) -> None:
    """Objects that a job reads or writes."""
    count = octets[at] if at < end else 0
    at += 1
    said: list[str] = []
    while at + 2 <= end and len(said) < min(count, MOST_VALUES):
        length = octets[at + 1]
        if octets[at] != 0x12 or at + 2 + length > end:
            break
        said.append(_address(octets[at + 2 : at + 2 + length]))
        at += 2 + length
    fields["s7comm.items"] = said
    if len(said) < count:
        fields["s7comm.incomplete"] = True


def _returns(octets: bytes, at: int, end: int, function: int, fields: Fields) -> None:
    """What is said of each object, where it is not success for all."""
    codes = []
    while at < end and len(codes) < MOST_VALUES:
        codes.append(octets[at])
        if function == _WRITE:
            at += 1
            continue
        if at + 4 > end:
            break
        size = octets[at + 2] << 8 | octets[at + 3]
        if octets[at + 1] in (3, 4, 5):
            size = size + 7 >> 3
        at += 4 + size + (size & 1)
    if any(code != _SUCCESS for code in codes):
        fields["s7comm.return_codes"] = [RETURNS.get(code) or f"unknown-{code}" for code in codes]
        fields[_OUTCOME] = "failure"


def _block(name: str) -> str:
    """A block as engineers call it: its type and number, such as DB1 for 0A00001 or 0A00001P."""
    number = name[2:7]
    return f"{BLOCKS.get(name[:2]) or name[:2]}{int(number) if number.isdecimal() else number}"


def _file(octets: bytes, at: int, end: int, fields: Fields) -> None:
    """The name of a block that is moved to or from the controller, behind the octet that says its length."""
    length = octets[at] if at < end else 0
    if not length or at + 1 + length > end:
        return
    name = text(octets[at + 1 : at + 1 + length], 64)
    fields["s7comm.filename"] = name
    if len(name) == 9:
        fields["s7comm.blocks"] = [_block(name[1:8])]
        fields["s7comm.destination_filesystem"] = FILE_SYSTEMS.get(name[8]) or name[8]


def _service(octets: bytes, at: int, end: int, fields: Fields) -> None:
    """A program invocation service: its parameters and its name, each behind its length."""
    size = int.from_bytes(octets[at : at + 2], "big")
    parameters = octets[at + 2 : at + 2 + size]
    at += 2 + size
    length = octets[at] if at < end else 0
    if not length or at + 1 + length > end:
        return
    name = text(octets[at + 1 : at + 1 + length], 64)
    fields["s7comm.subfunction_code"] = name
    fields["s7comm.subfunction"] = SERVICES.get(name) or name
    fields[_OPERATION] = SERVICE_OPERATIONS.get(name) or "control"
    if name in ("_INSE", "_INS2", "_DELE") and len(parameters) >= 2:
        names = [text(parameters[place : place + 8]) for place in range(2, len(parameters) - 7, 8)][:MOST_VALUES]
        fields["s7comm.blocks"] = [_block(one) for one in names]


def _job(octets: bytes, start: int, end: int, reference: int) -> Message:
    """A request of a client, or of a controller that fetches a block."""
    function = octets[start]
    fields: Fields = {
        "s7comm.variant": "S7comm", "s7comm.rosctr": "Job-Request", "s7comm.pdu_reference": reference,
        "s7comm.function_code": function, "s7comm.function": FUNCTIONS.get(function) or f"unknown-{function}",
    }
    if function in OPERATIONS:
        fields[_OPERATION] = OPERATIONS[function]
    if function in (_READ, _WRITE):
        _items(octets, start + 1, end, fields)
    elif 0x1A <= function <= 0x1F:
        _file(octets, start + 8, end, fields)
    elif function == 0x28:
        _service(octets, start + 8, end, fields)
    return Message(fields, Side.ASKS, (_S7, reference))


def _acknowledged(octets: bytes, start: int, middle: int, end: int, reference: int) -> Message:
    """The answer to a job; its error stands before its parameters."""
    kind, code = octets[start - 2], octets[start - 1]
    fields: Fields = {
        "s7comm.variant": "S7comm", "s7comm.rosctr": ROSCTR[octets[_PDU + 1]], "s7comm.pdu_reference": reference,
        _OUTCOME: "failure" if kind or code else "success",
    }
    if middle > start:
        function = octets[start]
        fields["s7comm.function_code"] = function
        fields["s7comm.function"] = FUNCTIONS.get(function) or f"unknown-{function}"
        if function in (_READ, _WRITE):
            _returns(octets, middle, end, function, fields)
        elif function == 0xF0 and middle >= start + 8:
            fields["s7comm.pdu_length"] = octets[start + 6] << 8 | octets[start + 7]
    if kind or code:
        fields["s7comm.error_class"] = ERRORS.get(kind) or f"unknown-{kind}"
        fields["s7comm.error_code"] = f"0x{kind:02x}{code:02x}"
    return Message(fields, Side.ANSWERS, (_S7, reference))


def _user_data(octets: bytes, start: int, middle: int, end: int, reference: int) -> Message:
    """A request, answer or indication of the controller's other services."""
    if middle < start + 8 or octets[start : start + 3] != b"\x00\x01\x12":
        raise NotThis("no head of user data")
    method, kind, number = octets[start + 5] >> 4, octets[start + 5] & 15, octets[start + 6]
    names = SUBFUNCTIONS.get(kind) or {}
    fields: Fields = {
        "s7comm.variant": "S7comm", "s7comm.rosctr": "User-Data", "s7comm.pdu_reference": reference,
        "s7comm.function_code": octets[start + 5], "s7comm.function": GROUPS.get(kind) or f"unknown-{kind}",
        "s7comm.subfunction_code": str(number), "s7comm.subfunction": names.get(number) or f"unknown-{number}",
    }
    data = octets[middle + 4 : end]
    answers = method == 8
    if kind == 4 and number == 1 and len(data) >= 4:
        fields["s7comm.szl_id"] = f"0x{data[0]:02x}{data[1]:02x}"
        fields["s7comm.szl_index"] = f"0x{data[2]:02x}{data[3]:02x}"
    elif kind == 3 and not answers and number == 3 and len(data) >= 7:
        fields["s7comm.blocks"] = [_block(text(data[:7]))]
    elif kind == 3 and not answers and number == 2 and len(data) >= 2:
        name = text(data[:2])
        fields["s7comm.blocks"] = [BLOCKS.get(name) or name]
    if method == 4:
        operation = SUBFUNCTION_OPERATIONS.get((kind, number)) or GROUP_OPERATIONS.get(kind)
        if operation:
            fields[_OPERATION] = operation
        return Message(fields, Side.ASKS, (_USER_DATA, reference))
    error = octets[start + 10] << 8 | octets[start + 11] if middle >= start + 12 else 0
    if answers:
        fields[_OUTCOME] = "failure" if error else "success"
    if error:
        fields["s7comm.error_class"] = ERRORS.get(error >> 8) or f"unknown-{error >> 8}"
        fields["s7comm.error_code"] = f"0x{error:04x}"
    return Message(fields, Side.ANSWERS if answers else Side.ALONE, (_USER_DATA, reference))


def _plus(octets: bytes) -> Message:
    """S7comm-plus: its opcode and function; what follows is a tree of its own, and in new controllers encrypted."""
    if len(octets) < _PDU + 4:
        raise NotThis("no header of S7comm-plus")
    version, length = octets[_PDU + 1], octets[_PDU + 2] << 8 | octets[_PDU + 3]
    at = _PDU + 4
    if version not in (1, 2, 3, 254, 255) or at + length > len(octets):
        raise NotThis("no header of S7comm-plus")
    if version > 3:
        # Keeping the connection alive, and reports about it.
        return _SILENT
    if version == 3 and length:
        # A digest, behind its length, stands before the opcode.
        at += 1 + octets[at]
    fields: Fields = {"s7comm.variant": "S7comm-plus", "s7comm.version": version}
    opcode = octets[at] if at < len(octets) else 0
    if opcode not in OPCODES or at + 9 > len(octets):
        # The next part of a message, or one that is encrypted.
        return Message(fields, Side.ALONE)
    fields["s7comm.opcode"] = OPCODES[opcode]
    if opcode == 0x33:
        return Message(fields, Side.ALONE)
    function, sequence = octets[at + 3] << 8 | octets[at + 4], octets[at + 7] << 8 | octets[at + 8]
    fields["s7comm.function_code"] = function
    fields["s7comm.function"] = PLUS_FUNCTIONS.get(function) or f"unknown-{function}"
    asks = opcode == 0x31
    if asks and function in PLUS_OPERATIONS:
        fields[_OPERATION] = PLUS_OPERATIONS[function]
    return Message(fields, Side.ASKS if asks else Side.ANSWERS, (_PLUS, function, sequence))


def _connection(octets: bytes) -> Message:
    """Who is called: a controller's rack and slot, or a name of SIMATIC; other protocols are called otherwise."""
    said = connection(octets)
    named = said.called.startswith(b"SIMATIC-ROOT")
    if not named and not (len(said.called) == 2 and 1 <= said.called[0] <= 3 and said.called[1] < 0xF0):
        raise NotThis("not called as a SIMATIC controller is")
    asks = octets[5] == CR
    fields: Fields = {
        "s7comm.cotp.pdu_name": "CR Connection Request" if asks else "CC Connection Confirm",
        "s7comm.cotp.calling_tsap": _selector(said.calling), "s7comm.cotp.called_tsap": _selector(said.called),
    }
    if not named:
        fields |= {"s7comm.rack": said.called[1] >> 5, "s7comm.slot": said.called[1] & 31}
    if not asks:
        fields[_OUTCOME] = "success"
    return Message(fields, Side.ASKS if asks else Side.ANSWERS, (CR, said.reference))


def _selector(octets: bytes) -> str:
    return f"0x{octets.hex()}" if len(octets) <= 2 else text(octets, 64)


def parse(octets: bytes, context: Context) -> Message:
    """Read a packet of TPKT.

    Raises:
        NotThis: what it carries is neither S7comm nor S7comm-plus, nor a connection to a SIMATIC controller.
    """
    size = len(octets)
    said = int.from_bytes(octets[2:4], "big")
    if size < _EMPTY or octets[0] != 3 or octets[1] or (said != size and not context.cut and size < FRAMING.keep):
        raise NotThis("no packet of TPKT")
    if octets[5] != _DATA or octets[4] != 2:
        if octets[5] in (CR, CC):
            return _connection(octets)
        raise NotThis("no data")
    if size == _EMPTY:
        return _SILENT
    if octets[_PDU] == _PLUS:
        return _plus(octets)
    if octets[_PDU] != _S7 or size < _PDU + 10:
        raise NotThis("neither S7comm nor S7comm-plus")
    rosctr, reference, parameters, data = _HEADER.unpack_from(octets, _PDU + 1)
    start = _PDU + (12 if rosctr in _ANSWERS else 10)
    middle = start + parameters
    end = middle + data
    # A last (here: only) part must end where its header says; the parts before it may hold less.
    if rosctr not in ROSCTR or middle > size or (end != said and octets[6] & _LAST):
        raise NotThis("no header of S7comm")
    end = min(end, size)
    if rosctr in _ANSWERS:
        return _acknowledged(octets, start, middle, end, reference)
    if not parameters:
        raise NotThis("it asks for nothing")
    if rosctr == 1:
        return _job(octets, start, middle, reference)
    return _user_data(octets, start, middle, end, reference)


def together(asked: Message, answered: Message) -> Fields:
    """A request with what its answer adds: errors, the outcome, the length that was agreed upon."""
    return {**answered.fields, **asked.fields}


_SILENT: Final = Message({}, Side.SILENT)

PROTOCOL: Final = Protocol(
    "s7comm",
    (
        Sign(FRAMING, "03 00 ?? ?? 02 f0 80 32"),
        Sign(FRAMING, "03 00 ?? ?? 02 f0 80 72"),
        # Of connections other protocols begin with, too: the parser looks at who is called.
        CONNECTS,
        CONFIRMS,
        # A capture that begins amid a conversation may show an acknowledgement first.
        Sign(FRAMING, "03 00 00 07 02 f0", ports=(PORT,)),
    ),
    parse,
    together=together,
)
