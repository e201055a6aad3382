from hypothesis import given
from hypothesis import strategies as st

from inventory.audits.checks.references import circular
from inventory.audits.landscape import Landscape
from inventory.audits.rules import rules
from inventory.model import Moment
from tests.inventory.audits.fakes import Given

RULE = next(one for one in rules()["contradictions"] if one.check == "circular")


@given(st.dictionaries(st.integers(0, 9), st.none() | st.integers(0, 9)))
def test_each_circle_is_told_once_whatever_leads_into_it(above: dict[int, int | None]) -> None:
    units = {
        str(one): {"code": f"U{one}", "parent": None if parent is None else str(parent)}
        for one, parent in above.items()
    }
    found = list(circular(Landscape(Given({"units": units}), Moment(0), "2026-09-30"), RULE))
    circles = set()
    for start, parent in above.items():
        seen, at = [start], parent
        while at is not None and at in above and at not in seen:
            seen.append(at)
            at = above[at]
        if at == start:
            circles.add(frozenset(seen))
    assert {frozenset(hit.subject.split()[1:]) for hit in found} == {frozenset(map(str, one)) for one in circles}
    assert len(found) == len(circles)
