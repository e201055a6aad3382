from pathlib import Path

import pytest

from correlation.intelligence.errors import FeedUnreadable
from correlation.intelligence.formats.csv_table import LONGEST_LINE, read_table
from correlation.intelligence.model import Indicator
from sensors.event.times import from_iso
from tests.correlation.intelligence.making import ASSUMED, JA3
from tests.correlation.matcher.making import NOON

CHINESE = (
    "指标,类型,置信度,最近发现,失效时间,标签,威胁名称,共享级别,来源\n"
    "恶意.example,域名,高,2025/11/30 08:00:00,2026-01-01,木马|远控,合成木马,TLP:AMBER,合成情报\n"
)


def read(path: Path, data: bytes) -> tuple[list[Indicator], list[str]]:
    path.write_bytes(data)
    portions = list(read_table(path, ASSUMED))
    problems = [problem for portion in portions for problem in portion.problems]
    return (
        [one for portion in portions for one in portion.indicators],
        [f"{problem.place and problem.place.line} {problem.parameters['reason']}" for problem in problems],
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_table_with_chinese_headings(tmp_path: Path, encoding: str) -> None:
    (one,), problems = read(tmp_path / "synthetic.csv", CHINESE.encode(encoding))
    assert problems == []
    assert (one.kind, one.value, one.provider, one.confidence) == ("domain", "xn--5bu4m.example", "合成情报", 85)
    assert (one.seen, one.valid_until) == (from_iso("2025-11-30T08:00:00Z"), from_iso("2026-01-01"))
    assert (one.tags, one.name, one.marking) == (("木马", "远控"), "合成木马", "AMBER")


def test_a_list_without_headings_and_with_comments(tmp_path: Path) -> None:
    text = f"# synthetic list\n45.9.148.3\r\nevil.example;domain\n\n{JA3};ja3\nnonsense\n"
    found, problems = read(tmp_path / "list.txt", text.encode())
    assert [one.kind for one in found] == ["ip", "domain", "ja3"]
    assert {(one.provider, one.confidence, one.seen) for one in found} == {("synthetic", 75, NOON)}
    assert problems == ["6 indicator-kind-unknown"]


def test_hostile_lines_are_told_and_the_rest_is_read(tmp_path: Path) -> None:
    lines = [
        b"value,confidence,name", b'"unended,1,x', b"a" * (3 * LONGEST_LINE), b"evil.example,-5,x\x00\x1b[31my",
        b"\0\0\0", b"good.example,99999999999999999999,z", b",,,,,,,", b"c.example,101%,",
    ]  # fmt: skip
    found, problems = read(tmp_path / "hostile.csv", b"\n".join(lines))
    assert [(one.value, one.confidence) for one in found] == [
        ("evil.example", 75),
        ("good.example", 75),
        ("c.example", 100),
    ]
    assert found[0].name == "x  [31my"
    assert [text.split()[0] for text in problems] == ["2", "3", "7"]


def test_what_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(FeedUnreadable):
        list(read_table(tmp_path / "none.csv", ASSUMED))
    with pytest.raises(FeedUnreadable):
        read(tmp_path / "binary.csv", b"\xff\xfe\x00\xd8\x00")
