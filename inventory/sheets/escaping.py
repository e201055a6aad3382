"""A defence against cells that a spreadsheet would take for formulas, which reading takes off again.

A text that begins with a character by which formulas begin gets an apostrophe before it (OWASP, CSV Injection); so does
a text that already looks so, and reading takes one apostrophe off. Thus each text comes back as it was, and a cell that
somebody else has defended in this way is read as what it means.
"""

import re
from typing import Final

_BEGINS: Final = r"[=+\-@\t\r\n＝＋－＠]"
_DANGEROUS: Final = re.compile(rf"'*{_BEGINS}")
_DEFENDED: Final = re.compile(rf"'+{_BEGINS}")
_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?")
"""A number is harmless, and should stay one for whoever opens the file."""


def defended(text: str) -> str:
    """A text as it may stand in a CSV file."""
    if _DANGEROUS.match(text) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def kept(text: str) -> str:
    """A text as it may stand in a cell that is text by its type: only what reading would take off is doubled."""
    return "'" + text if _DEFENDED.match(text) else text


def meant(text: str) -> str:
    """What a text of a file means, the defence taken off."""
    return text[1:] if text.startswith("'") and _DEFENDED.match(text) else text
