import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.networks.model import Prefix, span_of
from inventory.networks.renumbering import Plan, free_blocks, plan


def made(plan_: Plan) -> dict[str, tuple[str, str]]:
    return {one.prefix.id: (one.new, one.reason) for one in plan_.moves}


def test_what_is_free_stays_and_what_collides_moves_with_what_is_within() -> None:
    private = [
        Prefix("office", "10.1.0.0/24"), Prefix("floor", "10.1.0.128/25"), Prefix("cameras", "10.9.0.0/23"),
        Prefix("lab", "172.16.0.0/24"),
    ]  # fmt: skip
    extranet = [Prefix("e1", "10.1.0.0/16"), Prefix("e2", "10.9.1.0/24"), Prefix("all", "10.0.0.0/8", container=True)]
    found = plan(private, extranet, ["10.200.0.0/16"], growth=1)
    assert made(found) == {
        "office": ("10.200.4.0/24", "collides"), "floor": ("10.200.4.128/25", "within"),
        "cameras": ("10.200.0.0/23", "collides"), "lab": ("172.16.0.0/24", "free"),
    }  # fmt: skip
    moves = {one.prefix.id: one for one in found.moves}
    assert (moves["office"].reserved, moves["cameras"].reserved) == ("10.200.4.0/23", "10.200.0.0/22")
    assert (moves["cameras"].collides, moves["lab"].stays, moves["floor"].stays) == (("e2",), True, False)
    assert moves["floor"].host("10.1.0.200") == "10.200.4.200"
    assert found.routes == ("10.200.0.0/21", "172.16.0.0/24")
    with pytest.raises(ValueError, match="not within"):
        moves["floor"].host("10.1.0.1")


def test_addresses_outside_the_plan_of_the_extranet_move_too() -> None:
    private = [Prefix("a", "192.168.0.0/24"), Prefix("b", "10.3.0.0/24")]
    found = plan(private, [], ["10.8.0.0/16"], within=["10.0.0.0/8"])
    assert made(found) == {"a": ("10.8.0.0/24", "outside-plan"), "b": ("10.3.0.0/24", "free")}


def test_a_pool_that_is_too_small_is_told_and_the_rest_is_placed() -> None:
    found = plan(
        [Prefix("big", "10.0.0.0/16"), Prefix("small", "10.1.0.0/24")], [Prefix("e", "10.0.0.0/8")], ["172.16.0.0/20"]
    )
    assert made(found) == {"small": ("172.16.0.0/24", "collides")}
    assert [(one.parameters["wanted"], one.parameters["size"]) for one in found.problems] == [("big", 16)]


def test_the_block_that_another_leaves_is_not_given_away() -> None:
    private = [Prefix("a", "10.0.0.0/24"), Prefix("b", "10.0.1.0/24")]
    found = plan(private, [Prefix("e", "10.0.1.0/25")], ["10.0.0.0/22"])
    assert made(found) == {"a": ("10.0.0.0/24", "free"), "b": ("10.0.2.0/24", "collides")}


def test_ranges_keep_their_place_and_both_versions_are_planned() -> None:
    private = [
        Prefix("r", "10.0.0.5-10.0.0.20"), Prefix("in", "10.0.0.8/29"), Prefix("six", "fd00::/64"),
    ]  # fmt: skip
    extranet = [Prefix("e", "10.0.0.0/24"), Prefix("f", "fd00::/48")]
    found = plan(private, extranet, ["10.5.0.0/24", "2400:3200::/48"])
    assert made(found) == {
        "r": ("10.5.0.5-10.5.0.20", "collides"), "in": ("10.5.0.8/29", "within"),
        "six": ("2400:3200::/64", "collides"),
    }  # fmt: skip


def test_free_blocks_are_what_is_left_of_a_pool() -> None:
    free = free_blocks(["10.0.0.0/25", "10.0.0.128/25"], [span_of("10.0.0.64/26"), span_of("10.0.0.0/28")])
    assert free == [span_of(text) for text in ("10.0.0.128/25", "10.0.0.32/27", "10.0.0.16/28")]


small = st.builds(
    lambda length, at: f"10.0.{at * 2 ** (32 - length) // 256 % 256}.{at * 2 ** (32 - length) % 256}/{length}",
    st.integers(24, 29), st.integers(0, 63),
)  # fmt: skip


@settings(max_examples=150)
@given(
    st.lists(small, min_size=1, max_size=8, unique=True), st.lists(small, max_size=5), st.integers(0, 2), st.randoms()
)
def test_a_plan_never_assigns_twice_and_is_the_same_in_any_order(
    mine: list[str], theirs: list[str], growth: int, mixer: object
) -> None:
    private = [Prefix(f"p{n}", text) for n, text in enumerate(mine)]
    extranet = [Prefix(f"e{n}", text) for n, text in enumerate(theirs)]
    pools = ["10.0.128.0/20", "10.0.0.0/22"]
    found = plan(private, extranet, pools, growth=growth)
    mixed = list(private)
    mixer.shuffle(mixed)  # type: ignore[attr-defined]
    assert plan(mixed, list(reversed(extranet)), pools, growth=growth) == found
    assert {one.prefix.id for one in found.moves} | {one.parameters["wanted"] for one in found.problems} <= {
        one.id for one in private
    }
    outer = [one for one in found.moves if one.reason != "within"]
    blocks = [span_of(one.reserved or one.new) for one in outer]
    for (first, a), (second, b) in itertools.combinations(zip(outer, blocks, strict=True), 2):
        assert a.last < b.first or b.last < a.first, (first, second)
    routes = [span_of(text) for text in found.routes]
    for move, block in zip(outer, blocks, strict=True):
        new = span_of(move.new)
        assert new.last - new.first == move.prefix.span.last - move.prefix.span.first
        assert block.first <= new.first <= new.last <= block.last
        assert block.first % (block.last - block.first + 1) == 0
        assert not any(e.span.first <= block.last and block.first <= e.span.last for e in extranet)
        assert sum(route.first <= block.first and block.last <= route.last for route in routes) == 1
        if not move.stays:
            assert any(span_of(p).first <= block.first and block.last <= span_of(p).last for p in pools)
    for move in found.moves:
        address = str(move.prefix.network).split("/")[0]
        assert span_of(move.host(address)).first == span_of(move.new).first


@given(st.lists(st.integers(0, 4), min_size=1, max_size=6), st.lists(st.integers(0, 5), min_size=1, max_size=4))
def test_as_few_routes_as_can_be_tell_of_what_moved(sizes: list[int], holes: list[int]) -> None:
    private = [Prefix(f"p{n}", f"10.0.{n}.0/{32 - bits}") for n, bits in enumerate(sizes)]
    # Areas of the given sizes, far from each other, so that no two are one route.
    pools = [f"172.16.{n * 4 + 1}.0/{32 - bits}" for n, bits in enumerate(holes)]
    found = plan(private, [Prefix("e", "10.0.0.0/8")], pools)
    if found.problems:
        return
    fewest = next(
        count
        for count in range(1, len(holes) + 1)
        for chosen in itertools.combinations(holes, count)
        if _fit(sorted(sizes, reverse=True), [1 << bits for bits in chosen])
    )
    assert len(found.routes) == fewest


def _fit(sizes: list[int], room: list[int]) -> bool:
    """Whether all fit, by trying every way."""
    if not sizes:
        return True
    return any(
        left >= 1 << sizes[0] and _fit(sizes[1:], [*room[:n], left - (1 << sizes[0]), *room[n + 1 :]])
        for n, left in enumerate(room)
    )
