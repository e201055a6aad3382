"""Addresses as octets: both versions, IPv4 in IPv6 clothes, and what is none."""

from ipaddress import ip_network

import pytest

from correlation.addresses import SPECIAL, packed


@pytest.mark.parametrize("text", ["", "1.2.3", "1.2.3.4.5", "a.example", "1.2.3.4\0", ":::", "1.2.3.4/8"])
def test_what_is_no_address_has_no_octets(text: str) -> None:
    assert packed(text) is None


def test_an_address_has_its_octets() -> None:
    assert packed("10.0.0.1") == b"\x0a\0\0\x01" == packed("::ffff:10.0.0.1")
    assert packed("::1") == b"\0" * 15 + b"\x01"


def test_special_networks_are_networks_and_do_not_overlap() -> None:
    networks = [ip_network(text) for text in SPECIAL]
    for place, one in enumerate(networks):
        assert not [other for other in networks[place + 1 :] if one.version == other.version and one.overlaps(other)]
