from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlation.context.addresses import address_of, ends_of, is_public, range_of, text_of
from correlation.context.model import Address, Range


@given(st.ip_addresses())
def test_addresses_are_read_and_written_as_python_does(address: object) -> None:
    version, number = ip_address(str(address)).version, int(ip_address(str(address)))
    found = address_of(str(address))
    if version == 6 and number >> 32 == 0xFFFF:
        assert found == Address(4, number & 0xFFFF_FFFF)
    else:
        assert found == Address(version, number)
        assert ip_address(text_of(found)) == address


@pytest.mark.parametrize(
    "text",
    ["", "10.0.0", "10.0.0.256", "010.0.0.1", "10.0.0.1 ", "fe80::1%eth0", "::g", "host", "1.2.3.4\0", "１.2.3.4", "-"],
)
def test_what_is_no_address_has_no_number(text: str) -> None:
    assert address_of(text) is None


@pytest.mark.parametrize(
    ("text", "version", "first", "size"),
    [
        ("10.0.0.0/8", 4, 10 << 24, 1 << 24),
        ("10.1.2.3", 4, 0x0A010203, 1),
        ("10.0.0.9-10.0.1.2", 4, 0x0A000009, 250),
        ("10.0.0.9 - 10.0.0.9", 4, 0x0A000009, 1),
        ("::ffff:10.0.0.1", 4, 0x0A000001, 1),
        ("2001:db8::/32", 6, 0x20010DB8 << 96, 1 << 96),
        ("::/0", 6, 0, 1 << 128),
        ("0.0.0.0/0", 4, 0, 1 << 32),
    ],
)
def test_ranges(text: str, version: int, first: int, size: int) -> None:
    found = range_of(text)
    assert found == Range(version, first, first + size - 1)
    assert range_of(ends_of(found)) == found


@pytest.mark.parametrize(
    "text",
    ["10.1.2.3/8", "10.0.0.0/33", "10.0.0.9-10.0.0.1", "10.0.0.1-::1", "10.0.0.1-", "-", "/", "any", "10.0.0.0/8/8"],
)
def test_what_is_no_range_is_refused(text: str) -> None:
    assert range_of(text) is None


@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("8.8.8.8", True), ("223.5.5.5", True), ("59.191.255.255", True), ("59.192.0.0", False),
        ("59.255.255.255", False), ("60.0.0.0", True), ("0.0.0.0", False), ("10.0.0.0", False), ("9.255.255.255", True),
        ("11.0.0.0", True), ("100.64.0.1", False), ("127.0.0.1", False), ("192.0.2.1", False), ("224.0.0.251", False),
        ("255.255.255.255", False), ("2400:3200::1", True), ("2001:db8::1", False), ("2002::1", False),
        ("fe80::1", False), ("fd00::1", False), ("ff02::1", False), ("::1", False), ("4000::", False), ("2000::", True),
    ],
)  # fmt: skip
def test_what_is_routed_on_the_internet_is_public(text: str, public: bool) -> None:
    address = address_of(text)
    assert address is not None
    assert is_public(address) == public
