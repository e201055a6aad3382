from importlib.resources import files
from pathlib import Path

import pytest

from inventory.indicators.errors import WeightsUnusable
from inventory.indicators.weights import load_weights
from tests.inventory.indicators.cities import indicator

OWN = (files("inventory.indicators") / "evaluation.yml").read_text(encoding="utf-8")


def test_the_products_weights_are_a_proposal_and_say_so() -> None:
    found = load_weights()
    assert not found.verified
    assert found.weight(indicator(6)) == 2 * found.weight(indicator(1))


def test_a_site_says_its_own(tmp_path: Path) -> None:
    file = tmp_path / "weights.yml"
    file.write_text(OWN.replace("single: {}", "single: {1: 7}").replace("verified: false", "verified: true"))
    found = load_weights(file)
    assert (found.weight(indicator(1)), found.verified) == (7, True)
    assert found.digest != load_weights().digest


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        ("stale: 25", "stale: 125", "stale"),
        ("no-digest: 5", "no-digest: -1", "doubts.no-digest"),
        ("no-digest: 5, ", "", "weights, doubts"),
        ("expected: 1", "expected: -1", "weights"),
        ("expected: 1", "expects: 1", "weights, doubts"),
        ("version: 1", "vision: 1", "vision"),
        ("stale: 25", "stale: old", "stale"),
        ("version: 1", "- 1", None),
    ],
)
def test_weights_that_make_no_sense_are_refused_with_their_place(
    tmp_path: Path, before: str, after: str, field: str | None
) -> None:
    file = tmp_path / "weights.yml"
    assert before in OWN
    file.write_text(OWN.replace(before, after))
    with pytest.raises(WeightsUnusable) as refused:
        load_weights(file)
    assert refused.value.place is not None
    assert refused.value.place.field == field


def test_a_file_that_is_not_there_or_too_large_is_told(tmp_path: Path) -> None:
    with pytest.raises(WeightsUnusable):
        load_weights(tmp_path / "nothing.yml")
    large = tmp_path / "large.yml"
    large.write_bytes(b"#" * 200_000)
    with pytest.raises(WeightsUnusable):
        load_weights(large)
