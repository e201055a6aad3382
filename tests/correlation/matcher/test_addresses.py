"""Fields of which rules ask for networks answer as all others do, and remember no column of IPv4 addresses."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from correlation.matcher.addresses import FEW, AddressPatterns, are_addresses
from correlation.matcher.patterns import FieldPatterns
from correlation.rules.condition import Cidr, Equals, Exists, Leaf, Null, Present

ATOMS: dict[int, Leaf] = {
    2: Cidr("f", "10.0.0.0/8"), 3: Cidr("f", "10.1.0.0/16"), 4: Cidr("f", "0.0.0.0/32"), 5: Cidr("f", "224.0.0.0/3"),
    6: Cidr("f", "fe80::/10"), 7: Cidr("f", "::ffff:10.9.0.0/112"), 8: Null("f"), 9: Exists("f", wanted=True),
    10: Exists("f", wanted=False),
}  # fmt: skip
EDGES = (
    "0.0.0.0", "0.0.0.1", "9.255.255.255", "10.0.0.0", "10.1.0.0", "10.1.255.255", "10.2.0.0", "10.255.255.255",
    "11.0.0.0", "223.255.255.255", "224.0.0.0", "255.255.255.255",
)
FOURS = st.one_of(st.sampled_from(EDGES), st.integers(0, (1 << 32) - 1).map(lambda number: str(IPv4Address(number))))
OTHERS = st.one_of(
    st.sampled_from([
        None, "", "x", "10.1.2.3%eth0", "10.1.2.3\0", "10.1.2", "010.1.2.3", "１０.1.2.3", "fe80::1", "fe80::1%eth0",
        "::ffff:10.9.0.1", "::ffff:10.1.2.3", 167_837_955, True, 10.5,
    ]),
    st.integers(0, (1 << 128) - 1).map(lambda number: str(IPv6Address(number))),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.booleans(), st.lists(FOURS, min_size=1, max_size=3), st.lists(OTHERS, max_size=2), st.sampled_from([1, FEW + 3])
)
def test_the_answer_is_that_of_any_field(present: bool, fours: list[Any], others: list[Any], times: int) -> None:
    atoms = {**ATOMS, 11: Present("f")} if present else ATOMS
    addresses, usual = AddressPatterns(atoms), FieldPatterns(atoms)
    values = fours * times + others
    assert _sets(addresses, values) == _sets(usual, values)
    assert _sets(addresses, tuple(values)) == _sets(usual, values)


def test_arrays_are_no_addresses() -> None:
    values = np.arange(FEW)
    assert _sets(AddressPatterns(ATOMS), values) == _sets(FieldPatterns(ATOMS), values)


def test_networks_of_ipv6_alone() -> None:
    patterns = AddressPatterns({2: Cidr("f", "fe80::/10")})
    assert _sets(patterns, ["10.1.2.3"] * FEW) == [frozenset()] * FEW
    assert _sets(patterns, ["fe80::1"] * FEW) == [frozenset({2})] * FEW


def test_a_column_of_addresses_is_not_remembered_and_few_sets_are_made() -> None:
    patterns = AddressPatterns(ATOMS)
    assert patterns.texts([str(IPv4Address(number << 12)) for number in range(1 << 16)]) is not None
    assert not patterns
    assert len(patterns.sets) < 12


def _sets(patterns: FieldPatterns, values: Sequence[Any]) -> list[frozenset[int]]:
    found = patterns.texts(values)
    return [patterns.sets[number] for number in (patterns.column(values) if found is None else found)]


@pytest.mark.parametrize(
    ("leaves", "addresses"),
    [
        (list(ATOMS.values()), True), ([Cidr("f", "10.0.0.0/8"), Present("f")], True), ([Null("f")], False),
        ([], False), ([Cidr("f", "10.0.0.0/8"), Equals("f", "10.1.2.3")], False),
    ],
)  # fmt: skip
def test_which_fields_these_are(leaves: list[Leaf], addresses: bool) -> None:
    assert are_addresses(leaves) is addresses
