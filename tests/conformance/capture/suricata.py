"""suricata-verify's checks read as questions about our events.

A check counts the EVE events that have certain values. Each of its keys is looked up in `FIELDS`: what our event of
that kind says in its place, as the texts that EVE may write for it. Keys that number packets and transactions, or tell
the form of EVE itself, are left out (`UNASKED`).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from sensors.capture.reader import CaptureReader
from sensors.event.model import Source
from sensors.reading.model import Position
from tests.conformance.places import PACKETS

TESTS = PACKETS / "suricata-verify" / "tests"
Event = Mapping[str, Any]
Says = Callable[[Event], Iterable[Any]]
Ask = Callable[[Mapping[str, Any]], Mapping[str, Any] | None]

KINDS = {"flow": "network.flow", "dns": "network.dns", "tls": "network.tls", "http": "network.http"}
"""EVE's kinds of events and our datasets."""
UNASKED = frozenset({"event_type", "pcap_cnt", "tx_id", "dns.tx_id", "dns.version", "dns.qr", "pkt_src"})
USUAL = ("-k none", "--set stream.midstream=true", "--set stream.midstream=yes", "--runmode=single", "--no-random")
"""Arguments under which Suricata reads what anybody would: no shortage is simulated, nothing is switched off."""
CONFIGURED = ("bug-8205", "cond-log", "community-id", "exception-policy", "app-layer-protocol", "dns-reversed")
"""Tests of Suricata's own settings: what it logs, when it gives up, a seed, which rules decide a protocol."""
OTHERS = ("http2", "doh2", "pop3", "ike", "nfs", "dcerpc")
"""Protocols that are none of ours yet."""


@dataclass(frozen=True)
class Case:
    """One check: its name, the capture, how many events of which kind have which values."""

    name: str
    capture: Path
    kind: str
    values: Mapping[str, Any]
    count: int


def cases(
    kinds: Mapping[str, str] | None = None, says: Callable[[str], Says | None] | None = None, ask: Ask | None = None,
) -> Iterator[Case]:
    """Every check about these kinds whose keys all have a field of ours, on a capture read as usual.

    Args:
        kinds: EVE's kinds of events and our datasets.
        says: what our events say under a key; None: nothing.
        ask: what of a check's filter is asked; None: it asks for something that we have no field for.
    """
    kinds, ask = kinds or KINDS, ask or partial(_asked, says or said)
    for name, capture, test in captured():
        if name.startswith((*CONFIGURED, *OTHERS)) or not _is_usual(test.get("args") or []):
            continue
        for number, check in enumerate(test.get("checks") or []):
            asked = (check or {}).get("filter") or {}
            kind = (asked.get("match") or {}).get("event_type")
            if kind not in kinds or not isinstance(asked.get("count"), int):
                continue
            values = ask(asked)
            if values is not None:
                yield Case(f"{name}#{number}", capture, kinds[kind], values, asked["count"])


def _asked(says: Callable[[str], Says | None], check: Mapping[str, Any]) -> Mapping[str, Any] | None:
    values = {key: value for key, value in check["match"].items() if key not in UNASKED}
    if str(values.get("app_proto")).startswith(OTHERS) or not all(says(key) for key in values):
        return None
    return values


def captured() -> Iterator[tuple[str, Path, Mapping[str, Any]]]:
    """Every test that has one capture: its name, the capture, and what it says."""
    for file in sorted(TESTS.rglob("test.yaml")):
        try:
            test = yaml.safe_load(file.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError):
            continue
        capture = _capture(file.parent, test)
        if capture is not None:
            yield str(file.parent.relative_to(TESTS)), capture, test


def _capture(folder: Path, test: Mapping[str, Any]) -> Path | None:
    if "pcap" in test:
        named = folder / str(test["pcap"])
        return named.resolve() if named.is_file() else None
    found = sorted(path for path in folder.iterdir() if path.suffix in {".pcap", ".pcapng"})
    return found[0] if len(found) == 1 else None


def _is_usual(arguments: Iterable[str]) -> bool:
    return all(argument.strip() in USUAL for argument in arguments)


def events(capture: Path) -> list[dict[str, Any]]:
    """Our events of a capture, as flat documents."""
    return [
        row
        for portion in CaptureReader().portions(capture, Source("00" * 16, "capture", ""), Position(), 0)
        for batch in portion.batches
        for row in batch.rows()
    ]


def found(
    case: Case,
    ours: Iterable[Event],
    says: Callable[[str], Says | None] | None = None,
    halves: Callable[[Event], Iterator[Event]] | None = None,
) -> int:
    """How many of our events the check would count; `halves` are what EVE writes for one of our events."""
    halves = halves or _halves
    mine = (half for event in ours if event["event.dataset"] == case.kind for half in halves(event))
    return sum(fits(case.values, event, says) for event in mine)


def fits(values: Mapping[str, Any], event: Event, says: Callable[[str], Says | None] | None = None) -> bool:
    """Whether an event has all these values, by what events `says` under a key (`said` where none is given)."""
    says = says or said
    if all(_agrees(key, value, event, says) for key, value in values.items()):
        return True
    # EVE gives some events the direction of the packet that ended them.
    turned = {_TURNED.get(key, key): value for key, value in values.items()}
    return event["event.dataset"] != "network.flow" and all(
        _agrees(key, value, event, says) for key, value in turned.items()
    )


_TURNED = {"src_ip": "dest_ip", "dest_ip": "src_ip", "src_port": "dest_port", "dest_port": "src_port"}


def _agrees(key: str, value: Any, event: Event, says: Callable[[str], Says | None]) -> bool:
    ours = says(key)
    assert ours is not None
    if key in {"tls.subject", "tls.issuerdn"}:
        value = _name(value)
    return any(_text(one) == _text(value) for one in ours(event))


def _text(value: Any) -> str:
    return str(value).lower()


def said(key: str) -> Says | None:
    """What our events say where EVE has this key; None where they say nothing."""
    if key in FIELDS:
        return FIELDS[key]
    return next((make(*match.groups()) for pattern, make in _LISTS if (match := re.fullmatch(pattern, key))), None)


def field(name: str) -> Says:
    return lambda event: (event[name],) if event.get(name) is not None else ()


def _flag(name: str, letter: str) -> Says:
    return lambda event: (letter in (event.get(name) or ""),)


def _either_flag(letter: str) -> Says:
    names = ("hanwatch.tcp.flags.source", "hanwatch.tcp.flags.destination")
    return lambda event: (True,) if any(letter in (event.get(name) or "") for name in names) else ()


def _flag_octet(*names: str) -> Says:
    def says(event: Event) -> Iterable[str]:
        octet = 0
        for name in names:
            octet |= sum(1 << "FSRPAUEC".index(letter) for letter in event.get(name) or "")
        return (f"{octet:02x}",)

    return says


def _header_flag(letters: str) -> Says:
    return lambda event: (letters in (event.get("dns.header_flags") or ()),)


def _halves(event: Event) -> Iterator[Event]:
    """What EVE writes for one of our events: a query and its answer are two of them."""
    if event["event.dataset"] != "network.dns":
        yield event
        return
    if event["dns.type"] == "query" or "event.duration" in event:
        yield {**event, "half": ("query", "request")}
    if event["dns.type"] == "answer":
        yield {**event, "half": ("answer", "response")}


def _answer(number: str, part: str) -> Says:
    name = {"rrname": "name", "rrtype": "type", "ttl": "ttl", "rdata": "data"}[part]

    def says(event: Event) -> Iterable[Any]:
        answers = event.get("dns.answers") or ()
        if int(number) < len(answers):
            yield answers[int(number)].get(name)

    return says


def _grouped(kind: str, number: str) -> Says:
    def says(event: Event) -> Iterable[Any]:
        answers = [answer["data"] for answer in event.get("dns.answers") or () if answer.get("type") == kind]
        return answers[int(number) : int(number) + 1]

    return says


def item(name: str, number: str) -> Says:
    return lambda event: (event.get(name) or ())[int(number) : int(number) + 1]


_PROTOCOLS = {"ipv6-icmp": "icmpv6"}


def _transport(event: Event) -> Iterable[str]:
    transport = event.get("network.transport", "")
    return transport, _PROTOCOLS.get(transport, ""), transport.upper()


def _tls_version(event: Event) -> Iterable[str]:
    version = event.get("tls.version")
    if version is None:
        return ("UNDETERMINED",)
    if event.get("tls.version_protocol") == "ssl":
        return (f"SSLv{version.removesuffix('.0')}",)
    # EVE tells the drafts of 1.3 apart, ECS has one version for them.
    drafts = [f"TLS 1.3 draft-{number}" for number in (*range(14, 29), "<16")] if version == "1.3" else []
    return f"TLS {version}", f"TLSv{version}", f"TLSv{version.removesuffix('.0')}", *drafts


def _serial(event: Event) -> Iterable[str]:
    serial = event.get("tls.server.x509.serial_number")
    return () if serial is None else [
        ":".join(text[at : at + 2] for at in range(0, len(text), 2)) for text in (serial, f"00{serial}")
    ]


def _date(name: str) -> Says:
    return lambda event: (str(event[name])[:19],) if event.get(name) else ()


def _protocol(event: Event) -> Iterable[str]:
    protocol = event.get("network.protocol")
    return ("failed", "unknown") if protocol is None else (protocol,)


def _http_version(event: Event) -> Iterable[str]:
    return (f"HTTP/{event['http.version']}",) if event.get("http.version") else ()


@dataclass(frozen=True)
class _Name:
    """A distinguished name, whose parts are written in this order or that."""

    parts: frozenset[str]

    def __str__(self) -> str:
        return "\n".join(sorted(self.parts))


def _name(text: str) -> _Name:
    return _Name(frozenset(part.strip().replace("\\", "") for part in re.split(r",\s*(?=[A-Za-z0-9.]+=)", text)))


def _distinguished(name: str) -> Says:
    return lambda event: (_name(str(event[name])),) if event.get(name) else ()


FIELDS: dict[str, Says] = {
    "src_ip": field("source.ip"), "dest_ip": field("destination.ip"),
    "src_port": field("source.port"), "dest_port": field("destination.port"),
    "proto": _transport, "community_id": field("network.community_id"), "app_proto": _protocol,
    "ip_v": lambda event: (str(event.get("network.type", ""))[-1:],),
    "flow.pkts_toserver": field("source.packets"), "flow.pkts_toclient": field("destination.packets"),
    "flow.bytes_toserver": field("source.bytes"), "flow.bytes_toclient": field("destination.bytes"),
    "tcp.syn": _either_flag("S"), "tcp.fin": _either_flag("F"), "tcp.rst": _either_flag("R"),
    "tcp.psh": _either_flag("P"), "tcp.ack": _either_flag("A"),
    "tcp.tcp_flags_ts": _flag_octet("hanwatch.tcp.flags.source"),
    "tcp.tcp_flags_tc": _flag_octet("hanwatch.tcp.flags.destination"),
    "tcp.tcp_flags": _flag_octet("hanwatch.tcp.flags.source", "hanwatch.tcp.flags.destination"),
    "icmp_type": field("hanwatch.icmp.type"), "icmp_code": field("hanwatch.icmp.code"),
    "dns.type": lambda event: event["half"], "dns.id": field("dns.id"), "dns.rrname": field("dns.question.name"),
    "dns.rrtype": field("dns.question.type"), "dns.rcode": field("dns.response_code"),
    "dns.queries[0].rrname": field("dns.question.name"), "dns.queries[0].rrtype": field("dns.question.type"),
    "dns.rd": _header_flag("RD"), "dns.ra": _header_flag("RA"), "dns.aa": _header_flag("AA"),
    "dns.tc": _header_flag("TC"),
    "tls.version": _tls_version, "tls.sni": field("tls.client.server_name"),
    "tls.subject": _distinguished("tls.server.subject"), "tls.issuerdn": _distinguished("tls.server.issuer"),
    "tls.notbefore": _date("tls.server.not_before"), "tls.notafter": _date("tls.server.not_after"),
    "tls.serial": _serial, "tls.ja3.hash": field("tls.client.ja3"), "tls.ja3s.hash": field("tls.server.ja3s"),
    "tls.ja4": field("tls.client.ja4"), "tls.session_resumed": field("tls.resumed"),
    "http.status": field("http.response.status_code"), "http.url": field("url.original"),
    "http.http_method": field("http.request.method"), "http.protocol": _http_version,
    "http.hostname": lambda event: (event.get("url.domain"), f"[{event.get('url.domain')}]"),
    "http.http_user_agent": field("user_agent.original"),
    "http.http_content_type": field("http.response.mime_type"), "http.http_refer": field("http.request.referrer"),
}
_LISTS: tuple[tuple[str, Callable[..., Says]], ...] = (
    (r"dns\.answers\[(\d+)\]\.(rrname|rrtype|ttl|rdata)", _answer),
    (r"dns\.grouped\.(A|AAAA|CNAME|NS|PTR|MX|TXT)\[(\d+)\]", _grouped),
    (r"tls\.subjectaltname\[(\d+)\]", lambda number: item("tls.server.x509.alternative_names", number)),
    (r"tls\.client_alpns\[(\d+)\]", lambda number: item("hanwatch.tls.client.alpn", number)),
)
"""Keys with a number: the n-th of a list."""
