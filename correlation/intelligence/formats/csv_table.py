"""Tables of indicators: CSV (RFC 4180) with headings in English or Chinese, in UTF-8, UTF-16 or GB18030.

Commas, semicolons and tabs may separate. A table without headings is a list: the value first, then its kind, if it says
one. Lines that begin with `#` are comments, as in most lists of the Internet.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from correlation.intelligence.errors import FeedUnreadable, IndicatorUnusable
from correlation.intelligence.formats.values import confidence_of, moment_of, text_of
from correlation.intelligence.model import KINDS, Assumed, Indicator, Kind, Portion, marking_of
from correlation.intelligence.normalising import normalised
from sensors.errors import Place, Problem

ROWS: Final = 10_000
"""Rows of a portion."""
LONGEST_LINE: Final = 1 << 16

HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "value": ("value", "indicator", "ioc", "ioc_value", "指标", "指标值", "值", "失陷指标", "情报值", "ioc值"),
    "kind": ("type", "kind", "ioc_type", "indicator_type", "类型", "指标类型", "情报类型"),
    "confidence": ("confidence", "score", "confidence_level", "置信度", "可信度"),
    "valid_from": ("valid_from", "生效时间", "有效期开始"),
    "valid_until": ("valid_until", "expires", "expiration", "失效时间", "过期时间", "有效期至"),
    "first_seen": ("first_seen", "first_seen_utc", "首次发现", "首次发现时间"),
    "last_seen": ("last_seen", "last_seen_utc", "last_online", "最近发现", "最近发现时间", "最后发现时间"),
    "provider": ("provider", "source", "feed", "来源", "情报来源", "提供方"),
    "tags": ("tags", "labels", "标签"),
    "name": ("name", "threat", "malware", "malware_printable", "名称", "威胁名称", "恶意家族"),
    "description": ("description", "comment", "描述", "说明", "备注"),
    "marking": ("tlp", "marking", "共享级别", "密级"),
    "id": ("id", "uuid", "编号"),
}
"""What a column may be called; spelling in capitals, blanks and hyphens make no difference."""
_NAMES: Final = {spelling: name for name, spellings in HEADINGS.items() for spelling in spellings}
KIND_NAMES: Final[Mapping[str, Kind]] = {
    **{kind: kind for kind in KINDS},
    "ipv4": "ip", "ipv6": "ip", "ipv4-addr": "ip", "ipv6-addr": "ip", "ip-dst": "ip", "ip-src": "ip", "地址": "ip",
    "ip地址": "ip", "cidr": "network", "网段": "network", "hostname": "domain", "domain-name": "domain",
    "fqdn": "domain", "域名": "domain", "主机名": "domain", "uri": "url", "网址": "url", "链接": "url",
    "md5": "hash", "sha1": "hash", "sha256": "hash", "sha-1": "hash", "sha-256": "hash",
    "md5_hash": "hash", "sha256_hash": "hash", "filehash": "hash", "文件哈希": "hash", "哈希": "hash",
    "ja3-fingerprint-md5": "ja3", "ja3指纹": "ja3", "ja4指纹": "ja4",
}  # fmt: skip
"""What a kind may be called."""


def read_table(path: Path, assumed: Assumed) -> Iterator[Portion]:
    """The indicators of a table, in portions.

    Raises:
        FeedUnreadable: the file cannot be opened, or is neither UTF-8, UTF-16 nor GB18030.
    """
    try:
        with path.open("rb") as opened:
            encoding = _encoding(opened.read(1 << 16))
        with path.open(encoding=encoding, newline="") as lines:
            yield from _portions(lines, str(path), assumed)
    except (OSError, UnicodeError) as error:
        raise FeedUnreadable(place=Place(str(path)), reason=str(error)) from error


def table_portions(data: bytes, origin: str, assumed: Assumed) -> Iterator[Portion]:
    """The indicators of a table that is in memory.

    Raises:
        FeedUnreadable: it is neither UTF-8, UTF-16 nor GB18030.
    """
    try:
        lines = io.TextIOWrapper(io.BytesIO(data), encoding=_encoding(data[: 1 << 16]), newline="")
        yield from _portions(lines, origin, assumed)
    except UnicodeError as error:
        raise FeedUnreadable(place=Place(origin), reason=str(error)) from error


def _encoding(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for cut in range(4):
        # The head may end within a character.
        try:
            head[: len(head) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return "utf-8-sig"
    return "gb18030"


def _portions(lines: io.TextIOBase, origin: str, assumed: Assumed) -> Iterator[Portion]:
    names: Sequence[str] | None = None
    indicators: list[Indicator] = []
    problems: list[Problem] = []
    separator = ""
    for number, line in _bounded(lines):
        if line is None:
            problems.append(IndicatorUnusable(place=Place(origin, number), value="", reason="line-too-long"))
            continue
        text = line.strip().strip("\0")
        if not text or text.startswith("#"):
            continue
        # A list may begin with lines of one cell, which do not say what separates.
        separator = separator or next((one for one in "\t;," if one in text), "")
        cells = next(csv.reader([text], delimiter=separator or ",", skipinitialspace=True), [])
        if names is None:
            known = [_NAMES.get(_spelled(cell), "") for cell in cells]
            names = known if "value" in known else ("value", "kind")
            if "value" in known:
                continue
        try:
            indicators.append(_indicator(dict(zip(names, cells, strict=False)), assumed))
        except IndicatorUnusable as problem:
            problem.place = Place(origin, number)
            problems.append(problem)
        if len(indicators) + len(problems) >= ROWS:
            yield Portion(tuple(indicators), tuple(problems))
            indicators, problems = [], []
    yield Portion(tuple(indicators), tuple(problems))


def _bounded(lines: io.TextIOBase) -> Iterator[tuple[int, str | None]]:
    """Lines with their numbers; None for one that is too long, of which no more is kept in memory than fits."""
    number = 0
    while line := lines.readline(LONGEST_LINE):
        number += 1
        long = len(line) == LONGEST_LINE and not line.endswith("\n")
        while long and line and not line.endswith("\n"):
            line = lines.readline(LONGEST_LINE)
        yield number, None if long else line


def _indicator(said: Mapping[str, str], assumed: Assumed) -> Indicator:
    kind = KIND_NAMES.get(said.get("kind", "").strip().lower())
    found, value = normalised(said.get("value", ""), kind)
    seen = moment_of(said.get("last_seen")), moment_of(said.get("valid_from")), moment_of(said.get("first_seen"))
    return Indicator(
        kind=found,
        value=value,
        provider=assumed.provider_of(text_of(said.get("provider"), 100)),
        confidence=confidence_of(said.get("confidence"), assumed),
        seen=next((moment for moment in seen if moment is not None), assumed.now),
        valid_from=moment_of(said.get("valid_from")),
        valid_until=moment_of(said.get("valid_until")),
        first_seen=moment_of(said.get("first_seen")),
        last_seen=moment_of(said.get("last_seen")),
        tags=tuple(filter(None, (text_of(tag, 100) for tag in said.get("tags", "").replace(";", "|").split("|"))))[:50],
        name=text_of(said.get("name"), 200),
        description=text_of(said.get("description")),
        marking=marking_of(said.get("marking", "")),
        id=text_of(said.get("id"), 200),
    )


def _spelled(heading: str) -> str:
    return heading.strip().lower().replace(" ", "_").replace("-", "_")
