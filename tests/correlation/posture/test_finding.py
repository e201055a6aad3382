import pytest

from correlation.posture.errors import ScopeUnknown
from correlation.posture.finding import standing_of
from tests.correlation.posture.making import cell, posture

FOUND = posture([cell("A", "office"), cell("office", "u/v")], tenants=(("t", True),))


@pytest.mark.parametrize(
    ("said", "scope"),
    [
        ("city", "city/city"), ("city/city", "city/city"), ("district/A", "district/A"), ("A", "district/A"),
        ("unit/u/v", "unit/u/v"), ("u/v", "unit/u/v"), ("t", "tenant/t"), ("district/office", "district/office"),
    ],
)  # fmt: skip
def test_a_scope_is_found_by_what_people_call_it(said: str, scope: str) -> None:
    assert str(standing_of(FOUND, said).scope) == scope


@pytest.mark.parametrize(
    ("said", "near"), [("office", "district/office, unit/office"), ("district/B", "A"), ("offic", "office")]
)
def test_what_is_not_there_or_called_so_twice_is_told(said: str, near: str) -> None:
    with pytest.raises(ScopeUnknown) as unknown:
        standing_of(FOUND, said)
    assert near in str(unknown.value.parameters["known"])
