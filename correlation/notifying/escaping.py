"""Values from logs are hostile: what becomes of them in each form, so that they can only ever be read.

Every value goes through one of these, whatever a template does with it. None of the robots' dialects of Markdown has a
documented escape that holds in all of them; signs of full width look alike in Chinese text and mean nothing in any.
"""

from html import escape
from typing import Final
from unicodedata import category

MOST_VALUE: Final = 300
ELLIPSIS: Final = "…"
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Controls, marks that turn the order of letters around, halves of characters, what is not assigned, ends of lines."""
_MEANT: Final = r"\`*_{}[]()<>#~|!&" + '"'
_WIDE: Final = str.maketrans({sign: chr(ord(sign) + 0xFEE0) for sign in _MEANT})


class Link(str):
    """An address of our own, made from the settings: robots may show it as a link."""

    __slots__ = ()


def one_line(value: object, most: int = MOST_VALUE) -> str:
    """A value as one line of visible characters, bounded."""
    text = "" if value is None else str(value)
    if text.isprintable():
        # Nearly every value: what Python calls printable is what is not hidden, and blanks but the usual one.
        return cut(" ".join(text[: 4 * most].split()), most)
    # What is cut off need not be looked at; most of what is looked at stays.
    seen = "".join(" " if category(sign) in _HIDDEN else sign for sign in text[: 4 * most])
    return cut(" ".join(seen.split()), most)


def cut(text: str, most: int) -> str:
    """The beginning of a text, with a mark where something was cut off."""
    return text if len(text) <= most else text[: most - 1] + ELLIPSIS


def html(value: object) -> str:
    """A value for HTML, in text or in an attribute with quotes."""
    return escape(one_line(value, 2_000 if isinstance(value, Link) else MOST_VALUE), quote=True)


def markdown(value: object) -> str:
    """A value for a robot's Markdown: no sign has a meaning, no address is a link."""
    if isinstance(value, Link):
        return str(value)
    return one_line(value).translate(_WIDE).replace("://", "：//")


def cef_header(value: object) -> str:
    r"""A value for a field of CEF's header, in which `\` and `|` are escaped."""
    return one_line(value).replace("\\", "\\\\").replace("|", "\\|")


def cef_value(value: object, most: int = 1_023) -> str:
    r"""A value for CEF's extension, in which `\` and `=` are escaped; it has no lines of its own."""
    return one_line(value, most).replace("\\", "\\\\").replace("=", "\\=")


def fit(text: str, most: int, mark: str) -> str:
    """The beginning of a text, at most so many bytes of UTF-8: whole lines while there are any, then the mark."""
    if len(text.encode()) <= most:
        return text
    room = most - len(mark.encode()) - 1
    lines, size = [], 0
    for line in text.splitlines():
        size += len(line.encode()) + 1
        if size > room:
            break
        lines.append(line)
    kept = "\n".join(lines).rstrip()
    if not kept:
        kept = text.encode()[: max(room, 0)].decode("utf-8", "ignore").rstrip()
    return f"{kept}\n{mark}" if kept else mark
