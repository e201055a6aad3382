"""Every case of the shared conformance file, through the matcher in both of its modes, and through the oracle."""

from typing import Any

import pytest
import yaml

from correlation.matcher.engine import Matcher
from tests.conformance.places import SIGMA
from tests.correlation.matcher.making import make_batch, make_rule, rule_document
from tests.correlation.matcher.oracle import Event, checks, read

pytestmark = pytest.mark.conformance

FILE = SIGMA / "conformance.yml"
CASES: list[dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8")) if FILE.exists() else []
SPOKEN = [case for case in CASES if case["match"] is not None]


def test_the_file_is_there() -> None:
    assert len(CASES) >= 45


@pytest.mark.parametrize("case", SPOKEN, ids=lambda case: case["name"])
def test_documents(case: dict[str, Any]) -> None:
    rule = make_rule(yaml.safe_load(case["detection"]), case["name"])
    assert bool(Matcher([rule], mapping=False).match_document(case["event"])) == case["match"], case["why"]


@pytest.mark.parametrize("case", SPOKEN, ids=lambda case: case["name"])
def test_batches(case: dict[str, Any]) -> None:
    rule = make_rule(yaml.safe_load(case["detection"]), case["name"])
    batch = make_batch([case["event"], case["event"]])
    assert [match.row for match in Matcher([rule]).match(batch)] == [0, 1] * case["match"], case["why"]


@pytest.mark.parametrize("case", SPOKEN, ids=lambda case: case["name"])
def test_constants(case: dict[str, Any]) -> None:
    rule = make_rule(yaml.safe_load(case["detection"]), case["name"])
    batch = make_batch([{"unrelated": 7}], constants=case["event"])
    assert bool(Matcher([rule]).match(batch)) == case["match"], case["why"]


@pytest.mark.parametrize("case", SPOKEN, ids=lambda case: case["name"])
def test_oracle(case: dict[str, Any]) -> None:
    sigma = read(rule_document(yaml.safe_load(case["detection"])))
    assert checks(sigma)(Event(case["event"])) == case["match"], case["why"]
