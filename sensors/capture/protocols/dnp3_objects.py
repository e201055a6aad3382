"""How many octets each of DNP3's objects has, and what stands in those that command something or name a file.

IEEE 1815-2012 Annex A (the library of objects), section 11.9 (control related objects).
"""

from struct import Struct
from typing import Any, Final

from sensors.capture.protocols.cursor import text
from sensors.capture.protocols.model import Fields

SIZES: Final[dict[int, dict[int, int]]] = {
    group: dict(enumerate(sizes, 1))
    for group, sizes in {
        1: (-1, 1), 2: (1, 7, 3), 3: (-2, 1), 4: (1, 7, 3),
        10: (-1, 1), 11: (1, 7), 12: (11, 11, -1), 13: (1, 7),
        20: (5, 3, 5, 3, 4, 2, 4, 2), 21: (5, 3, 5, 3, 11, 9, 11, 9, 4, 2, 4, 2),
        22: (5, 3, 5, 3, 11, 9, 11, 9), 23: (5, 3, 5, 3, 11, 9, 11, 9),
        30: (5, 3, 4, 2, 5, 9), 31: (5, 3, 11, 9, 4, 2, 5, 9), 32: (5, 3, 11, 9, 5, 9, 11, 15),
        33: (5, 3, 11, 9, 5, 9, 11, 15), 34: (2, 4, 4),
        40: (5, 3, 5, 9), 41: (5, 3, 5, 9), 42: (5, 3, 11, 9, 5, 9, 11, 15), 43: (5, 3, 11, 9, 5, 9, 11, 15),
        50: (6, 10, 6, 11), 51: (6, 6), 52: (2, 2), 60: (0, 0, 0, 0), 80: (-1,), 81: (3,),
        101: (2, 4, 8), 102: (1,), 121: (7,), 122: (7, 13),
    }.items()
}
"""By group and variation; below 0: so many bits, packed."""
_STRINGS: Final = (110, 111, 112, 113)
"""Groups of octet strings: the variation is the length."""

OPERATIONS: Final = {0: "Nul", 1: "Pulse On", 2: "Pulse Off", 3: "Latch On", 4: "Latch Off"}
TRIPS: Final = {0: "Nul", 1: "Close", 2: "Trip"}
STATUSES: Final = {
    0: "Success", 1: "Timeout", 2: "No Select", 3: "Format Error", 4: "Not Supported", 5: "Already Active",
    6: "Hardware Error", 7: "Local", 8: "Too Many Objs", 9: "Not Authorized", 10: "Automation Inhibit",
    11: "Processing Limited", 12: "Out of Range", 13: "Downstream Local", 14: "Already Complete", 15: "Blocked",
    16: "Canceled", 17: "Blocked Other Master", 18: "Downstream Fail", 126: "Non Participating", 127: "Undefined",
}
FILE_MODES: Final = {0: "DELETE", 1: "READ", 2: "WRITE", 3: "APPEND"}
FILE_STATUSES: Final = {
    0: "SUCCESS", 1: "PERMISSION_DENIED", 2: "INVALID_MODE", 3: "FILE_NOT_FOUND", 4: "FILE_LOCKED",
    5: "TOO_MANY_OPEN", 6: "INVALID_HANDLE", 7: "WRITE_BLOCK_SIZE", 8: "COMM_LOST", 9: "CANNOT_ABORT",
    16: "NOT_OPENED", 17: "HANDLE_EXPIRED", 18: "BUFFER_OVERRUN", 19: "FATAL", 20: "BLOCK_SEQ", 255: "UNDEFINED",
}
_RELAY: Final = Struct("<BBIIB")
_RELAYS: Final = (1, 2)
_ANALOGS: Final = {1: Struct("<iB"), 2: Struct("<hB"), 3: Struct("<fB"), 4: Struct("<dB")}


def size(group: int, variation: int) -> int | None:
    """Octets of one object; below 0: bits; None: not known, or each has its own."""
    if group in _STRINGS:
        return variation
    return SIZES.get(group, {}).get(variation)


def _append(fields: Fields, name: str, value: Any) -> None:
    fields.setdefault(f"dnp3.{name}", []).append(value)


def relay(fields: Fields, index: int, data: bytes, at: int, variation: int, *, answers: bool) -> None:
    """A control relay output block or a pattern control block (A.8.1, A.8.2); only an answer has a status."""
    if variation not in _RELAYS:
        return
    code, count, on, off, status = _RELAY.unpack_from(data, at)
    _append(fields, "control.index_number", index)
    _append(fields, "control.operation_type", OPERATIONS.get(code & 15, f"unknown-{code & 15}"))
    _append(fields, "control.trip_control_code", TRIPS.get(code >> 6, f"unknown-{code >> 6}"))
    _append(fields, "control.clear_bit", bool(code & 32))
    _append(fields, "control.execute_count", count)
    _append(fields, "control.on_time", on)
    _append(fields, "control.off_time", off)
    if answers:
        _append(fields, "control.status_code", STATUSES.get(status & 127, f"unknown-{status & 127}"))


def analog(fields: Fields, index: int, data: bytes, at: int, variation: int, *, answers: bool) -> None:
    """An analog output block (A.20)."""
    value, status = _ANALOGS[variation].unpack_from(data, at)
    _append(fields, "output.index_number", index)
    _append(fields, "output.value", float(value))
    if answers:
        _append(fields, "output.status_code", STATUSES.get(status & 127, f"unknown-{status & 127}"))


COMMANDS: Final = {12: relay, 41: analog}
"""What reads objects that command an output, by their group."""


def file(fields: Fields, variation: int, data: bytes) -> None:
    """What a file control object names (A.26); passwords are left where they are."""
    if variation == 2 and len(data) >= 12:
        at, length = int.from_bytes(data[:2], "little"), int.from_bytes(data[2:4], "little")
        fields["user.name"] = text(data[at : at + length])
    elif variation == 3 and len(data) >= 26:
        at, length = int.from_bytes(data[:2], "little"), int.from_bytes(data[2:4], "little")
        mode = int.from_bytes(data[20:22], "little")
        fields["file.path"] = text(data[at : at + length])
        fields["dnp3.file.mode"] = FILE_MODES.get(mode, f"unknown-{mode}")
    elif variation == 4 and len(data) >= 13:
        fields["dnp3.file.status"] = FILE_STATUSES.get(data[12], f"unknown-{data[12]}")
    elif variation == 7 and len(data) >= 20:
        at, length = int.from_bytes(data[:2], "little"), int.from_bytes(data[2:4], "little")
        fields["file.path"] = text(data[at : at + length])
