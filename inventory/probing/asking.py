"""Asking one name server one question, and following aliases as far as they lead.

Specification: RFC 1035; EDNS (RFC 6891) with 1,232 octets, so that nothing is fragmented; RFC 7766 for TCP. Answers
with another id, question or sender are not ours: they are passed over until the time is up.
"""

import time
from typing import Final

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from inventory.probing.model import Limits, Lookup, Told, Transport
from sensors.event.times import SECOND, Clock

_PAYLOAD: Final = 1_232
ALIASES: Final = 8
"""Names that aliases may lead through."""
RECORDS: Final = 64
RAW: Final = 2_000
"""Records of an answer, and characters of it as evidence, that are kept."""


def ask(  # noqa: PLR0913 - what a question is made of
    server: str, name: str, kind: str, transport: Transport, *, recursive: bool, limits: Limits, clock: Clock
) -> Lookup:
    """What a server tells of a name; aliases whose end it does not tell are asked for at the same server."""
    at, begun = clock(), time.monotonic()
    until = begun + limits.dns_seconds
    asked = name
    chain: list[str] = []
    told: Told = "loop"
    found: tuple[str, ...] = ()
    message: dns.message.Message | None = None
    detail, authentic = "", True
    while len(chain) <= ALIASES:
        try:
            question = _question(asked, kind, recursive=recursive)
            message = _exchanged(question, server, transport, max(0.01, until - time.monotonic()))
        except dns.exception.Timeout:
            told, detail = "timeout", "timeout"
            break
        except dns.exception.DNSException as error:
            told, detail = "malformed", _words(error)
            break
        except (OSError, EOFError, ValueError) as error:
            # A server that closes the connection early is EOFError.
            told, detail = "unreachable", _words(error)
            break
        authentic = authentic and bool(message.flags & dns.flags.AD)
        told, detail, found, passed = _read(message, kind)
        chain += [name for name in passed if name not in chain]
        if told != "none" or not passed or passed[-1] == asked:
            break
        if len(set(passed)) < len(passed) or passed[-1] in {name, *chain[:-1]}:
            told = "loop"
            break
        # The server knows the alias but not what it stands for.
        asked, told = passed[-1], "loop"
    return Lookup(
        name=name,
        type=kind,
        server=server,
        transport=transport,
        at=at,
        took=int((time.monotonic() - begun) * SECOND),
        told=told,
        records=found,
        chain=tuple(chain[: ALIASES + 1]),
        detail=detail,
        authoritative=bool(message and message.flags & dns.flags.AA),
        authentic=authentic and message is not None,
        raw=_text(message),
    )


def place_of(server: str) -> tuple[str, int]:
    """Address and port of a server that is written `address` or `address#port`.

    Raises:
        ValueError: the port is none.
    """
    address, _, port = server.partition("#")
    return address, int(port or 53)


def _question(name: str, kind: str, *, recursive: bool) -> dns.message.QueryMessage:
    question = dns.message.make_query(name, kind, use_edns=0, payload=_PAYLOAD)
    question.flags = dns.flags.RD | dns.flags.AD if recursive else dns.flags.Flag(0)
    return question


def _exchanged(
    question: dns.message.QueryMessage, server: str, transport: Transport, seconds: float
) -> dns.message.Message:
    address, port = place_of(server)
    if transport == "udp":
        try:
            return dns.query.udp(
                question, address, seconds, port, ignore_unexpected=True, ignore_errors=True, raise_on_truncation=True
            )
        except dns.message.Truncated:
            pass
    return dns.query.tcp(question, address, seconds, port)


def _read(message: dns.message.Message, kind: str) -> tuple[Told, str, tuple[str, ...], list[str]]:
    """What an answer tells: how it ended, its response code, its records, and the names that aliases led through."""
    code = message.rcode()
    detail = dns.rcode.to_text(code)
    if not message.question:
        return "malformed", detail, (), []
    wanted = dns.rdatatype.from_text(kind)
    answers = {(one.name, one.rdtype): one for one in message.answer[:256] if one.rdclass == dns.rdataclass.IN}
    name = message.question[0].name
    passed: list[str] = []
    while (name, wanted) not in answers and (name, dns.rdatatype.CNAME) in answers and wanted != dns.rdatatype.CNAME:
        name = _target(answers[name, dns.rdatatype.CNAME])
        text = _spelled(name)
        if text in passed or len(passed) > ALIASES:
            return "loop", detail, (), [*passed, text]
        passed.append(text)
    rrset = answers.get((name, wanted))
    if rrset is not None:
        return "found", detail, tuple(sorted(one.to_text()[:RAW] for one in list(rrset)[:RECORDS])), passed
    if code == dns.rcode.NXDOMAIN:
        return "no-name", detail, (), passed
    return ("none" if code == dns.rcode.NOERROR else "error"), detail, (), passed


def _target(alias: dns.rrset.RRset) -> dns.name.Name:
    target = next(iter(alias)).target
    assert isinstance(target, dns.name.Name)
    return target


def _spelled(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()


def _text(message: dns.message.Message | None) -> str:
    if message is None:
        return ""
    lines = [one.to_text() for section in (message.answer, message.authority) for one in section[:RECORDS]]
    return "\n".join(lines)[:RAW]


def _words(error: Exception) -> str:
    return (str(getattr(error, "strerror", "") or error) or type(error).__name__)[:200]
