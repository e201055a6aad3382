"""The choice of a reader: by the input's first bytes and lines, or by the name that somebody said.

Formats are asked in the registry's order. Lines are looked at 50 at most, none of them blank; the parsers bear some
broken ones among them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sensors.capture import reader as capture
from sensors.errors import FormatNotNamed, Place, UnknownFormat
from sensors.parser import LineParser
from sensors.parsers.encoding import Said
from sensors.parsers.locality import locality
from sensors.parsers.registry import declarations, line_parsers
from sensors.parsers.unknown import DATASET as UNKNOWN
from sensors.parsers.unknown import looks_like_text
from sensors.reading import breaking
from sensors.reading.evtx import EvtxReader
from sensors.reading.files import EVTX_MAGIC, unreadable
from sensors.reading.lines import LineReader
from sensors.reading.model import Reader

HEAD_LINES = 50
HEAD_BYTES = 256 << 10


@dataclass(frozen=True, slots=True)
class Format:
    """A format that can be said: its name and what it is, in English and Chinese."""

    name: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class _Binary:
    """A format that its first bytes tell."""

    format: Format
    recognises: Callable[[bytes], bool]
    reader: Callable[[], Reader]


def _is_evtx(head: bytes) -> bool:
    return head.startswith(EVTX_MAGIC)


# Files with a magic number of their own come first: nothing else begins so, and no line of theirs has to be looked for.
_BINARY: tuple[_Binary, ...] = (
    _Binary(
        Format("pcap", "Packet captures, pcap and pcapng", "抓包文件（pcap、pcapng）"),
        capture.recognises,
        capture.CaptureReader,
    ),
    _Binary(
        Format("windows.evtx", "Windows event log (EVTX)", "Windows 事件日志（EVTX）"), _is_evtx, EvtxReader
    ),
)

_LINES: Mapping[str, Format] = {
    entry.name: entry
    for entry in (
        Format("suricata.eve", "Suricata EVE, JSON lines", "Suricata EVE（JSON 行）"),
        Format("zeek.json", "Zeek logs as JSON lines", "Zeek 日志（JSON 行）"),
        Format("ecs.json", "JSON lines in the Elastic Common Schema", "符合 ECS 的 JSON 行"),
        Format("windows.xml", "Windows events as lines of XML", "Windows 事件（XML 行）"),
        Format("linux.auditd", "Linux audit, records joined to events", "Linux 审计日志（按事件合并记录）"),
        Format("zeek.tsv", "Zeek logs as tab-separated text", "Zeek 日志（制表符分隔）"),
        Format("web.access", "Access logs of nginx and Apache", "nginx、Apache 访问日志"),
        Format("syslog.rfc5424", "Syslog, RFC 5424", "Syslog（RFC 5424）"),
        Format("log.unknown", "Lines of no known format, grouped by template", "未知格式的文本行（按模板归类）"),
        Format("syslog.rfc3164", "Syslog, RFC 3164 and what devices make of it", "Syslog（RFC 3164 及设备变体）"),
    )
}


def formats() -> tuple[Format, ...]:
    """Every format that can be said, in the order in which inputs are offered to them."""
    declared = {one.name: Format(one.name, one.en, one.zh) for one in declarations()}
    known = {**declared, **_LINES}
    return tuple(binary.format for binary in _BINARY) + tuple(known[parser.name] for parser in line_parsers())


def reader_for(format_name: str, *, follow: bool = False) -> Reader:
    """The reader of a format that was said.

    Raises:
        FormatNotNamed: no format has this name.
    """
    for binary in _BINARY:
        if binary.format.name == format_name:
            return binary.reader()
    for parser in line_parsers():
        if parser.name == format_name:
            return LineReader(parser, follow=follow)
    raise FormatNotNamed(format=format_name, known=_names())


def detect(path: Path, *, name: str = "", follow: bool = False, named: bool = False) -> Reader:
    """The reader for a file, by what it begins with.

    `name` is that of its source where it is not the path. What somebody `named` is kept line by line even where no
    format recognises it, if it is text at all.

    Raises:
        UnreadableInput: the file cannot be opened or read.
        UnknownFormat: no format recognises it.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise unreadable(path, error) from error
    for binary in _BINARY:
        if binary.recognises(head):
            return binary.reader()
    said = locality(name or str(path)).encoding
    lines = first_lines(head, said)
    parser = recognised(lines) if lines else None
    if parser is None and named and looks_like_text(breaking.narrowed(head, said)):
        return reader_for(UNKNOWN, follow=follow)
    if parser is None:
        raise UnknownFormat(place=Place(str(path)), known=_names())
    return LineReader(parser, follow=follow)


def first_lines(head: bytes, said: Said | None = None) -> Sequence[bytes]:
    """Up to 50 lines that are not blank, without their ends; the last one only if it is whole or alone."""
    return breaking.first_lines(head, said, HEAD_LINES, cut=len(head) >= HEAD_BYTES)


def recognised(lines: Sequence[bytes]) -> LineParser | None:
    """The first parser of the registry that takes these lines for its own."""
    return next((parser for parser in line_parsers() if parser.recognises(lines)), None)


def _names() -> list[str]:
    return [entry.name for entry in formats()]
