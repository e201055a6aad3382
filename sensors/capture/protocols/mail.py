"""The header of a mail: whom it says that it is from and to, when, and about what.

RFC 5322 sections 2.2 (header fields, folding) and 3.4 (addresses); RFC 2047 (words in other character sets).
"""

import binascii
import re
from collections.abc import Iterator
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

from sensors.capture.protocols.cursor import text
from sensors.capture.protocols.model import MOST_VALUES, Fields, NotThis

_LONGEST: Final = 2_048
"""How many octets of a field are read."""
_MOST_FIELDS: Final = 256
_KNOWN: Final = frozenset({
    "from", "to", "cc", "date", "subject", "message-id", "received", "return-path", "reply-to", "sender",
    "mime-version", "user-agent", "x-mailer", "in-reply-to", "references", "dkim-signature", "content-type",
})
_TELLING: Final = frozenset({"from", "date", "message-id", "received"})
"""Of these one stands in every mail; parts of a mail have headers too, without them."""

_WORD: Final = re.compile(rb"=\?([A-Za-z0-9_-]{1,40})(?:\*[A-Za-z0-9-]{1,20})?\?([bBqQ])\?([!->@-~]{0,1000})\?=")
_CHARSETS: Final = {
    **{name: name for name in (
        "utf-8", "big5", "gb18030", "iso-2022-jp", "shift_jis", "euc-jp", "euc-kr", "koi8-r", "koi8-u",
    )},
    **{f"iso-8859-{number}": f"iso-8859-{number}" for number in (*range(1, 12), *range(13, 17))},
    **{f"windows-{number}": f"cp{number}" for number in range(1_250, 1_259)},
    # Each contains the one before it.
    "us-ascii": "utf-8", "gb2312": "gb18030", "gbk": "gb18030", "hz-gb-2312": "hz",
}
"""Character sets that are decoded, and what decodes them; the names come from strangers, so the list is closed."""


def fields_of(octets: bytes) -> dict[str, list[bytes]]:
    """The values of a header by name in lower case, unfolded, up to the first blank line."""
    found: dict[str, list[bytearray]] = {}
    value = bytearray()
    for line in octets.split(b"\n", _MOST_FIELDS)[:_MOST_FIELDS]:
        told = line.removesuffix(b"\r")
        if not told:
            break
        if told[:1] in {b" ", b"\t"}:
            if len(value) < _LONGEST:
                value += b" " + told.strip()
            continue
        name, colon, rest = told.partition(b":")
        if not colon:
            break
        values = found.setdefault(name.rstrip().decode("ascii", "replace").lower(), [])
        value = bytearray(rest.strip())
        if len(values) < MOST_VALUES:
            values.append(value)
    return {name: [bytes(one)[:_LONGEST] for one in values] for name, values in found.items()}


def decoded(value: bytes) -> str:
    """A value as text, words in other character sets decoded; blanks between two such words are none."""
    parts: list[tuple[str, bytes]] = []
    at = 0
    for match in _WORD.finditer(value):
        charset = _CHARSETS.get(match[1].decode("ascii").lower())
        octets = _word(match[2], match[3]) if charset else None
        if octets is None or charset is None:
            continue
        between = value[at : match.start()]
        if between.strip() or not parts:
            parts.append(("", between))
        if parts[-1][0] == charset:
            # A character may begin in one word and end in the next.
            parts[-1] = (charset, parts[-1][1] + octets)
        else:
            parts.append((charset, octets))
        at = match.end()
    parts.append(("", value[at:]))
    return "".join(octets.decode(name, "replace") if name else text(octets, _LONGEST) for name, octets in parts)


def _word(encoding: bytes, octets: bytes) -> bytes | None:
    """The octets of an encoded word (RFC 2047 section 4); None where they are not properly encoded."""
    if encoding in b"qQ":
        return binascii.a2b_qp(octets, header=True)
    try:
        return binascii.a2b_base64(octets)
    except binascii.Error:
        return None


def mailboxes(value: str) -> Iterator[str]:
    """The parts of an address list, at commas that are neither quoted nor within an address or a comment."""
    begin, quoted, depth = 0, False, 0
    escaped = False
    for at, letter in enumerate(value):
        if escaped:
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif letter in "(<":
            depth += 1
        elif letter in ")>":
            depth = max(depth - 1, 0)
        elif letter in ",;" and not depth:
            yield value[begin:at].strip()
            begin = at + 1
    yield value[begin:].strip()


def address(mailbox: str) -> str:
    """The address of a mailbox, what stands in angle brackets or, without these, the whole; empty where it is none."""
    _, bracket, tail = mailbox.rpartition("<")
    found = tail.partition(">")[0].strip() if bracket else mailbox.partition("(")[0].strip()
    # A route or a group's name may stand before the address (RFC 5322 sections 3.4 and 4.4).
    found = found.rpartition(":")[2].strip()
    return found if "@" in found and not any(letter.isspace() for letter in found) else ""


def _moment(value: str) -> str | None:
    """A date (RFC 5322 section 3.3) as ISO 8601 in UTC; None where it is none."""
    try:
        return parsedate_to_datetime(value[:80]).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


_LISTS: Final = (("to", "email.to.address"), ("cc", "email.cc.address"), ("reply-to", "email.reply_to.address"))
_TEXTS: Final = (
    ("subject", "email.subject"), ("message-id", "email.message_id"), ("x-mailer", "email.x_mailer"),
    ("user-agent", "user_agent.original"), ("in-reply-to", "smtp.in_reply_to"), ("date", "smtp.date"),
)


def describe(octets: bytes) -> Fields:
    """The fields of a mail's header.

    Raises:
        NotThis: it is no header of a mail.
    """
    header = fields_of(octets)
    if len(_KNOWN & header.keys()) < 2 or not _TELLING & header.keys():
        raise NotThis("no header of a mail")
    fields: Fields = {}
    for name, field in (("from", "email.from.address"), ("sender", "email.sender.address"), *_LISTS):
        if name not in header:
            continue
        told = ", ".join(decoded(value) for value in header[name])
        boxes = [box for box in mailboxes(told) if box]
        found = list(dict.fromkeys(filter(None, map(address, boxes))))
        if found:
            fields[field] = found[0] if name == "sender" else found[:MOST_VALUES]
        if name in {"from", "to", "cc"} and boxes:
            fields[f"smtp.{name}"] = told[:512] if name == "from" else boxes[:MOST_VALUES]
        if len(boxes) > MOST_VALUES:
            fields["smtp.incomplete"] = True
    for name, field in _TEXTS:
        if header.get(name, [b""])[0]:
            told = decoded(header[name][0])
            fields[field] = told.strip("<>") if name in {"message-id", "in-reply-to"} else told
    moment = _moment(fields.get("smtp.date", ""))
    if moment:
        fields["email.origination_timestamp"] = moment
    if header.get("content-type"):
        fields["email.content_type"] = text(header["content-type"][0].partition(b";")[0].strip(), 128).lower()
    return fields
