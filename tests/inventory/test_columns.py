import pytest

from inventory.columns import PROBLEM_HEADINGS, columns, headings
from inventory.registers import registers
from inventory.sheets.headings import Vocabulary


@pytest.mark.parametrize("name", registers())
def test_a_heading_means_one_field_in_each_language(name: str) -> None:
    register = registers()[name]
    meant = Vocabulary(headings(register))
    for language in ("zh", "en"):
        assert [meant.key(one.heading) for one in columns(register, language)] == [one.key for one in register.fields]
    assert [meant.key(one) for one in PROBLEM_HEADINGS] == ["", ""]


def test_what_can_be_chosen_is_offered_in_the_language() -> None:
    by_heading = {one.heading: one for one in columns(registers()["units"], "zh")}
    assert by_heading["级别"].choices == ("市级", "区级", "其他")
    assert by_heading["已接入政务外网"].choices == ("是", "否")
    assert by_heading["单位编码 *"].choices == ()
