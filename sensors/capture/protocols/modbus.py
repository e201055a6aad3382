"""Modbus/TCP: what a client asks of a controller, and what that answers.

MODBUS Messaging on TCP/IP Implementation Guide V1.0b section 3.1.3 (the header); MODBUS Application Protocol
Specification V1.1b3 sections 6 (functions) and 7 (exceptions). Names are those of Zeek's modbus.log.
"""

from struct import Struct, error
from typing import Final

from sensors.capture.protocols.cursor import text
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

PORT: Final = 502

FUNCTIONS: Final = {
    1: "READ_COILS", 2: "READ_DISCRETE_INPUTS", 3: "READ_HOLDING_REGISTERS", 4: "READ_INPUT_REGISTERS",
    5: "WRITE_SINGLE_COIL", 6: "WRITE_SINGLE_REGISTER", 7: "READ_EXCEPTION_STATUS", 8: "DIAGNOSTICS",
    11: "GET_COMM_EVENT_COUNTER", 12: "GET_COMM_EVENT_LOG", 15: "WRITE_MULTIPLE_COILS",
    16: "WRITE_MULTIPLE_REGISTERS", 17: "REPORT_SLAVE_ID", 20: "READ_FILE_RECORD", 21: "WRITE_FILE_RECORD",
    22: "MASK_WRITE_REGISTER", 23: "READ_WRITE_MULTIPLE_REGISTERS", 24: "READ_FIFO_QUEUE",
    43: "ENCAP_INTERFACE_TRANSPORT",
    # Vendors' own: of Modicon's controllers, and object messaging.
    9: "PROGRAM_484", 10: "POLL_484", 13: "PROGRAM_584_984", 14: "POLL_584_984", 18: "PROGRAM_884_U84",
    19: "RESET_COMM_LINK_884_U84", 40: "PROGRAM_CONCEPT", 41: "MULTIPLE_FUNCTION_CODES", 90: "PROGRAM_UNITY",
    91: "OBJECT_MESSAGING", 125: "FIRMWARE_REPLACEMENT", 126: "PROGRAM_584_984_2", 127: "REPORT_LOCAL_ADDRESS",
}
EXCEPTIONS: Final = {
    1: "ILLEGAL_FUNCTION", 2: "ILLEGAL_DATA_ADDRESS", 3: "ILLEGAL_DATA_VALUE", 4: "SLAVE_DEVICE_FAILURE",
    5: "ACKNOWLEDGE", 6: "SLAVE_DEVICE_BUSY", 8: "MEMORY_PARITY_ERROR", 10: "GATEWAY_PATH_UNAVAILABLE",
    11: "GATEWAY_TARGET_DEVICE_FAILED_TO_RESPOND",
}
OPERATIONS: Final = {
    **dict.fromkeys((1, 2, 3, 4, 7, 11, 12, 17, 20, 24, 43), "read"), **dict.fromkeys((5, 6, 15, 16, 22, 23), "write"),
    **dict.fromkeys((9, 13, 18, 21, 40, 90, 125, 126), "program"),
}
"""What a request does to the device; diagnostics by their subfunction."""
_DIAGNOSTICS: Final = {1: "control", 4: "control", 3: "configure", 10: "configure", 20: "configure"}
"""To restart communications, to listen only; to change a delimiter, to clear counters."""
_COILS: Final = (1, 2)
_READS: Final = (1, 2, 3, 4)
_WRITES: Final = (15, 16)
_ECHOED: Final = (5, 6)
_ON: Final = 0xFF00
_DEVICE: Final = 14
"""The type of encapsulated transport that asks a device who it is (section 6.21)."""

_HEADER: Final = Struct(">HHHBB")
_BODY: Final = 8
_PAIR: Final = Struct(">HH")
_TRIPLE: Final = Struct(">HHH")
_QUAD: Final = Struct(">HHHH")
_WORD: Final = Struct(">H")
_PORTS: Final = (PORT,)

_FRAMING: Final = Framing(
    "modbus", Transport.TCP, Shape.LENGTH, begins="?? ?? 00 00", at=4, size=2, add=6, least=8, most=260, number_size=2,
)


def _bits(octets: bytes, count: int) -> list[int]:
    """So many coils, the lowest bit of each octet first."""
    return [octet >> bit & 1 for octet in octets for bit in range(8)][:count]


def _words(octets: bytes) -> list[int]:
    return [word for (word,) in _WORD.iter_unpack(octets[: len(octets) & ~1])]


def _values(fields: Fields, name: str, values: list[int], said: int) -> None:
    """Enter values of which there should be `said`; fewer were sent, or more than are told: it is marked."""
    if values:
        fields[f"modbus.{name}_values"] = values[:MOST_VALUES]
    if len(values) > MOST_VALUES or len(values) < said:
        fields["modbus.incomplete"] = True


def _listed(fields: Fields, name: str, function: int, octets: bytes, quantity: int) -> None:
    """Values behind the octet that says how many octets they take; of coils `quantity` (0: all)."""
    size = octets[0]
    body = octets[1 : 1 + size]
    if function in _COILS or function == 15:
        values = _bits(body[: MOST_VALUES // 8 + 1], quantity or MOST_VALUES + 1)
        _values(fields, name, values, min(quantity or size * 8, MOST_VALUES + 1))
    else:
        _values(fields, name, _words(body), quantity or size // 2)


def _coil(function: int, value: int) -> int:
    """What a coil is set to as 1 or 0; a register's value, and what no coil can be set to, stays as it is."""
    return 1 if function == 5 and value == _ON else value


def _request(function: int, body: bytes, fields: Fields) -> None:
    """What a request says, as far as its function is known."""
    if function in _READS:
        fields["modbus.address"], fields["modbus.quantity"] = _PAIR.unpack_from(body)
    elif function in _ECHOED:
        fields["modbus.address"], value = _PAIR.unpack_from(body)
        fields["modbus.request_values"] = [_coil(function, value)]
    elif function in _WRITES:
        fields["modbus.address"], quantity = _PAIR.unpack_from(body)
        fields["modbus.quantity"] = quantity
        _listed(fields, "request", function, body[4:], quantity)
    elif function == 23:
        (
            fields["modbus.address"], fields["modbus.quantity"], fields["modbus.write_address"], quantity,
        ) = _QUAD.unpack_from(body)
        fields["modbus.write_quantity"] = quantity
        _listed(fields, "request", function, body[8:], quantity)
    elif function == 22:
        fields["modbus.address"], *masks = _TRIPLE.unpack_from(body)
        fields["modbus.request_values"] = masks
    elif function == 8:
        (subfunction,) = _WORD.unpack_from(body)
        fields["modbus.subfunction"] = subfunction
        if subfunction in _DIAGNOSTICS:
            fields["hanwatch.industrial.operation"] = _DIAGNOSTICS[subfunction]
    elif function == 24:
        (fields["modbus.address"],) = _WORD.unpack_from(body)
    elif function == 43:
        fields["modbus.subfunction"] = body[0]
    elif function in (20, 21):
        _files(function, body, fields)


def _files(function: int, body: bytes, fields: Fields) -> None:
    """Which files are read or written (sections 6.14 and 6.15)."""
    end = min(1 + body[0], len(body))
    files: list[int] = []
    at = 1
    while at + 7 <= end and len(files) < MOST_VALUES:
        number, _, count = _TRIPLE.unpack_from(body, at + 1)
        files.append(number)
        at += 7 + (2 * count if function == 21 else 0)
    if files:
        fields["modbus.files"] = files
    if at < end or end < 1 + body[0]:
        fields["modbus.incomplete"] = True


def _response(function: int, body: bytes, fields: Fields) -> None:
    """What an answer says, as far as its function is known."""
    if function in _READS or function == 23:
        _listed(fields, "response", function, body, 0)
    elif function in _ECHOED:
        fields["modbus.address"], value = _PAIR.unpack_from(body)
        fields["modbus.response_values"] = [_coil(function, value)]
    elif function in _WRITES:
        fields["modbus.address"], fields["modbus.quantity"] = _PAIR.unpack_from(body)
    elif function == 22:
        fields["modbus.address"], *masks = _TRIPLE.unpack_from(body)
        fields["modbus.response_values"] = masks
    elif function == 7:
        fields["modbus.response_values"] = [body[0]]
    elif function == 8:
        (fields["modbus.subfunction"],) = _WORD.unpack_from(body)
    elif function == 24:
        _, count = _PAIR.unpack_from(body)
        _values(fields, "response", _words(body[4 : 4 + 2 * count]), count)
    elif function == 17:
        said = body[1 : 1 + body[0]]
        if said:
            fields["modbus.device"] = [text(said)]
    elif function == 43:
        fields["modbus.subfunction"] = body[0]
        if body[0] == _DEVICE:
            _device(body, fields)


def _device(body: bytes, fields: Fields) -> None:
    """Who a device is: its vendor, product and version come first."""
    at, said = 6, []
    for _ in range(min(body[5], MOST_VALUES)):
        size = body[at + 1] if at + 2 <= len(body) else 255
        if at + 2 + size > len(body):
            fields["modbus.incomplete"] = True
            break
        said.append(text(body[at + 2 : at + 2 + size]))
        at += 2 + size
    if said:
        fields["modbus.device"] = said


def parse(octets: bytes, context: Context) -> Message:
    """Read a request or an answer, which only their sender tells apart.

    Raises:
        NotThis: it is neither.
    """
    if len(octets) < _BODY:
        raise NotThis("no header")
    _, protocol, length, unit, code = _HEADER.unpack_from(octets)
    if protocol or length + 6 != len(octets):
        raise NotThis("not Modbus")
    source, destination = context.sender_port, context.receiver_port
    answers = context.answering if source == destination else source in _PORTS
    function = code & 127
    if not function or (code & 128 and not answers):
        raise NotThis("no function")
    fields: Fields = {
        "modbus.unit": unit, "modbus.function_code": function,
        "modbus.function": FUNCTIONS.get(function) or f"unknown-{function}",
    }
    try:
        if code & 128:
            fields["modbus.exception"] = EXCEPTIONS.get(octets[_BODY]) or f"unknown-{octets[_BODY]}"
            fields["event.outcome"] = "failure"
        elif answers:
            fields["event.outcome"] = "success"
            _response(function, octets[_BODY:], fields)
        else:
            if function in OPERATIONS:
                fields["hanwatch.industrial.operation"] = OPERATIONS[function]
            _request(function, octets[_BODY:], fields)
    except (error, IndexError):
        # It is told, since a device may answer to it all the same.
        fields["modbus.incomplete"] = True
    return Message(fields, Side.ANSWERS if answers else Side.ASKS, (unit, function))


def together(asked: Message, answered: Message) -> Fields:
    """The fields of both; of an answer's coils only so many as were asked for, since its last octet is filled up."""
    fields = {**answered.fields, **asked.fields}
    if fields["modbus.function_code"] in _COILS and "modbus.response_values" in fields and "modbus.quantity" in fields:
        fields["modbus.response_values"] = fields["modbus.response_values"][: fields["modbus.quantity"]]
    return fields


PROTOCOL: Final = Protocol(
    "modbus",
    # Four octets of zeros and a small length are too common to look for on every port.
    (Sign(_FRAMING, "?? ?? 00 00 00", ports=_PORTS, least=8),),
    parse,
    together=together,
    number="modbus.tid",
)
