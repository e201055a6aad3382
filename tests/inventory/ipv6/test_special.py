"""IANA's registry as data."""

from ipaddress import IPv6Address, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.ipv6.special import registry


@pytest.mark.parametrize(
    ("address", "block"),
    [
        ("::1", "Loopback"), ("::ffff:202.103.24.80", "IPv4-mapped"), ("2002::1", "6to4"), ("2001::1", "TEREDO"),
        ("2001:db8::1", "Documentation"), ("3fff:fff::1", "Documentation"), ("fd00::1", "Unique-Local"),
        ("fe80::1", "Link-Local"), ("64:ff9b::1", "Translation"), ("64:ff9b:1::1", "Translation"),
        ("2001:2::1", "Benchmarking"), ("2001:1ff::1", "IETF Protocol"), ("2001:20::1", "ORCHIDv2"),
        ("5f00::1", "SRv6"), ("100::1", "Discard"), ("ff02::1", "not in 2000::/3"), ("::5", "not in"),
        ("nobody", "not an IPv6"), ("", "not an"),
    ],
)  # fmt: skip
def test_where_no_site_stands(address: str, block: str) -> None:
    assert block in registry().why_not(address)


@pytest.mark.parametrize("address", ["240e::1", "2400:3200::1", "2001:200::1", "2001:4:112::1", "2409::1", "4000::1"])
def test_where_a_site_may_stand(address: str) -> None:
    assert (registry().why_not(address) == "") == (not address.startswith("4000"))


@given(st.integers(0, 2**128 - 1))
def test_outside_of_the_allocated_part_nothing_is_usable(number: int) -> None:
    address = IPv6Address(number)
    if address not in IPv6Network("2000::/3"):
        assert not registry().usable(str(address))


def test_ipv4_is_none_of_its_business() -> None:
    assert registry().usable("127.0.0.1")
