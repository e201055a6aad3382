r"""Bytes of logs as text: UTF-8, else GB18030 where that is plausible Chinese, else odd bytes spelled as \xNN.

What was not UTF-8 is told by the event's field `hanwatch.encoding`; no byte vanishes.
"""

import re
from collections.abc import Sequence
from typing import Literal, TypeAlias

Encoding: TypeAlias = Literal["gb18030", "escaped"]
"""What `hanwatch.encoding` says of a line that is not UTF-8."""

PLAUSIBLE = 0.7
"""GB18030 gives a character to almost any two bytes; text that people wrote keeps to those of GB 2312."""

_ESCAPED = re.compile("[\udc80-\udcff]")


def _plausible(text: str) -> bool:
    beyond = [character for character in text if character > "\x7f"]
    usual = 0
    for character in beyond:
        try:
            usual += len(character.encode("gb2312")) == 2
        except UnicodeEncodeError:
            continue
    return usual >= PLAUSIBLE * len(beyond)


def decode(data: bytes, backslash: str = "\\") -> tuple[str, Encoding | None]:
    """The text of some bytes and how they were read, None for UTF-8.

    `backslash` is what spelled-out bytes begin with: two of them where the text is JSON.
    """
    try:
        return data.decode(), None
    except UnicodeDecodeError:
        pass
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        pass
    else:
        if _plausible(text):
            return text, "gb18030"
    text = data.decode("utf-8", "surrogateescape")
    return _ESCAPED.sub(lambda odd: f"{backslash}x{ord(odd.group()) - 0xDC00:02x}", text), "escaped"


def decode_lines(lines: Sequence[bytes]) -> tuple[list[str], dict[int, Encoding]]:
    """The texts of some lines, and by index how those were read that are not UTF-8."""
    try:
        return b"\n".join(lines).decode().split("\n"), {}
    except UnicodeDecodeError:
        pass
    texts, encodings = [], {}
    for index, line in enumerate(lines):
        text, encoding = decode(line)
        texts.append(text)
        if encoding is not None:
            encodings[index] = encoding
    return texts, encodings
