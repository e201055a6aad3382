"""The profiles that come with the product."""

import pytest

from inventory.ipv6.checks.registry import CHECKS
from inventory.ipv6.profiles import profiles


def test_they_say_whose_they_are() -> None:
    assert list(profiles()) == ["cac-like", "internet.nl", "usgv6"]
    assert [one.verified for one in profiles().values()] == [False, True, True]
    assert "Own weights" in profiles()["cac-like"].source


@pytest.mark.parametrize("name", ["cac-like", "internet.nl"])
def test_weights_are_a_hundred(name: str) -> None:
    assert sum(profiles()[name].weight(check.id) for check in CHECKS) == pytest.approx(100)
    assert profiles()[name].weight("Z9") == 0


def test_they_name_checks_that_there_are() -> None:
    known = {check.id for check in CHECKS}
    for one in profiles().values():
        named = {*one.points, *one.caps, *(check for checks in one.categories.values() for check in checks)}
        named |= {check for states in one.services.values() for state in states for check in state.when}
        assert named <= known
