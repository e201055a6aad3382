"""SMTP: what is said between mail servers; sensors.capture.protocols.smtp_mails makes one event of each mail.

RFC 5321 sections 4.1 (commands) and 4.2 (replies), RFC 3030 (BDAT), RFC 3207 (STARTTLS), RFC 4954 (AUTH), RFC 2033
(LMTP). Of what a client proves itself with only the method is kept. Replies that ask for more (334, 354) are passed
over, so that AUTH and DATA are told with how they ended.
"""

import re
from contextlib import suppress
from typing import Final

from sensors.capture.protocols import mail, smtp_mails
from sensors.capture.protocols.cursor import text
from sensors.capture.protocols.model import (
    Context,
    Fields,
    Message,
    NotThis,
    Protocol,
    Side,
    Sign,
)
from sensors.capture.protocols.replies import GREETINGS, LINES, LONGEST, SMTP_PORTS, greets, later, line, reply

_GOES_ON: Final = frozenset({334, 354})
_CODES: Final = frozenset({
    211, 214, 220, 221, 235, 250, 251, 252, 334, 354, 421, 432, 450, 451, 452, 454, 455, 458, 459, 500, 501, 502, 503,
    504, 521, 523, 524, 525, 530, 534, 535, 538, 541, 550, 551, 552, 553, 554, 555, 556, 557, 571,
})
"""Replies of servers, as IANA's registry of enhanced status codes names them; on ports of SMTP others are read too."""
_GREETS: Final = frozenset({"HELO", "EHLO", "LHLO"})
_PATHS: Final = {"MAIL": ("smtp.mailfrom", b"FROM:"), "RCPT": ("smtp.rcptto", b"TO:")}
_OTHERS: Final = frozenset({"DATA", "RSET", "NOOP", "QUIT", "STARTTLS", "HELP", "TURN", "ETRN"})
_ASKS_ABOUT: Final = frozenset({"VRFY", "EXPN"})
_CHUNK: Final = re.compile(rb"BDAT [0-9]+( LAST)?\r?", re.IGNORECASE)
_PATH: Final = re.compile(rb"\s*(?:<([^>]{0,512})>|([^\s<>]{1,512}))")


def _command(octets: bytes) -> Fields:
    first, _, chunk = octets.partition(b"\n")
    command, argument = line(first)
    fields: Fields = {"smtp.command": command}
    if command in _GREETS:
        fields["smtp.helo"] = text(argument, 2 * LONGEST)
    elif command in _PATHS:
        field, word = _PATHS[command]
        if argument[: len(word)].upper() != word:
            raise NotThis("no path")
        path = _PATH.match(argument, len(word))
        if path:
            told = text(path[1] if path[1] is not None else path[2])
            fields[field] = [told] if command == "RCPT" else told
    elif command == "AUTH":
        fields["smtp.auth_mechanism"] = text(argument.partition(b" ")[0], 32).upper()
    elif command == "BDAT":
        # What begins the first chunk is the mail's header.
        with suppress(NotThis):
            fields |= mail.describe(chunk)
    elif command in _ASKS_ABOUT:
        fields["smtp.argument"] = text(argument, LONGEST)
    elif command not in _OTHERS:
        raise NotThis("no command")
    return fields


def parse(octets: bytes, context: Context) -> Message:
    """Read a command, a reply, or the header of a mail.

    Raises:
        NotThis: it is none of these, or of another protocol with the same form of replies.
    """
    answer = reply(octets)
    if answer is not None:
        code, lines = answer
        ports = {context.sender_port, context.receiver_port}
        known = code in _CODES or not ports.isdisjoint(SMTP_PORTS)
        if code < 200 or not known or not greets(code, lines, context, SMTP_PORTS, ("SMTP", "MAIL", "TLS")):
            raise NotThis("not of SMTP")
        fields: Fields = {"smtp.reply_code": code, "event.outcome": "success" if code < 400 else "failure"}
        if lines:
            fields["smtp.reply"] = " ".join(lines)[:LONGEST]
        return Message(fields, Side.SILENT if code in _GOES_ON else Side.ANSWERS, said=lines)
    try:
        fields = _command(octets)
    except NotThis:
        return Message({"smtp.command": "DATA", **mail.describe(octets)}, Side.ASKS, said=smtp_mails.HEADER)
    said = None
    if fields["smtp.command"] == "BDAT":
        size = _CHUNK.fullmatch(octets.partition(b"\n")[0])
        said = smtp_mails.MALFORMED if size is None else smtp_mails.LAST if size[1] else None
    return Message(fields, Side.ASKS, said=said)


PROTOCOL: Final = Protocol(
    "smtp",
    (
        *GREETINGS,
        Sign(LINES, "45 48 4c 4f 20"), Sign(LINES, "48 45 4c 4f 20"), Sign(LINES, "4c 48 4c 4f 20"),
        Sign(LINES, "65 68 6c 6f 20"), Sign(LINES, "68 65 6c 6f 20"),
        *later(b"MAIL FROM:", b"RCPT TO:"),
        Sign(LINES, "", ports=SMTP_PORTS, least=4),
    ),
    parse, category=("network", "email"), gatherer=smtp_mails.Mails,
)
