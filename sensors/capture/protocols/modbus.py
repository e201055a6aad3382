"""Modbus/TCP: what a client asks of a controller, and what that answers.

MODBUS Messaging on TCP/IP Implementation Guide V1.0b section 3.1.3 (the header); MODBUS Application Protocol
Specification V1.1b3 sections 6 (functions) and 7 (exceptions). Names are those of Zeek's modbus.log.
"""

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

PORT: Final = 502

FUNCTIONS: Final = {
    1: "READ_COILS", 2: "READ_DISCRETE_INPUTS", 3: "READ_HOLDING_REGISTERS", 4: "READ_INPUT_REGISTERS",
    5: "WRITE_SINGLE_COIL", 6: "WRITE_SINGLE_REGISTER", 7: "READ_EXCEPTION_STATUS", 8: "DIAGNOSTICS",
    11: "GET_COMM_EVENT_COUNTER", 12: "GET_COMM_EVENT_LOG", 15: "WRITE_MULTIPLE_COILS",
    16: "WRITE_MULTIPLE_REGISTERS", 17: "REPORT_SLAVE_ID", 20: "READ_FILE_RECORD", 21: "WRITE_FILE_RECORD",
    22: "MASK_WRITE_REGISTER", 23: "READ_WRITE_MULTIPLE_REGISTERS", 24: "READ_FIFO_QUEUE",
    43: "ENCAP_INTERFACE_TRANSPORT",
}
EXCEPTIONS: Final = {
    1: "ILLEGAL_FUNCTION", 2: "ILLEGAL_DATA_ADDRESS", 3: "ILLEGAL_DATA_VALUE", 4: "SLAVE_DEVICE_FAILURE",
    5: "ACKNOWLEDGE", 6: "SLAVE_DEVICE_BUSY", 8: "MEMORY_PARITY_ERROR", 10: "GATEWAY_PATH_UNAVAILABLE",
    11: "GATEWAY_TARGET_DEVICE_FAILED_TO_RESPOND",
}
_COILS: Final = (1, 2)
_REGISTERS: Final = (3, 4)

_FRAMING: Final = Framing(
    "modbus", Transport.TCP, Shape.LENGTH, begins="?? ?? 00 00", at=4, size=2, add=6, least=8, most=260, number_size=2,
)


def _bits(octets: bytes) -> list[int]:
    """Coils, the lowest bit of each octet first."""
    return [octet >> bit & 1 for octet in octets for bit in range(8)]


def _words(octets: bytes) -> list[int]:
    return [int.from_bytes(octets[at : at + 2], "big") for at in range(0, len(octets) - 1, 2)]


def _values(fields: Fields, name: str, values: list[int]) -> None:
    if values:
        fields[f"modbus.{name}_values"] = values[:MOST_VALUES]
    if len(values) > MOST_VALUES:
        fields["modbus.incomplete"] = True


def _request(function: int, body: Cursor) -> Fields:
    """What a request says, as far as its function is known."""
    fields: Fields = {}
    if function in (*_COILS, *_REGISTERS, 15, 16, 23):
        fields |= {"modbus.address": body.u16(), "modbus.quantity": body.u16()}
        if function == 23:
            fields |= {"modbus.write_address": body.u16(), "modbus.write_quantity": body.u16()}
        if function in (15, 16, 23):
            written = body.take(body.u8())
            values = _bits(written)[: fields["modbus.quantity"]] if function == 15 else _words(written)
            _values(fields, "request", values)
    elif function in (5, 6):
        fields["modbus.address"] = body.u16()
        _values(fields, "request", [body.u16()])
    elif function == 8:
        fields["modbus.subfunction"] = body.u16()
    elif function == 22:
        fields["modbus.address"] = body.u16()
        _values(fields, "request", [body.u16(), body.u16()])
    elif function == 24:
        fields["modbus.address"] = body.u16()
    elif function == 43:
        fields["modbus.subfunction"] = body.u8()
    return fields


def _response(function: int, body: Cursor) -> Fields:
    """What an answer says, as far as its function is known."""
    fields: Fields = {}
    if function in (*_COILS, *_REGISTERS, 23):
        read = body.take(body.u8())
        _values(fields, "response", _bits(read) if function in _COILS else _words(read))
    elif function in (15, 16):
        fields |= {"modbus.address": body.u16(), "modbus.quantity": body.u16()}
    elif function in (5, 6):
        fields["modbus.address"] = body.u16()
        _values(fields, "response", [body.u16()])
    return fields


def parse(octets: bytes, context: Context) -> Message:
    """Read a request or an answer, which only their sender tells apart.

    Raises:
        NotThis: it is neither.
    """
    cursor = Cursor(octets)
    _, protocol, _, unit, code = cursor.u16(), cursor.u16(), cursor.u16(), cursor.u8(), cursor.u8()
    if protocol:
        raise NotThis("not Modbus")
    answers = context.answering if context.sender_port == context.receiver_port else context.sender_port == PORT
    function = code & 127
    if not function or (code & 128 and not answers):
        raise NotThis("no function")
    fields: Fields = {
        "modbus.unit": unit, "modbus.function_code": function,
        "modbus.function": FUNCTIONS.get(function, f"unknown-{function}"),
    }
    if code & 128:
        exception = cursor.u8()
        fields["modbus.exception"] = EXCEPTIONS.get(exception, f"unknown-{exception}")
    else:
        fields |= _response(function, cursor) if answers else _request(function, cursor)
    return Message(fields, Side.ANSWERS if answers else Side.ASKS, (unit, function))


def together(asked: Message, answered: Message) -> Fields:
    """The fields of both; of an answer's coils only so many as were asked for, since its last octet is filled up."""
    fields = {**answered.fields, **asked.fields}
    if fields["modbus.function_code"] in _COILS and "modbus.response_values" in fields:
        fields["modbus.response_values"] = fields["modbus.response_values"][: fields["modbus.quantity"]]
    return fields


PROTOCOL: Final = Protocol(
    "modbus",
    # Four octets of zeros and a small length are too common to look for on every port.
    (Sign(_FRAMING, "?? ?? 00 00 00", ports=(PORT,), least=8),),
    parse,
    together=together,
    number="modbus.tid",
)
