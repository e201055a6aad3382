"""What functions, areas, errors and blocks of S7comm are called.

Siemens publishes no specification. Names are those of ICSNPP's s7comm.log; numbers as in its consts.zeek and in
Wireshark's dissector (packet-s7comm.c), areas and errors also in SIMATIC's system manuals (SZL: System Software for
S7-300/400 System and Standard Functions, chapter 34).
"""

from typing import Final

ROSCTR: Final = {1: "Job-Request", 2: "ACK", 3: "ACK-Data", 7: "User-Data"}
FUNCTIONS: Final = {
    0x00: "CPU Services", 0x04: "Read Variable", 0x05: "Write Variable", 0x1A: "Request Download",
    0x1B: "Download Block", 0x1C: "Download Ended", 0x1D: "Start Upload", 0x1E: "Upload", 0x1F: "End Upload",
    0x28: "PLC Control", 0x29: "PLC Stop", 0xF0: "Setup Communication",
}
GROUPS: Final = {
    0: "Mode-Transition", 1: "Programmer Controls", 2: "Cyclic Services", 3: "Block Functions", 4: "CPU Functions",
    5: "Security", 6: "PBC BSEND-BRECV", 7: "Time Functions", 15: "NC Programming",
}
"""What the user data of a job are about."""
SUBFUNCTIONS: Final = {
    0: {
        0: "Stop", 1: "Warm Restart", 2: "Run", 3: "Hot Restart", 4: "Hold", 6: "Cold Restart", 9: "Run_R",
        11: "Link-Up", 12: "Update",
    },
    1: {
        1: "Block Status", 2: "Variable Status", 3: "Output ISTACK", 4: "Output BSTACK", 5: "Output LSTACK",
        6: "Time Measurement", 7: "Force Selection", 8: "Modify Variable", 9: "Force", 10: "Breakpoint",
        11: "Exit HOLD", 12: "Memory Reset", 13: "Disable Job", 14: "Enable Job", 15: "Delete Job",
        16: "Read Job List", 17: "Read Job", 18: "Replace Job", 19: "Block Status v2", 22: "Flash LED",
    },
    2: {
        1: "Cyclic Transfer", 4: "Unsubscribe", 5: "Change Driven Transfer", 7: "Change Driven Transfer Modify",
        8: "RDREC",
    },
    3: {1: "List Blocks", 2: "List Blocks of Type", 3: "Get Block Info"},
    4: {
        1: "Read SZL", 2: "Message Service", 3: "Diagnostic Message", 4: "ALARM_8 Indication", 5: "NOTIFY Indication",
        6: "ALARM_8 Lock", 7: "ALARM_8 Unlock", 8: "SCAN Indication", 11: "ALARM_S Indication",
        12: "ALARM_SQ Indication", 13: "ALARM Query", 14: "ALARM ACK", 17: "ALARM ACK Indication",
        18: "ALARM Lock Indication", 19: "ALARM Unlock Indication", 22: "NOTIFY_8 Indication",
    },
    5: {1: "PLC Password"},
    7: {1: "Read Clock", 2: "Set Clock", 3: "Read Clock (Following)", 4: "Set Clock (2)"},
}
SERVICES: Final = {
    "_INSE": "Activates a PLC module", "_INS2": "Activates a PLC module",
    "_DELE": "Removes module from the PLC's passive file system", "P_PROGRAM": "PLC Start / Stop",
    "_MODU": "PLC Copy Ram to Rom", "_GARB": "Compress PLC memory", "_N_LOGIN_": "Login", "_N_LOGOUT": "Logout",
}
"""Program invocation services of PLC Control, of PLCs; those of machine tools keep their own name."""
ERRORS: Final = {
    0x81: "Application relationship error", 0x82: "Object definition error",
    0x83: "No ressources available error", 0x84: "Error on service processing", 0x85: "Error on supplies",
    0x87: "Access error", 0xD2: "Parameter Error",
}
RETURNS: Final = {
    0x00: "Reserved", 0x01: "Hardware error", 0x03: "Accessing the object not allowed", 0x05: "Invalid address",
    0x06: "Data type not supported", 0x07: "Data type inconsistent", 0x0A: "Object does not exist", 0xFF: "Success",
}
BLOCKS: Final = {"08": "OB", "09": "CMOD", "0A": "DB", "0B": "SDB", "0C": "FC", "0D": "SFC", "0E": "FB", "0F": "SFB"}
FILE_SYSTEMS: Final = {"P": "Passive", "A": "Active", "B": "Both"}

AREAS: Final = {
    0x03: "SYSINFO", 0x05: "SYSFLAG", 0x06: "AI", 0x07: "AQ", 0x80: "P", 0x81: "I", 0x82: "Q", 0x83: "M",
    0x84: "DB", 0x85: "DI", 0x86: "L", 0x87: "V",
}
NUMBERED: Final = {0x1C: "C", 0x1D: "T", 0x1E: "IEC-C", 0x1F: "IEC-T"}
"""Areas of counters and timers, which are numbered, not addressed by bits."""
UNITS: Final = {
    1: "BIT", 2: "BYTE", 3: "CHAR", 4: "WORD", 5: "INT", 6: "DWORD", 7: "DINT", 8: "REAL", 9: "DATE", 10: "TOD",
    11: "TIME", 12: "S5TIME", 15: "DATE_AND_TIME", 19: "STRING", 28: "COUNTER", 29: "TIMER", 30: "IEC TIMER",
    31: "IEC COUNTER", 32: "HS COUNTER",
}

OPCODES: Final = {0x31: "Request", 0x32: "Response", 0x33: "Notification"}
PLUS_FUNCTIONS: Final = {
    0x04BB: "Explore", 0x04CA: "Create Object", 0x04D4: "Delete Object", 0x04F2: "Set Variable", 0x0524: "Get Link",
    0x0542: "Set Multi Variables", 0x054C: "Get Multi Variables", 0x0556: "Begin Sequence", 0x0560: "End Sequence",
    0x056B: "Invoke", 0x0586: "Get Variable Sub Streamed",
}
"""Functions of S7comm-plus."""

OPERATIONS: Final = {
    **dict.fromkeys((0x04, 0x1D, 0x1E, 0x1F), "read"), 0x05: "write", 0x28: "control", 0x29: "control",
    **dict.fromkeys((0x1A, 0x1B, 0x1C), "program"),
}
"""What a job does to the controller."""
SERVICE_OPERATIONS: Final = dict.fromkeys(("_INSE", "_INS2", "_DELE", "_MODU", "_GARB"), "program")
GROUP_OPERATIONS: Final = {0: "control", 1: "read", 2: "read", 3: "read", 4: "read", 5: "configure", 7: "read"}
SUBFUNCTION_OPERATIONS: Final = {
    (1, 8): "write", (1, 9): "write", (1, 7): "write", (1, 10): "control", (1, 11): "control", (1, 12): "control",
    (7, 2): "configure", (7, 4): "configure",
}
PLUS_OPERATIONS: Final = {
    **dict.fromkeys((0x04BB, 0x0524, 0x054C, 0x0586), "read"), **dict.fromkeys((0x04F2, 0x0542), "write"),
    **dict.fromkeys((0x04CA, 0x04D4), "program"), 0x056B: "control",
}
