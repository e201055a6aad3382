"""Every rule finds what it is for and leaves alone what is as it asks: registers of each kind are data beside this."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from inventory.audits.rules import rules
from inventory.audits.service import Asked, audited
from inventory.days import end_of
from inventory.model import EVER, Batch, Change, Moment
from inventory.registers import registers
from tests.inventory.audits.conftest import City
from tests.inventory.filling import Filled

CASES: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[2] / "data" / "inventory" / "audits" / "cases.yml").read_text(encoding="utf-8")
)
DAY = "2026-09-30"
RULES = sorted({rule.id for some in rules().values() for rule in some})


def test_every_rule_has_a_case_and_every_case_a_rule() -> None:
    assert sorted(CASES) == RULES


@pytest.mark.parametrize("id_", RULES)
def test_a_rule_finds_what_it_is_for_and_nothing_else(id_: str, city: City) -> None:
    case = CASES[id_]
    failing = city(case["fails"])
    for step in case.get("then", ()):
        _do(failing, step)
    found = _found(failing, id_)
    wanted = case["finds"]
    if isinstance(wanted, int):
        assert len(found) == wanted
    else:
        assert sorted(found) == sorted(wanted)
    assert _found(city(case["passes"]), id_) == []


def _found(filled: Filled, id_: str) -> Sequence[str]:
    audit, _, check = id_.partition(".")
    found = audited(filled.inventory, Asked((audit,), DAY, Moment(end_of(DAY) - 1)))
    return [one.key for one in found.findings if one.check == check]


def _do(filled: Filled, step: Mapping[str, Any]) -> None:
    """What an import would refuse: a record goes while others refer to it, a parent becomes a child."""
    name = step["register"]
    ids = {one.values["code"]: one.id for one in filled.inventory.records(registers()[name], Moment(filled.now))}
    if step.get("gone"):
        change = Change(ids[step["key"]], valid_from=EVER, gone=True)
    else:
        change = Change(ids[step["key"]], {field: ids[to] for field, to in step["set"].items()})
    filled.now += 1
    filled.inventory.write(Batch(filled.now, "tests", "a slip"), {name: [change]})
