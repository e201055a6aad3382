r"""Bytes of logs as text: UTF-8, else GB18030 where that is plausible Chinese, else odd bytes spelled as \xNN.

What was not UTF-8 is told by the event's field `hanwatch.encoding`; no byte vanishes. A source's encoding can be said
(settings, `parsers.sources`); bytes that are not of it are read as if nothing had been said. GBK is the part of GB18030
with two bytes to a character (GB 18030-2022), so that one decoder reads both.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Literal, TypeAlias

Encoding: TypeAlias = Literal["gb18030", "utf-16-le", "utf-16-be", "escaped"]
"""What `hanwatch.encoding` says of a line that is not UTF-8."""

Wide: TypeAlias = Literal["utf-16-le", "utf-16-be"]
"""The two orders of UTF-16."""

Said: TypeAlias = Literal["utf-8", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"]
"""An encoding as the settings name it. UTF-16 is told from its first bytes where its order is not said."""

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


def wide(data: bytes) -> Wide | None:
    """Whether bytes are UTF-16, by its mark or by the zeros of its Latin letters; None where they are not.

    What comes over the network is cut at the byte 0A, so that in the one order a line begins, in the other ends with
    half of a line's end (files are cut at code units, sensors.reading.breaking). Such lines of Latin letters look alike
    in both orders; where other letters are among them, the order has to be said.
    """
    if data[:2] == b"\xff\xfe":
        return "utf-16-le"
    if data[:2] == b"\xfe\xff":
        return "utf-16-be"
    zeros = data.count(0)
    if len(data) < 4 or zeros * 3 < len(data):
        return None
    even = data[::2].count(0)
    first = even * 2 > zeros
    if data[:1] == b"\0" and len(data) % 2:
        # A line behind another: its first zero belongs to the line's end before it, and moves the others by one.
        return "utf-16-le" if first and data[2::2].count(0) * 2 > zeros else "utf-16-be"
    return "utf-16-be" if first else "utf-16-le"


def _narrow(data: bytes, encoding: Encoding) -> str | None:
    """The text of a line of UTF-16; None where it is none."""
    if encoding == "utf-16-le" and data[:1] == b"\0" and len(data) % 2:
        data = data[1:]
    elif encoding == "utf-16-be" and len(data) % 2 and data[-1:] == b"\0":
        data = data[:-1]
    try:
        return data.decode(encoding).lstrip("\ufeff").rstrip("\r")
    except UnicodeDecodeError:
        return None


def decode_as(data: bytes, said: Said) -> tuple[str, Encoding | None]:
    """The text of some bytes whose encoding was said; where they are not of it, what `decode` finds."""
    if said in {"gb18030", "gbk"}:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError:
            return decode(data)
        return text, None if data.isascii() else "gb18030"
    if said.startswith("utf-16"):
        encoding = (wide(data) if said == "utf-16" else said) or "utf-16-le"
        text_or_none = _narrow(data, encoding)  # type: ignore[arg-type]  # one of the two orders
        if text_or_none is not None:
            return text_or_none, encoding  # type: ignore[return-value]  # likewise
    return decode(data)


def decode(data: bytes, backslash: str = "\\") -> tuple[str, Encoding | None]:
    """The text of some bytes and how they were read, None for UTF-8.

    `backslash` is what spelled-out bytes begin with: two of them where the text is JSON.
    """
    # Latin letters of UTF-16 are valid UTF-8 with zeros between them.
    if b"\0" in data and (encoding := wide(data)) and (narrow := _narrow(data, encoding)) is not None:
        return narrow, encoding
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


def decode_lines(lines: Sequence[bytes], said: Said | None = None) -> tuple[list[str], dict[int, Encoding]]:
    """The texts of some lines, and by index how those were read that are not UTF-8; `said` is their encoding."""
    if said in {None, "utf-8"} and lines:
        whole = b"\n".join(lines)
        if b"\0" not in whole:
            with suppress(UnicodeDecodeError):
                whole_texts = whole.decode().split("\n")
                if len(whole_texts) == len(lines):  # a record may have several lines
                    return whole_texts, {}
    texts: list[str] = []
    encodings: dict[int, Encoding] = {}
    for index, line in enumerate(lines):
        text, encoding = decode(line) if said is None or said == "utf-8" else decode_as(line, said)
        texts.append(text)
        if encoding is not None:
            encodings[index] = encoding
    return texts, encodings
