"""Every field that the product sets, as data: one YAML file for each family, read here.

The stores take their types from this table, the documentation page is made from it, and a test holds every parser
to it. A name that ends in `.*` declares what a source may add below a prefix: kept and searchable as keywords, never
part of a growing mapping.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, get_args

import yaml

from sensors.event.model import ECS_VERSION

FieldType: TypeAlias = Literal["keyword", "text", "long", "double", "boolean", "ip", "date", "object"]
"""ECS types: `text` is searched by words, `keyword` as a whole; `object` is kept as JSON and searched by its leaves."""

FAMILIES = (
    "base", "network", "protocols", "internet", "industrial", "office", "local", "netflow", "windows", "web", "syslog",
    "logs", "suricata", "zeek", "threat", "ecs", "context",
)
"""The files beside this module, in the order of the documentation page."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its dotted name (or prefix with `.*`), its type, and what it means in English and Chinese."""

    name: str
    type: FieldType
    family: str
    en: str
    zh: str

    def __post_init__(self) -> None:
        if self.type not in get_args(FieldType):
            raise ValueError(f"{self.name}: no such field type: {self.type}")
        if not self.en or not self.zh:
            raise ValueError(f"{self.name}: a field is described in English and Chinese")

TITLES: Mapping[str, str] = {
    "base": "Every event, and what any dataset may set · 各数据集通用",
    "network": "network.*: flows, DNS, TLS and HTTP of captures · 抓包所得的流、DNS、TLS、HTTP",
    "protocols": "network.*: further protocols of captures · 抓包所得的其他协议",
    "internet": "network.*: QUIC, SMTP, FTP and MQTT of captures · 抓包所得的 QUIC、SMTP、FTP、MQTT",
    "industrial": "network.*: industrial protocols of captures · 抓包所得的工业控制协议",
    "office": "network.*: protocols of Windows networks in captures · 抓包所得的 Windows 网络协议",
    "local": "network.*: protocols of the local network and its management · 局域网与网管协议",
    "netflow": "netflow.flow: NetFlow v5, v9 and IPFIX · 网络流导出",
    "windows": "windows.*: Windows event logs · Windows 事件日志",
    "web": "web.access: access logs · 访问日志",
    "syslog": "system.syslog: RFC 3164 and RFC 5424 · 系统日志",
    "logs": "Declared formats: systems, firewalls, servers · 声明式格式：系统、防火墙、服务器日志",
    "suricata": "suricata.*: EVE of Suricata · Suricata EVE",
    "zeek": "zeek.*: logs of Zeek · Zeek 日志",
    "threat": "Indicators of compromise in any event · 各类事件中命中的威胁情报指标",
    "ecs": "JSON lines that are ECS already · 已符合 ECS 的 JSON 行",
    "context": "Context of addresses and hosts, added before matching · 匹配前补充的地址与主机上下文",
}
"""What the documentation page calls each family."""


@cache
def fields() -> Mapping[str, Field]:
    """All declared fields by name; a name stands in one family only."""
    table: dict[str, Field] = {}
    for family in FAMILIES:
        text = (files(__package__) / f"{family}.yml").read_text(encoding="utf-8")
        entries: list[dict[str, Any]] = yaml.safe_load(text) or []
        for entry in entries:
            if entry["name"] in table:
                raise ValueError(f"{entry['name']} is declared in {table[entry['name']].family} and in {family}")
            table[entry["name"]] = Field(**entry, family=family)
    return MappingProxyType(table)


def declared(name: str) -> Field | None:
    """The declaration that a field falls under: its own, or that of a prefix above it; None where there is none."""
    table = fields()
    found = table.get(name)
    above = name
    while found is None and "." in above:
        above = above.rpartition(".")[0]
        found = table.get(f"{above}.*")
    return found


def field_type(name: str) -> FieldType:
    """The type of a field; what is not declared is a keyword."""
    found = fields().get(name)
    return found.type if found else "keyword"

_INTRODUCTION = """\
Written by `python -m sensors.event.fields`; do not edit. Events follow ECS {version}; what ECS has no name for stays
below the vendor's name, `winlog` or `hanwatch`. A name that ends in `.*` stands for whatever a source adds below it:
kept and searchable as keywords, never part of a growing mapping.

Five fields say what an event is and where it comes from. `@timestamp` is **event time**, by the source's own clock;
`event.created` is **receipt time**; `hanwatch.source.id` is the **source**, for a file its fingerprint
(`log.file.path` is what it was called); `event.sequence` is the **position**, the number of the line, record or packet;
and `event.id` is derived from source, place and content, so that **the same input gives the same id** and is stored
once ([decision 0007](decisions/0007-identity.md)).

每个事件遵循 ECS {version}；事件时间、接收时间、来源、位置与确定性标识见下表首节。"""


def page() -> str:
    """The documentation page of all fields, in Markdown."""
    lines = ["# Events and their fields · 事件与字段", "", *_INTRODUCTION.format(version=ECS_VERSION).splitlines()]
    for family in FAMILIES:
        lines += ["", f"## {TITLES[family]}", "", "| field | type | meaning | 含义 |", "| --- | --- | --- | --- |"]
        lines += [
            f"| `{field.name}` | {field.type} | {_cell(field.en)} | {_cell(field.zh)} |"
            for field in fields().values()
            if field.family == family
        ]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
