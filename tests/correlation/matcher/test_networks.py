"""Many networks against one address."""

import ipaddress

from hypothesis import given
from hypothesis import strategies as st

from correlation.matcher.networks import NetworkIndex

NETWORKS = st.one_of(
    st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 32)).map(lambda n: ipaddress.ip_network(n, strict=False)),
    st.tuples(st.integers(0, 2**128 - 1), st.integers(0, 128)).map(lambda n: ipaddress.ip_network(n, strict=False)),
)
ADDRESSES = st.one_of(
    st.ip_addresses(), st.sampled_from(["0.0.0.0", "255.255.255.255", "::", "ff" * 2 + ":" + "ffff:" * 6 + "ffff"])
)


@given(st.lists(NETWORKS, max_size=12), st.data())
def test_the_same_as_one_by_one(networks: list[ipaddress.IPv4Network], data: st.DataObject) -> None:
    index = NetworkIndex((number, str(network)) for number, network in enumerate(networks))
    inside = st.sampled_from(networks).map(
        lambda network: network[data.draw(st.integers(0, network.num_addresses - 1))]
    )
    address = data.draw(st.one_of(ADDRESSES, inside) if networks else ADDRESSES)
    parsed = ipaddress.ip_address(str(address))
    candidates = {parsed, getattr(parsed, "ipv4_mapped", None) or parsed}
    expected = {number for number, network in enumerate(networks) if any(one in network for one in candidates)}
    assert index.find(str(address)) == expected


def test_no_address() -> None:
    index = NetworkIndex([(1, "0.0.0.0/0"), (2, "::/0")])
    assert index.find("x") == index.find("") == frozenset()
    assert index.find("1.2.3.4") == {1}
    assert index.find("::ffff:1.2.3.4") == {1, 2}


@given(st.one_of(st.text("0123456789.:abcfx%/ \u0661", max_size=18), ADDRESSES.map(lambda one: f"{one}%eth0")))
def test_what_is_an_address_is_what_python_says(text: str) -> None:
    index = NetworkIndex([(1, "0.0.0.0/0"), (2, "::/0")])
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        assert index.find(text) == frozenset()
        return
    mapped = address.version == 6 and address.ipv4_mapped is not None
    assert index.find(text) == ({1} if address.version == 4 else {1, 2} if mapped else {2})
