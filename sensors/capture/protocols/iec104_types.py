"""The types of IEC 60870-5-104's messages: their names, and how their information elements stand in octets.

IEC 60870-5-101:2003 clause 7.2.1 (types), 7.2.3 (causes), 7.2.6 (information elements), 7.3 (each type);
IEC 60870-5-104:2006 clause 8 (types with a time of seven octets).
"""

from dataclasses import dataclass
from struct import Struct
from typing import Final

CAUSES: Final = {
    1: "per/cyc", 2: "back", 3: "spont", 4: "init", 5: "req", 6: "act", 7: "actcon", 8: "deact", 9: "deactcon",
    10: "actterm", 11: "retrem", 12: "retloc", 13: "file", 14: "auth", 15: "seskey", 16: "usrkey", 20: "inrogen",
    **{20 + group: f"inro{group}" for group in range(1, 17)}, 37: "reqcogen",
    **{37 + group: f"reqco{group}" for group in range(1, 5)},
    44: "unknown-type", 45: "unknown-cause", 46: "unknown-asdu-address", 47: "unknown-object-address",
}
"""Causes of transmission, as clause 7.2.3 abbreviates them."""
ACT: Final = 6
ACTCON: Final = 7
DEACT: Final = 8
DEACTCON: Final = 9
REFUSALS: Final = (44, 45, 46, 47)

NONE, WHOLE, TWO, ONE, SCALED, NORMAL = range(6)
"""How a number becomes a value: there is none; as it is; of its lowest two bits or one; as a step of seven bits; as a
part of 32,768."""


@dataclass(frozen=True, slots=True)
class Type:
    """A type of messages.

    Attributes:
        name: what it is called.
        value: how its number becomes a value (see `NONE`).
        quality: which bits of the octet that is its quality are flags of it; 0: it has none.
        apart: whether that octet stands behind the number (else it is the same one).
        select: whether its highest bit means that a command only selects.
        size: octets of an element.
        single: one element, each with its address.
        sequence: one element of those that stand in a row.
        operation: what a request of this type does; empty: it is no request.
    """

    name: str
    value: int
    quality: int
    apart: bool
    select: bool
    size: int
    single: Struct
    sequence: Struct
    operation: str


_FLAGS: Final = 0xF0
_ALL: Final = 0xF1


def _type(
    name: str, number: str = "", value: int = NONE, *, quality: int = 0, apart: bool = False, select: bool = False,
    behind: int = 0, operation: str = "",
) -> Type:
    layout = number + ("B" if apart else "") + (f"{behind}x" if behind else "")
    sequence = Struct(f"<{layout}")
    return Type(
        name, value, quality, apart, select, sequence.size, Struct(f"<HB{layout}"), sequence, operation,
    )


def _measured(name: str, number: str, value: int, behind: int = 0) -> Type:
    return _type(name, number, value, quality=_ALL, apart=True, behind=behind)


def _point(name: str, value: int, behind: int = 0) -> Type:
    return _type(name, "B", value, quality=_FLAGS, behind=behind)


def _command(name: str, value: int, behind: int = 0) -> Type:
    return _type(name, "B", value, select=True, behind=behind, operation="control")


def _set(name: str, number: str, value: int, behind: int = 0) -> Type:
    return _type(name, number, value, apart=True, select=True, behind=behind, operation="write")


TYPES: Final[dict[int, Type]] = {
    1: _point("M_SP_NA_1", ONE), 2: _point("M_SP_TA_1", ONE, 3), 3: _point("M_DP_NA_1", TWO),
    4: _point("M_DP_TA_1", TWO, 3), 5: _measured("M_ST_NA_1", "B", SCALED), 6: _measured("M_ST_TA_1", "B", SCALED, 3),
    7: _measured("M_BO_NA_1", "I", WHOLE), 8: _measured("M_BO_TA_1", "I", WHOLE, 3),
    9: _measured("M_ME_NA_1", "h", NORMAL), 10: _measured("M_ME_TA_1", "h", NORMAL, 3),
    11: _measured("M_ME_NB_1", "h", WHOLE), 12: _measured("M_ME_TB_1", "h", WHOLE, 3),
    13: _measured("M_ME_NC_1", "f", WHOLE), 14: _measured("M_ME_TC_1", "f", WHOLE, 3),
    # The last octet of a counter is its sequence, of which the highest bit says that it is invalid.
    15: _type("M_IT_NA_1", "i", WHOLE, quality=128, apart=True),
    16: _type("M_IT_TA_1", "i", WHOLE, quality=128, apart=True, behind=3),
    17: _point("M_EP_TA_1", TWO, 5), 18: _measured("M_EP_TB_1", "B", WHOLE, 5),
    19: _measured("M_EP_TC_1", "B", WHOLE, 5), 20: _measured("M_PS_NA_1", "I", WHOLE),
    21: _type("M_ME_ND_1", "h", NORMAL),
    30: _point("M_SP_TB_1", ONE, 7), 31: _point("M_DP_TB_1", TWO, 7), 32: _measured("M_ST_TB_1", "B", SCALED, 7),
    33: _measured("M_BO_TB_1", "I", WHOLE, 7), 34: _measured("M_ME_TD_1", "h", NORMAL, 7),
    35: _measured("M_ME_TE_1", "h", WHOLE, 7), 36: _measured("M_ME_TF_1", "f", WHOLE, 7),
    37: _type("M_IT_TB_1", "i", WHOLE, quality=128, apart=True, behind=7),
    38: _point("M_EP_TD_1", TWO, 9), 39: _measured("M_EP_TE_1", "B", WHOLE, 9),
    40: _measured("M_EP_TF_1", "B", WHOLE, 9),
    45: _command("C_SC_NA_1", ONE), 46: _command("C_DC_NA_1", TWO), 47: _command("C_RC_NA_1", TWO),
    48: _set("C_SE_NA_1", "h", NORMAL), 49: _set("C_SE_NB_1", "h", WHOLE), 50: _set("C_SE_NC_1", "f", WHOLE),
    51: _type("C_BO_NA_1", "I", WHOLE, operation="write"),
    58: _command("C_SC_TA_1", ONE, 7), 59: _command("C_DC_TA_1", TWO, 7), 60: _command("C_RC_TA_1", TWO, 7),
    61: _set("C_SE_TA_1", "h", NORMAL, 7), 62: _set("C_SE_TB_1", "h", WHOLE, 7), 63: _set("C_SE_TC_1", "f", WHOLE, 7),
    64: _type("C_BO_TA_1", "I", WHOLE, behind=7, operation="write"),
    70: _type("M_EI_NA_1", "B", WHOLE),
    100: _type("C_IC_NA_1", "B", WHOLE, operation="read"), 101: _type("C_CI_NA_1", "B", WHOLE, operation="read"),
    102: _type("C_RD_NA_1", operation="read"), 103: _type("C_CS_NA_1", behind=7, operation="configure"),
    104: _type("C_TS_NA_1", "H", WHOLE), 105: _type("C_RP_NA_1", "B", WHOLE, operation="control"),
    106: _type("C_CD_NA_1", "H", WHOLE, operation="configure"), 107: _type("C_TS_TA_1", "H", WHOLE, behind=7),
    110: _type("P_ME_NA_1", "h", NORMAL, behind=1, operation="configure"),
    111: _type("P_ME_NB_1", "h", WHOLE, behind=1, operation="configure"),
    112: _type("P_ME_NC_1", "f", WHOLE, behind=1, operation="configure"),
    113: _type("P_AC_NA_1", "B", WHOLE, operation="configure"),
    # Of files the number is told.
    120: _type("F_FR_NA_1", "H", WHOLE, behind=4), 121: _type("F_SR_NA_1", "H", WHOLE, behind=5),
    122: _type("F_SC_NA_1", "H", WHOLE, behind=2), 123: _type("F_LS_NA_1", "H", WHOLE, behind=3),
    124: _type("F_AF_NA_1", "H", WHOLE, behind=2), 126: _type("F_DR_TA_1", "H", WHOLE, behind=11),
    127: _type("F_SC_NB_1", "H", WHOLE, behind=14),
}
SEGMENT: Final = 125
"""F_SG_NA_1, a segment of a file: it says its own length in its fourth octet, and its file's number first."""
SEGMENT_NAME: Final = "F_SG_NA_1"

STEPS: Final = tuple((step & 127) - ((step & 64) << 1) for step in range(256))
QUALITIES: Final = {128: "IV", 64: "NT", 32: "SB", 16: "BL", 1: "OV"}
"""Invalid, not topical, substituted, blocked, overflow."""
