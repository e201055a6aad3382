from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sensors.capture.writing import pcap
from tests.sensors.capture import frames as made

TROUBLES = ("retransmissions", "out_of_order", "gaps", "missing_bytes")


def flow_of(tmp_path: Path, *segments: tuple[int, int], base: int = 1_000) -> dict[str, Any]:
    """The flow of a client that sends these stretches of its stream: offset and length."""
    packets = [
        made.tcp4(4_000, 9_999, made.SYN, base - 1),
        made.tcp4(9_999, 4_000, made.SYN | made.ACK, 4_999, back=True),
        *[made.tcp4(4_000, 9_999, made.ACK, base + at, b"\xee" * size) for at, size in segments],
    ]
    (flow,) = made.flows_of(tmp_path, *packets)
    return flow


def troubles(flow: dict[str, Any], side: str = "source") -> tuple[int, ...]:
    return tuple(flow.get(f"hanwatch.tcp.{name}.{side}", 0) for name in TROUBLES)


def test_a_connection_without_troubles_says_nothing_of_them(tmp_path: Path) -> None:
    flow = flow_of(tmp_path, (0, 100), (100, 50), (150, 1))
    assert not [name for name in flow if name.startswith("hanwatch.tcp.") and name.split(".")[2] in TROUBLES]


def test_what_is_sent_again_late_or_never_is_told_apart(tmp_path: Path) -> None:
    assert troubles(flow_of(tmp_path, (0, 100), (0, 100), (50, 50), (100, 1))) == (2, 0, 0, 0)
    assert troubles(flow_of(tmp_path, (0, 100), (50, 100), (150, 1))) == (1, 0, 0, 0)
    assert troubles(flow_of(tmp_path, (0, 100), (200, 100), (100, 100), (300, 1))) == (0, 1, 0, 0)
    assert troubles(flow_of(tmp_path, (0, 100), (200, 100), (300, 1))) == (0, 0, 1, 100)
    assert troubles(flow_of(tmp_path, (0, 100), (400, 100), (200, 100))) == (0, 1, 2, 200)
    assert troubles(flow_of(tmp_path, (0, 100), (400, 100), (100, 100), (300, 100))) == (0, 2, 1, 100)


def test_several_gaps_are_remembered_and_the_oldest_forgotten(tmp_path: Path) -> None:
    ahead = [(200 * number, 100) for number in range(5)]
    behind = [(200 * number + 100, 100) for number in range(4)]
    assert troubles(flow_of(tmp_path, *ahead, *behind)) == (0, 4, 0, 0)
    more = [(200 * number, 100) for number in range(7)]
    assert troubles(flow_of(tmp_path, *more, (100, 100), (1_100, 100))) == (1, 1, 5, 500)


def test_numbers_begin_again_behind_the_greatest(tmp_path: Path) -> None:
    flow = flow_of(tmp_path, (0, 100), (200, 100), (100, 100), (300, 10), base=0xFFFF_FFA0)
    assert troubles(flow) == (0, 1, 0, 0)


def test_another_numbering_is_no_gap_of_a_gigabyte(tmp_path: Path) -> None:
    assert troubles(flow_of(tmp_path, (0, 100), ((1 << 30) + 100, 100), ((1 << 30) + 200, 100))) == (0, 0, 1, 0)


def test_probes_that_keep_a_connection_alive_are_no_retransmissions(tmp_path: Path) -> None:
    assert troubles(flow_of(tmp_path, (0, 100), (99, 1), (99, 1), (100, 10))) == (0, 0, 0, 0)


def test_the_middle_of_a_connection_is_no_gap(tmp_path: Path) -> None:
    packets = [made.tcp4(4_000, 9_999, made.ACK, 77 + 10 * number, b"\xee" * 10) for number in range(3)]
    (flow,) = made.flows_of(tmp_path, *packets)
    assert troubles(flow) == (0, 0, 0, 0)


def test_a_syn_that_is_repeated_is_a_retransmission(tmp_path: Path) -> None:
    (flow,) = made.flows_of(tmp_path, *[made.tcp4(4_000, 80, made.SYN, 5)] * 3)
    assert troubles(flow) == (2, 0, 0, 0)


def test_each_side_is_counted_by_itself(tmp_path: Path) -> None:
    packets = [
        made.tcp4(80, 4_000, made.SYN | made.ACK, 10, back=True),
        made.tcp4(4_000, 80, made.ACK, 1, b"a"),
        *[made.tcp4(80, 4_000, made.ACK, 11, b"again", back=True)] * 2,
    ]
    (flow,) = made.flows_of(tmp_path, *packets)
    assert (troubles(flow), troubles(flow, "destination")) == ((0, 0, 0, 0), (1, 0, 0, 0))


def test_connections_that_nobody_answers_end_sooner(tmp_path: Path) -> None:
    again = [made.tcp4(4_000, 80, made.SYN, 5), made.tcp4(4_000, 80, made.SYN, 5)]
    assert len(made.flows_of(tmp_path, *again, step=60 * made.SECOND)) == 1
    assert len(made.flows_of(tmp_path, *again, step=61 * made.SECOND)) == 2


def test_connections_that_nobody_answers_go_first_when_the_table_is_full(tmp_path: Path) -> None:
    talking = [made.udp4(port, 53) for port in range(1, 9)]
    flood = [made.tcp4(port, 80, made.SYN) for port in range(1_000, 1_400)]
    portions = made.read(tmp_path / "made.pcap", pcap(made.frames(*talking, *flood, *talking)), flow_limit=16)
    flows = made.rows(portions)
    assert sum(flow["network.packets"] for flow in flows) == 416
    assert [flow["network.packets"] for flow in flows if flow["network.transport"] == "udp"] == [2] * 8
    found = made.counts(portions)
    assert found["conversion", "flows_evicted"] == found["conversion", "flows_evicted_half_open"] == 392


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    starts=st.permutations(range(12)),
    sizes=st.lists(st.integers(1, 30), min_size=12, max_size=12),
    again=st.lists(st.integers(0, 11), max_size=5),
)
def test_what_came_at_all_is_not_missing(
    tmp_path: Path, starts: list[int], sizes: list[int], again: list[int],
) -> None:
    places = [sum(sizes[:number]) for number in range(12)]
    # At most four gaps are remembered: neighbours change places only within stretches of four.
    order = [number for first in (0, 4, 8) for number in starts if first <= number < first + 4] + again
    flow = flow_of(tmp_path, *[(places[number], sizes[number]) for number in order])
    retransmissions, out_of_order, gaps, missing = troubles(flow)
    assert (gaps, missing) == (0, 0)
    assert retransmissions + out_of_order >= len(again) - sum(sizes[number] == 1 for number in again)
