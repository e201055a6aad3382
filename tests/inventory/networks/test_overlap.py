import itertools
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.networks import overlap
from inventory.networks.model import Prefix
from inventory.networks.overlap import Finding, audit


def kinds(*prefixes: Prefix) -> list[tuple[str, str, str]]:
    return [(one.kind, one.prefix.id, one.other.id if one.other else "") for one in audit(prefixes)[0]]


@pytest.mark.parametrize(
    ("prefixes", "expected"),
    [
        ([Prefix("a", "10.0.0.0/24", owner="x"), Prefix("b", "10.0.0.0/24", owner="x")], ["duplicate"]),
        ([Prefix("a", "10.0.0.0/24", owner="x"), Prefix("b", "10.0.0.0/24", owner="y")], ["claimed-twice"]),
        ([Prefix("a", "10.0.0.0/24", owner="x"), Prefix("b", "10.0.0.0/25", owner="y")], ["contained"]),
        ([Prefix("a", "10.0.0.0/24", owner="x"), Prefix("b", "10.0.0.0/25", owner="x")], []),
        ([Prefix("a", "10.0.0.0/8", container=True), Prefix("b", "10.0.0.0/24", owner="y")], []),
        ([Prefix("a", "10.0.0.0/24", container=True), Prefix("b", "10.0.0.0/24", owner="y")], []),
        ([Prefix("a", "10.0.0.0/24"), Prefix("b", "10.0.0.0/24", space="vrf")], []),
        ([Prefix("a", "10.0.0.0-10.0.0.9"), Prefix("b", "10.0.0.5-10.0.0.20")], ["crossing"]),
        ([Prefix("a", "10.0.0.0/24", hosts=0)], ["unused"]), ([Prefix("a", "10.0.0.0/24", hosts=1)], []),
        ([Prefix("a", "10.0.0.0/24", hosts=None)], []), ([Prefix("a", "10.0.0.0/24", hosts=0, container=True)], []),
        ([Prefix("a", "8.8.8.0/24", scope="internal")], ["public-inside"]),
        ([Prefix("a", "10.0.0.0/24", scope="internal")], []),
        ([Prefix("a", "2400:3200::/32", scope="internal")], []),
        ([Prefix("a", "100.64.0.0/16", scope="internet")], ["private-outside"]),
        ([Prefix("a", "8.8.8.0/24", scope="internet")], []), ([Prefix("a", "192.0.2.0/24")], ["reserved"]),
    ],
)  # fmt: skip
def test_each_kind_is_found_and_its_near_miss_left_alone(prefixes: list[Prefix], expected: list[str]) -> None:
    assert [one[0] for one in kinds(*prefixes)] == expected
    assert [one[0] for one in kinds(*reversed(prefixes))] == expected


def test_the_nearest_holder_is_named() -> None:
    found = kinds(
        Prefix("outer", "10.0.0.0/8", owner="x"), Prefix("middle", "10.1.0.0/16", owner="y"),
        Prefix("inner", "10.1.2.0/24", owner="z"), Prefix("beside", "11.0.0.0/8", owner="z"),
    )  # fmt: skip
    assert found == [("contained", "middle", "outer"), ("contained", "inner", "middle")]


def test_what_is_no_prefix_is_told_and_the_rest_goes_on() -> None:
    findings, problems = audit([Prefix("a", "nonsense"), Prefix("b", "10.0.0.0/24", hosts=0)])
    assert [one.kind for one in findings] == ["unused"]
    assert [one.parameters["value"] for one in problems] == ["a: nonsense"]


def test_ids_are_stable() -> None:
    one = Finding("unused", Prefix("a", "10.0.0.0/24", hosts=0))
    assert one.id == Finding("unused", Prefix("a", "10.0.0.0/25", owner="y", hosts=0)).id
    assert one.id != Finding("unused", Prefix("b", "10.0.0.0/24", hosts=0)).id


ranges = st.tuples(st.integers(0, 60), st.integers(0, 20), st.sampled_from("xy"), st.booleans())


@given(st.lists(ranges, max_size=12))
def test_the_sweep_finds_what_comparing_all_pairs_finds(told: list[tuple[int, int, str, bool]]) -> None:
    prefixes = [
        Prefix(f"p{n}", f"10.0.0.{first}-10.0.0.{first + more}", owner=owner, container=box)
        for n, (first, more, owner, box) in enumerate(told)
    ]
    found = audit(prefixes)[0]
    pairs = [(a, b) for n, a in enumerate(prefixes) for b in prefixes[n + 1 :]]
    crossing = {
        frozenset((a.id, b.id))
        for a, b in pairs
        if a.span.first < b.span.first <= a.span.last < b.span.last
        or b.span.first < a.span.first <= b.span.last < a.span.last
    }
    told_crossing = {frozenset((one.prefix.id, one.other.id)) for one in found if one.kind == "crossing" and one.other}
    assert told_crossing <= crossing
    assert bool(told_crossing) == bool(crossing)
    holders = {a.id for a, b in itertools.permutations(prefixes, 2) if _holds(b, a)}
    for names in crossing - told_crossing:
        assert names & holders, "what is within another is told of that one alone"
    for one in found:
        if one.kind in {"contained", "claimed-twice", "duplicate"}:
            assert one.other is not None
            assert one.other.span.first <= one.prefix.span.first
            assert one.other.span.last >= one.prefix.span.last


def _holds(outer: Prefix, inner: Prefix) -> bool:
    return outer.span.first <= inner.span.first and inner.span.last <= outer.span.last


def test_many_prefixes_take_seconds_and_crossings_are_bounded() -> None:
    source = random.Random(7)
    many = [
        Prefix(f"p{n}", f"10.{source.randrange(256)}.{source.randrange(256)}.0/24", owner=f"u{n % 50}")
        for n in range(20_000)
    ]
    began = time.process_time()
    findings, _ = audit(many)
    assert time.process_time() - began < 10
    assert len(findings) > 2_000
    steps = [Prefix(f"p{n:04}", f"10.0.{n // 250}.{n % 250}-10.200.{n // 250}.{n % 250}") for n in range(500)]
    assert len(audit(steps)[0]) <= 500 * overlap.MOST_CROSSINGS
