import pytest

from inventory.sheets.headings import Vocabulary, find_headings, folded, meanings
from inventory.sheets.merging import Merged, range_of
from inventory.sheets.model import Record
from sensors.errors import Place
from tests.inventory.sheets.making import ALIASES

WORDS = Vocabulary(ALIASES)


@pytest.mark.parametrize(
    "heading", ["ＩＰ 地址*", "IP地址（必填）", " ip\u200b地\n址 ", "Ip-地址：", "*IP地址", "IP地址(必填，文本)"]
)
def test_spelling_makes_no_difference(heading: str) -> None:
    assert folded(heading) == "ip地址"


def test_an_alias_that_means_two_things_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="means"):
        Vocabulary({"名称": "name", "名 称": "id"})


def found(rows: dict[int, list[str]], *merged: str) -> tuple[int, tuple[str, ...]] | None:
    records = [Record(number, texts) for number, texts in rows.items()]
    one = find_headings(records, Merged(there for text in merged if (there := range_of(text))), WORDS)
    return one and (one.number, one.headings)


def test_headings_stand_below_titles() -> None:
    assert found({1: ["某区资产台账"], 2: ["单位：", "合成单位"], 4: ["名称", "编号", ""], 5: ["甲", "1"]}) == (
        4,
        ("名称", "编号"),
    )


def test_headings_of_two_rows_are_put_together() -> None:
    rows = {1: ["名称", "基本信息", "", "备注"], 2: ["", "编号", "启用日期", ""], 3: ["甲"]}
    assert found(rows, "A1:A2", "B1:C1", "D1:D2") == (2, ("名称", "编号", "启用日期", "备注"))


def test_one_known_heading_is_enough_where_there_are_no_more() -> None:
    assert found({1: ["some", "words"], 2: ["Name", "other", "more"], 3: ["x"]}) == (2, ("Name", "other", "more"))
    assert found({1: ["some", "words"]}) is None
    assert found({}) is None


def test_columns_that_are_unknown_misspelt_or_twice_are_told_and_left_out() -> None:
    keys, problems = meanings(("名称", "启用曰期", "Name", "", "zzz", "问题"), WORDS, Place("x.csv", 3))
    assert keys == ("name", None, None, None, None, None)
    assert [(one.code, one.place and one.place.column, one.parameters.get("nearest")) for one in problems] == [
        ("sheet-heading-misspelt", 2, "启用日期"),
        ("sheet-heading-twice", 3, None),
        ("sheet-heading-unknown", 5, None),
    ]
