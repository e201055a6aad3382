"""The table against the plainest possible look-up: a loop over all entries."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from correlation.context.addresses import address_of, is_public
from correlation.context.model import INTERNET, NOTHING, Address, Entry, Known, Range
from correlation.context.table import Table
from correlation.context.timeline import known_at
from tests.correlation.context.making import make_entry


def naive(entries: Sequence[Entry], address: Address, space: str, moment: int) -> Known | None:
    """By the words of the documentation: the most specific valid entry that says something counts, field by field."""
    spaces = [space] if space == "" or not is_public(address) else [space, ""]
    ordered: list[tuple[int, int, int, Entry]] = []
    for order, one in enumerate(entries):
        if (
            one.space in spaces
            and one.range is not None
            and one.range.version == address.version
            and one.range.first <= address.number <= one.range.last
            and (one.valid_from is None or moment >= one.valid_from)
            and (one.valid_to is None or moment < one.valid_to)
        ):
            ordered.append((spaces.index(one.space), one.range.last - one.range.first, order, one))
    if not ordered:
        return INTERNET if is_public(address) else None
    found = NOTHING._asdict()
    for *_, one in sorted(ordered, key=lambda item: item[:3]):
        for name, value in one.known._asdict().items():
            if found[name] is None:
                found[name] = value
    return Known(**found)


_BASES = {4: [0x0A000000, 0x08080800], 6: [0xFD00 << 112, 0x24003200 << 96]}
"""Private and public ones, so that addresses meet."""


@st.composite
def _ranges(draw: st.DrawFn) -> Range:
    version = draw(st.sampled_from([4, 6]))
    base = draw(st.sampled_from(_BASES[version]))
    if draw(st.booleans()):
        size = 1 << draw(st.integers(0, 6))
        first = base + draw(st.integers(0, 63)) // size * size
        return Range(version, first, first + size - 1)
    first = draw(st.integers(0, 63))
    return Range(version, base + first, base + draw(st.integers(first, 63)))


_KNOWN = st.builds(
    Known,
    asset=st.sampled_from([None, "a", "b"]),
    unit=st.sampled_from([None, "u", "v"]),
    domain=st.sampled_from([None, "iot", "ot"]),
    grade=st.sampled_from([None, 1, 3]),
    cii=st.sampled_from([None, True, False]),
).filter(lambda known: known != NOTHING)


@st.composite
def _entries(draw: st.DrawFn) -> Entry:
    begins, ends = draw(st.one_of(st.none(), st.integers(0, 9))), draw(st.one_of(st.none(), st.integers(0, 9)))
    if begins is not None and ends is not None and begins >= ends:
        ends = None
    space = draw(st.sampled_from(["", "", "t", "s"]))
    return Entry(draw(_KNOWN), draw(_ranges()), None, space, begins, ends)


@settings(max_examples=150)
@given(st.lists(_entries(), max_size=12))
def test_the_table_answers_as_a_loop_over_all_entries_does(entries: list[Entry]) -> None:
    table = Table(entries)
    for version, bases in _BASES.items():
        for number in [base + offset for base in bases for offset in range(-1, 65, 3)]:
            address = Address(version, number)
            for space in ("", "t", "other"):
                found = table.address(address, space)
                for moment in range(-1, 11, 2):
                    assert known_at(found, moment) == naive(entries, address, space, moment)


def _known(table: Table, text: str, space: str = "", moment: int = 0) -> Known | None:
    address = address_of(text)
    assert address is not None
    return known_at(table.address(address, space), moment)


def test_a_private_address_means_another_host_in_each_space_a_public_one_does_not() -> None:
    table = Table([
        make_entry("10.0.0.0/8", unit="city"),
        make_entry("10.0.0.0/24", unit="tenant", space="t"),
        make_entry("8.8.8.0/24", unit="resolver"),
    ])  # fmt: skip
    assert _known(table, "10.0.0.1") == Known(unit="city")
    assert _known(table, "10.0.0.1", "t") == Known(unit="tenant")
    assert _known(table, "10.0.1.1", "t") is None
    assert _known(table, "8.8.8.8", "t") == Known(unit="resolver")
    assert _known(table, "9.9.9.9", "t") == Known(domain="internet")


def test_the_last_address_of_all_can_be_in_a_range() -> None:
    table = Table([make_entry("0.0.0.0/0", unit="all"), make_entry("::/0", unit="six")])
    assert _known(table, "255.255.255.255") == Known(unit="all")
    assert _known(table, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff") == Known(unit="six")


def test_a_host_is_known_by_name_with_what_the_plan_says_of_its_address() -> None:
    table = Table([
        make_entry("10.0.0.0/8", unit="city", domain="extranet"),
        make_entry("10.0.0.7", host="web01", asset="portal", ends="2026-01-01"),
        make_entry(host="laptop", asset="of the mayor"),
    ])  # fmt: skip
    assert known_at(table.host("WEB01"), 0) == Known("portal", unit="city", domain="extranet")
    assert known_at(table.host("web01"), 1 << 62) is None
    assert table.host("laptop") == Known("of the mayor")
    assert table.host("other") is None
    assert table.host("laptop", "t") is None


def test_ranges_that_all_cross_end_in_time() -> None:
    base = 10 << 24
    known = Known(asset="a")
    table = Table([Entry(known, Range(4, base + number, base + 20_000 + number)) for number in range(5_000)])
    assert table.address(Address(4, base + 10_000)) == known
