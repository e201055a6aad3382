from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlation.incidents.errors import ChangeRefused
from correlation.incidents.log import STATES, Change, What, broken, entry, folded, moved, taken_back, text

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("state"), st.sampled_from(STATES)),
        st.tuples(st.just("assign"), st.sampled_from(["", "li", "wang"])),
        st.tuples(st.just("note"), st.just("seen")),
        st.tuples(st.just("undo"), st.just("")),
    ),
    max_size=20,
)


def _after(log: list[Change], what: str, said: str) -> dict[str, Any]:
    if what == "state":
        return moved(folded(log), said, "resolved" if said == "closed" else "")
    if what == "undo":
        return taken_back(log)
    return {"assignee" if what == "assign" else "note": said}


def _written(steps: list[tuple[What, str]]) -> list[Change]:
    log: list[Change] = []
    for what, said in steps:
        try:
            after = _after(log, what, said)
        except ChangeRefused:
            continue
        log.append(entry(folded(log), "i", len(log), "li", what, after, log[-1].digest if log else ""))
    return log


@given(STEPS)
def test_undoing_everything_leads_back_to_the_beginning(steps: list[tuple[What, str]]) -> None:
    log = _written(steps)
    while True:
        try:
            after = taken_back(log)
        except ChangeRefused:
            break
        log.append(entry(folded(log), "i", 0, "li", "undo", after, log[-1].digest))
    now = folded(log)
    assert (now.state, now.outcome, now.assignee) == ("new", "", "")
    assert now.version == len(log)
    assert broken(log) is None


@given(STEPS.filter(bool), st.data())
def test_what_was_changed_or_taken_out_afterwards_is_noticed(
    steps: list[tuple[What, str]], data: st.DataObject
) -> None:
    log = _written(steps)
    if not log:
        return
    place = data.draw(st.integers(0, len(log) - 1))
    forged = [*log]
    forged[place] = replace(log[place], who="nobody")
    assert broken(forged) == place + 1
    if place < len(log) - 1:
        assert broken(log[:place] + log[place + 1 :]) == place + 1


@pytest.mark.parametrize(
    ("state", "outcome", "reason"),
    [
        ("lost", "", "state-unknown"),
        ("new", "", "state-same"),
        ("closed", "", "outcome-missing"),
        ("closed", "boring", "outcome-missing"),
        ("contained", "resolved", "outcome-open"),
    ],
)
def test_a_state_that_cannot_be_is_refused(state: str, outcome: str, reason: str) -> None:
    with pytest.raises(ChangeRefused) as refused:
        moved(folded([]), state, outcome)
    assert refused.value.parameters["reason"] == reason


def test_a_text_is_neither_empty_nor_endless() -> None:
    assert text(" seen ") == "seen"
    for said in ("  ", "x" * 5_000):
        with pytest.raises(ChangeRefused):
            text(said)
