from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from hypothesis import given
from hypothesis import strategies as st

from inventory.audits.checks.addresses import Prefixes, numbered, outside, overlaps, same
from inventory.audits.landscape import Landscape
from inventory.audits.rules import rules
from inventory.model import Moment
from tests.inventory.audits.fakes import Given

RULE = next(one for one in rules()["contradictions"] if one.check == "same-address")
NETWORKS = st.builds(
    lambda number, length: ip_network(((number >> (32 - length)) << (32 - length) if length else 0, length)),
    st.integers(0, 255).map(lambda number: 0x0A000000 + number * 65_536),
    st.integers(6, 24),
)


@given(st.lists(NETWORKS, max_size=12), st.lists(st.ip_addresses(v=4, network="10.0.0.0/8"), min_size=1))
def test_the_longest_prefix_that_holds_an_address_is_found(
    networks: list[IPv4Network], addresses: list[object]
) -> None:
    kept = Prefixes(32)
    unique = list(dict.fromkeys(networks))
    for row, network in enumerate(unique):
        kept.add(int(network.network_address), network.prefixlen, row)
    for address in map(ip_address, map(str, addresses)):
        holding = [one for one in unique if address in one]
        best = max(holding, key=lambda one: one.prefixlen, default=None)
        assert kept.find(int(address)) == (None if best is None else unique.index(best))


@given(st.ip_addresses())
def test_addresses_are_read_as_the_standard_library_reads_them(address: object) -> None:
    standard = ip_address(str(address))
    assert numbered(str(standard)) == (standard.version, int(standard))


@given(st.lists(st.tuples(NETWORKS, st.sampled_from(["U1", "U2", None])), max_size=10, unique_by=lambda one: one[0]))
def test_a_prefix_overlaps_where_another_unit_has_one_around_it(
    prefixes: list[tuple[IPv4Network | IPv6Network, str | None]],
) -> None:
    given_ = {
        str(row): {"network": str(network), "space": "x", "unit": unit} for row, (network, unit) in enumerate(prefixes)
    }
    land = Landscape(Given({"prefixes": given_}), Moment(0), "2026-09-30")
    found = {hit.row for hit in overlaps(land, RULE)}
    wanted = {
        row
        for row, (network, unit) in enumerate(prefixes)
        if unit is not None
        and any(
            other not in {unit, None} and network != outer and network.subnet_of(outer)  # type: ignore[arg-type]
            for outer, other in prefixes
        )
    }
    assert found == wanted


def test_each_holder_of_a_shared_address_is_told_and_names_some_of_the_others() -> None:
    assets = {
        str(row): {"code": f"A{row}", "state": "in_service", "addresses": ["10.0.0.1"]} for row in range(6)
    }
    found = list(same(Landscape(Given({"assets": assets}), Moment(0), "2026-09-30"), RULE))
    assert len(found) == 6
    assert found[5].parameters["others"] == ["A0", "A1", "A2"]
    assert found[0].parameters["number"] == 6
    assert found[0].subject == " 10.0.0.1"


def test_a_space_without_prefixes_says_nothing() -> None:
    assets = {"1": {"code": "A1", "state": "in_service", "addresses": ["10.0.0.1"], "space": "x"}}
    assert list(outside(Landscape(Given({"assets": assets}), Moment(0), "2026-09-30"), RULE)) == []
