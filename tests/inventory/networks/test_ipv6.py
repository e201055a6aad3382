import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.networks.errors import PoolExhausted, PrefixUnusable
from inventory.networks.ipv6 import Site, allocate, nibble_length
from inventory.networks.model import span_of


def test_blocks_end_at_a_digit_and_districts_hold_their_units() -> None:
    found = allocate(
        "2400:3200::/32",
        [Site("portal", 3, "jianghan"), Site("hospital", 200, "jianghan"), Site("school", 40, "wuchang")],
    )
    assert found.groups == {"jianghan": "2400:3200::/48", "wuchang": "2400:3200:1::/56"}
    assert found.sites == {
        "hospital": "2400:3200::/52", "portal": "2400:3200:0:1000::/60", "school": "2400:3200:1::/56",
    }  # fmt: skip


@pytest.mark.parametrize(("subnets", "length"), [(1, 64), (2, 60), (16, 60), (17, 56), (256, 56), (257, 52)])
def test_lengths_are_multiples_of_four(subnets: int, length: int) -> None:
    assert nibble_length(subnets) == length


def test_a_pool_that_is_too_small_or_none_is_told() -> None:
    with pytest.raises(PoolExhausted):
        allocate("2400:3200::/56", [Site("a", 300)])
    for pool in ("10.0.0.0/8", "2400:3200::1-2400:3200::9", "x"):
        with pytest.raises(PrefixUnusable):
            allocate(pool, [Site("a", 1)])
    with pytest.raises(ValueError, match="subnets"):
        Site("a", 0)


@given(st.lists(st.tuples(st.integers(1, 5_000), st.sampled_from("abc")), min_size=1, max_size=30))
def test_nothing_is_assigned_twice_and_all_is_within(wanted: list[tuple[int, str]]) -> None:
    sites = [Site(f"s{n:02}", subnets, group) for n, (subnets, group) in enumerate(wanted)]
    found = allocate("2400:3200::/30", sites)
    assert allocate("2400:3200::/30", reversed(sites)) == found
    for one in sites:
        length = int(found.sites[one.id].split("/")[1])
        assert length % 4 == 0
        assert 1 << (64 - length) >= one.subnets * 2
        inside, outside = span_of(found.sites[one.id]), span_of(found.groups[one.group])
        assert outside.first <= inside.first <= inside.last <= outside.last
    for texts in (found.sites.values(), found.groups.values()):
        for a, b in itertools.combinations(map(span_of, texts), 2):
            assert a.last < b.first or b.last < a.first
