"""What the pack says of itself: one entry for each rule, and the page docs/rules.md made from them.

Sigma leaves room for keys of one's own; ours all lie below `hanwatch`: `title_zh`, `situation_zh`, `evidence` (or
`verified: false` where nobody has shown any yet) and, where a site must put in its own addresses, `adapt`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from correlation.rules.logsources import routes
from correlation.rules.model import LogSource

ROOMS: Mapping[str, str] = {
    "extranet": "E-government extranet 政务外网",
    "cloud": "City cloud 武汉云",
    "industrial": "Industrial and sensing networks 关键信息基础设施（工业控制、物联感知）",
}
"""The folders in the order of the page, with their headings."""

HEAD = """\
# The rule pack 规则包

Written by `python -m correlation.pack`; do not edit. {count} rules, each for one situation, each with a sample that it
fires on and a near miss that it leaves alone (beside the rule, in `correlation/pack`; all samples are synthetic).
What each of them fires on where there is nothing to be found is [counted](false-positives.md).

Inside are RFC 1918, RFC 4193 and 59.192.0.0/10, in which the extranet's wide area is commonly numbered; everything
else is outside. **Adapt** names the selection into which a site puts its own addresses; until then the rule judges by
that plan. Where the evidence is *unverified*, nobody has shown the situation by a document or a real record yet.

A rule's own keys all lie below `hanwatch`: `title_zh` and `situation_zh`; `evidence`, a list of documents, clauses and
real records, or `verified: false`; and `adapt`. To write one: put `name.yml` into its room, `name/fires.*` and
`name/silent.*` beside it, in any format that the sensors read, and run the tests in `tests/correlation/pack`.

规则以 RFC 1918、RFC 4193 与 59.192.0.0/10 为内部地址，其余为外部地址。“Adapt”一栏为需按本地地址规划修改的选择项；
证据为“unverified”的，尚无文件或真实记录佐证。所有样本均为合成数据。
"""
COLUMNS = ("Rule 规则", "Situation 情形", "Datasets 数据集", "Level", "ATT&CK", "Evidence 证据", "Adapt 适配")


@dataclass(frozen=True, slots=True)
class Entry:
    """One rule of the pack as its file says it; `room` is its folder, `name` the file's name without its ending."""

    room: str
    name: str
    title: str
    title_zh: str
    situation_zh: str
    level: str
    techniques: tuple[str, ...]
    datasets: tuple[str, ...]
    evidence: tuple[str, ...]
    adapt: str

    def __post_init__(self) -> None:
        if not (self.title_zh and self.situation_zh):
            raise ValueError(f"{self.room}/{self.name}: a rule of the pack says its title and situation in Chinese")


def entries(folder: Path | None = None) -> list[Entry]:
    """Every rule of the pack, by room and name; `folder` is another pack of the same form."""
    pack = folder or Path(str(files("correlation") / "pack"))
    return [_entry(room, path) for room in ROOMS for path in sorted((pack / room).glob("*.yml"))]


CORRELATED = "correlated"
"""The folder of correlations: each file holds one, named like it, with rules that it alone looks at."""
EVERYDAY = "everyday.yml"
"""The file there with rules that several of them look at."""
CORRELATED_HEAD = """\
## Correlations 关联规则: {count}

What single events cannot show: each looks at what other rules find within a span of time, and speaks for them
([what they mean](correlations.md)). Samples stand beside them as for rules. On public logs and captures that are no
attacks none of them fires ([how many events that were](conformance.md)).
"""
CORRELATED_COLUMNS = (
    "Correlation 关联规则", "Situation 情形", "Type", "By", "Within", "Level", "ATT&CK", "Evidence 证据",
)  # fmt: skip


def correlations(folder: Path | None = None) -> list[tuple[str, ...]]:
    """The rows of the pack's correlations, by the name of their file."""
    pack = folder or Path(str(files("correlation") / "pack"))
    return [_correlation(path) for path in sorted((pack / CORRELATED).glob("*.yml")) if path.name != EVERYDAY]


def _correlation(path: Path) -> tuple[str, ...]:
    documents = yaml.safe_load_all(path.read_text(encoding="utf-8"))
    (said,) = (one for one in documents if "correlation" in one and one["name"] == path.stem)
    own, body = said["hanwatch"], said["correlation"]
    tags = [str(tag).removeprefix("attack.").upper() for tag in said["tags"]]
    return (
        f"[{said['title']}](../correlation/pack/{CORRELATED}/{path.name}) {own['title_zh']}",
        own["situation_zh"],
        body["type"],
        ", ".join(body["group-by"]),
        body["timespan"],
        said["level"],
        ", ".join(tag for tag in tags if tag[:1] == "T" and tag[1:2].isdigit()),
        "; ".join(own.get("evidence", ())) or "*unverified*",
    )


def page(rules: Iterable[Entry], correlated: Iterable[tuple[str, ...]] = ()) -> str:
    """The text of docs/rules.md."""
    listed = list(rules)
    parts = [HEAD.format(count=len(listed))]
    for room, heading in ROOMS.items():
        lines = [_line(rule) for rule in listed if rule.room == room]
        table = [_row(COLUMNS), _row("---" for _ in COLUMNS), *lines]
        parts.append("\n".join([f"## {heading}: {len(lines)}", "", *table, ""]))
    rows = [_row(cells) for cells in correlated]
    if rows:
        table = [_row(CORRELATED_COLUMNS), _row("---" for _ in CORRELATED_COLUMNS), *rows]
        parts.append("\n".join([CORRELATED_HEAD.format(count=len(rows)), *table, ""]))
    return "\n".join(parts)


def _entry(room: str, path: Path) -> Entry:
    rule: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    own = rule["hanwatch"]
    tags = [str(tag).removeprefix("attack.") for tag in rule["tags"] if str(tag).startswith("attack.t")]
    return Entry(
        room=room,
        name=path.stem,
        title=rule["title"],
        title_zh=own["title_zh"],
        situation_zh=own["situation_zh"],
        level=rule["level"],
        techniques=tuple(tag.upper() for tag in tags if tag[1:2].isdigit()),
        datasets=_datasets(rule["logsource"]),
        evidence=tuple(own.get("evidence", ())),
        adapt=own.get("adapt", ""),
    )


def _datasets(source: Mapping[str, str]) -> tuple[str, ...]:
    asked = LogSource(source.get("product"), source.get("category"), source.get("service"))
    found = dict.fromkeys(route.dataset for route in routes(asked))
    return (source["definition"],) if "*" in found else tuple(name for name in found if not _covered(name, found))


def _covered(name: str, found: Iterable[str]) -> bool:
    """Whether a dataset is only the family below one that is named as well: `zeek.modbus.*` below `zeek.modbus`."""
    return name.endswith(".*") and name.removesuffix(".*") in found


def _line(rule: Entry) -> str:
    return _row((
        f"[{rule.title}](../correlation/pack/{rule.room}/{rule.name}.yml) {rule.title_zh}",
        rule.situation_zh,
        ", ".join(rule.datasets),
        rule.level,
        ", ".join(rule.techniques),
        "; ".join(rule.evidence) or "*unverified*",
        rule.adapt,
    ))


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
