"""Addresses that no probe connects to."""

import pytest

from inventory.probing.refusing import refused


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "169.254.169.254", "0.0.0.0", "224.0.0.1", "100.64.0.1", "::1", "::", "fe80::1", "fd00::1", "ff02::1",
     "::ffff:127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "2001:db8::1", "nobody", "", "10.0.0.1"],
)  # fmt: skip
def test_ourselves_and_what_is_special(address: str) -> None:
    assert refused(address)


@pytest.mark.parametrize("address", ["202.103.24.80", "240e:3a1:100::80", "2400:3200::1"])
def test_what_the_internet_has(address: str) -> None:
    assert not refused(address)


def test_private_networks_only_where_a_person_says_so() -> None:
    assert not refused("10.0.0.1", private=True)
    assert not refused("172.31.0.1", private=True)
    assert refused("127.0.0.1", private=True)
    assert refused("fd00::1", private=True)
