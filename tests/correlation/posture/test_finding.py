import pytest

from correlation.posture.errors import ScopeUnknown
from correlation.posture.finding import standing_of
from tests.correlation.posture.making import cell, posture

FOUND = posture([cell("A", "office"), cell("office", "u/v")], tenants=(("t", True),))


@pytest.mark.parametrize("said", ["city", "city/city", "district/A", "A", "unit/u/v", "u/v", "t", "district/office"])
def test_a_scope_is_found_by_what_people_call_it(said: str) -> None:
    assert standing_of(FOUND, said).scope.name == said.removeprefix("district/").removeprefix("unit/").removeprefix("city/")


@pytest.mark.parametrize(("said", "near"), [("office", "district/office, unit/office"), ("district/B", "A"), ("offic", "office")])
def test_what_is_not_there_or_called_so_twice_is_told(said: str, near: str) -> None:
    with pytest.raises(ScopeUnknown) as unknown:
        standing_of(FOUND, said)
    assert near in str(unknown.value.parameters["known"])
