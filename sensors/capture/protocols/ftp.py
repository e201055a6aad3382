"""FTP: each command of the control connection with its reply, and where its data connections lead.

RFC 959 sections 4.1 (commands) and 4.2 (replies), RFC 2228 (AUTH and protection), RFC 2389 (FEAT, OPTS), RFC 2428
(EPRT, EPSV), RFC 3659 (MLST, SIZE, MDTM). Names are those of Zeek's ftp.log. Passwords are never kept. Replies that
announce another one (1yz) are passed over, so that a transfer is told with how it ended.
"""

import ipaddress
import re
from typing import Final

from sensors.capture.protocols.cursor import text
from sensors.capture.protocols.model import Context, Fields, Message, NotThis, Protocol, Side, Sign
from sensors.capture.protocols.replies import FTP_PORTS, GREETINGS, LINES, LONGEST, greets, later, line, reply

_COMMANDS: Final = frozenset({
    "USER", "PASS", "ACCT", "CWD", "CDUP", "SMNT", "QUIT", "REIN", "PORT", "PASV", "TYPE", "STRU", "MODE", "RETR",
    "STOR", "STOU", "APPE", "ALLO", "REST", "RNFR", "RNTO", "ABOR", "DELE", "RMD", "MKD", "PWD", "LIST", "NLST",
    "SITE", "SYST", "STAT", "HELP", "NOOP", "AUTH", "ADAT", "PBSZ", "PROT", "CCC", "MIC", "CONF", "ENC", "FEAT",
    "OPTS", "LANG", "EPRT", "EPSV", "MDTM", "MFMT", "MFCT", "SIZE", "MLST", "MLSD", "XMKD", "XRMD", "XPWD", "XCWD",
    "XCUP", "CLNT", "HOST",
})
_SECRET: Final = frozenset({"PASS", "ACCT", "ADAT", "MIC", "CONF", "ENC"})
_FILES: Final = frozenset({"RETR", "STOR", "STOU", "APPE", "DELE", "RNFR", "RNTO", "SIZE", "MDTM"})
_SIX: Final = re.compile(r"(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3})")
_EXTENDED: Final = re.compile(r"\(([!-~])\1\1(\d{1,5})\1\)")


def _channel(address: str | None, port: int, *, passive: bool) -> Fields:
    if not 0 < port < 1 << 16:
        return {}
    fields: Fields = {"ftp.data_channel.passive": passive, "ftp.data_channel.resp_p": port}
    if address is not None:
        fields["ftp.data_channel.resp_h"] = address
    return fields


def _six(told: str, *, passive: bool) -> Fields:
    """Address and port as six numbers (RFC 959 section 4.1.2, DATA PORT)."""
    match = _SIX.search(told)
    numbers = [int(number) for number in match.groups()] if match else []
    if not numbers or max(numbers) > 255:
        return {}
    return _channel(".".join(map(str, numbers[:4])), numbers[4] << 8 | numbers[5], passive=passive)


def _eprt(told: str) -> Fields:
    """Address and port between delimiters (RFC 2428 section 2)."""
    parts = told[1:].split(told[:1]) if told else []
    if len(parts) < 3 or not parts[2].isdecimal() or len(parts[2]) > 5:
        return {}
    try:
        return _channel(str(ipaddress.ip_address(parts[1])), int(parts[2]), passive=False)
    except ValueError:
        return {}


def parse(octets: bytes, context: Context) -> Message:
    """Read a command or a reply.

    Raises:
        NotThis: it is neither, or of another protocol with the same form of replies.
    """
    answer = reply(octets)
    if answer is not None:
        code, lines = answer
        if not greets(code, lines, context, FTP_PORTS, ("FTP",)):
            raise NotThis("not of FTP")
        fields: Fields = {"ftp.reply_code": code, "event.outcome": "success" if code < 400 else "failure"}
        if lines:
            fields["ftp.reply_msg"] = " ".join(lines)[:LONGEST]
        if code == 227:
            fields |= _six(" ".join(lines), passive=True)
        elif code == 229 and (match := _EXTENDED.search(" ".join(lines))):
            fields |= _channel(None, int(match[2]), passive=True)
        return Message(fields, Side.SILENT if code < 200 else Side.ANSWERS)
    command, argument = line(octets)
    if command not in _COMMANDS:
        raise NotThis("no command")
    fields = {"ftp.command": command}
    told = text(argument, LONGEST)
    if told and command not in _SECRET:
        fields["ftp.arg"] = told
        if command == "USER":
            fields["user.name"] = told
        elif command in _FILES:
            fields["file.path"] = told
        elif command == "PORT":
            fields |= _six(told, passive=False)
        elif command == "EPRT":
            fields |= _eprt(told)
    return Message(fields, Side.ASKS)


PROTOCOL: Final = Protocol(
    "ftp",
    (
        *GREETINGS,
        *later(b"PASV\r\n", b"EPSV\r\n", b"TYPE I\r\n", b"TYPE A\r\n", b"227 Entering", b"229 Entering"),
        Sign(LINES, "", ports=FTP_PORTS, least=4),
    ),
    parse,
)
