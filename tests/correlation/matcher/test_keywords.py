"""Keywords in any value of any column."""

from typing import Any

import pytest

from correlation.matcher import keywords as module
from correlation.matcher.keywords import Keywords
from correlation.matcher.table import BatchTable
from correlation.rules.condition import Contains, Glob, Leaf, Regex, Wild
from tests.correlation.matcher.making import make_batch

ATOMS: dict[int, Leaf] = {
    2: Contains(None, "evil"),
    3: Glob(None, (Wild.MANY, "a", Wild.ONE, "c", Wild.MANY)),
    4: Contains(None, "É", cased=True),
}
ROWS: list[dict[str, Any]] = [
    {"x": "an EVIL thing", "y": 1, "z": None},
    {"x": "nothing", "y": 2, "z": {"deep": ["xabcx", 5]}},
    {"x": "é", "y": 3, "z": ["É"]},
    {"x": "", "y": 4, "z": []},
]


def sets(atoms: dict[int, Leaf], rows: list[dict[str, Any]], constants: dict[str, Any]) -> Any:
    return Keywords(atoms).sets(BatchTable(make_batch(rows, constants=constants), timed=False))


def test_by_row() -> None:
    assert sets(ATOMS, ROWS, {}) == [{2}, {3}, {4}, set()]


def test_without_literals_every_value_is_matched() -> None:
    assert sets({**ATOMS, 5: Regex(None, "^4$")}, ROWS, {}) == [{2}, {3}, {4}, {5}]


def test_constants_count_but_not_what_we_say_of_the_event() -> None:
    assert sets(ATOMS, ROWS[3:], {"event.category": ["evil"], "event.module": "evil", "process.name": "evil.exe"}) == [
        {2}
    ]
    assert sets(ATOMS, ROWS[3:], {"event.category": ["evil"]}) is None


def test_nothing_is_said_in_one_word() -> None:
    assert sets(ATOMS, ROWS[3:], {}) is None


def test_what_was_clean_is_remembered_only_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_CHARACTERS", 64)
    found = Keywords(ATOMS)
    for round_ in range(20):
        rows = [{"x": f"clean {round_ % 3}"}, {"x": "evil" if round_ % 2 else "ev"}]
        hits = found.sets(BatchTable(make_batch(rows), timed=False))
        assert hits == ([set(), {2}] if round_ % 2 else None)
