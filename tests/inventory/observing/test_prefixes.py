from ipaddress import ip_address, ip_network

from hypothesis import given
from hypothesis import strategies as st

from inventory.observing.prefixes import Prefixes

networks = st.lists(
    st.tuples(st.integers(0, 255), st.integers(8, 32)).map(
        lambda one: str(ip_network((0x0A000000 | one[0] << 8, one[1]), strict=False))
    ),
    max_size=12,
    unique=True,
)


@given(networks, st.integers(0, 0xFFFF))
def test_the_smallest_network_that_holds_an_address_counts(found: list[str], low: int) -> None:
    address = str(ip_address(0x0A000000 | low))
    holding = [one for one in found if ip_address(address) in ip_network(one)]
    smallest = max(holding, key=lambda one: ip_network(one).prefixlen, default=None)
    assert Prefixes((one, one) for one in found).find(address) == smallest


def test_versions_are_apart_and_what_is_no_address_is_in_none() -> None:
    prefixes = Prefixes([("::/0", "six"), ("10.0.0.0/8", "four")])
    assert [prefixes.find(one) for one in ("10.1.1.1", "2400::1", "11.0.0.1", "x")] == ["four", "six", None, None]
