"""Text for people's eyes: what a terminal would obey is shown instead (CWE-150).

Names of files and values of events come from those who are watched: an escape sequence in a log line must not clear
the screen of who reads it, and a sign that turns the writing direction must not turn a command around.
"""

import re
from typing import Final

_OBEYED: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but tab and line feed (ECMA-48)
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # writing direction (UAX #9)
    "\ud800-\udfff]"  # bytes of file names that are no text (PEP 383)
)
_ALSO_IN_CELLS: Final = re.compile("[\t\n\u2028\u2029]")


def plain(text: str) -> str:
    """The text with everything escaped that a terminal would obey; lines stay lines."""
    return _OBEYED.sub(_escaped, text)


def plain_cell(text: str) -> str:
    """The same for one line of a table, which no value may break into two."""
    return _ALSO_IN_CELLS.sub(_escaped, plain(text))


def _escaped(found: re.Match[str]) -> str:
    code = ord(found.group())
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(found.group())
    return named or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")
