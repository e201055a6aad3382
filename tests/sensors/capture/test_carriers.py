from pathlib import Path

import numpy as np
import pytest

from sensors.capture.carriers import add_layer, carrier, free_carriers, keep, release
from sensors.capture.table import PLACE_BITS, T_CARRIERS, T_FREE_CARRIERS, Table, make
from sensors.capture.writing import pcap
from tests.sensors.capture import frames as made
from tests.sensors.capture.test_tunnels import OUT_A, vxlan


def number(table: Table, ident: int, *ends: int) -> int:
    address = np.array([0, ends[0], 0, ends[1]], np.uint64)
    add_layer(table, 0, 9, ident, 4, 0, address)
    return int(carrier(table, 1))


def test_both_directions_have_one_number_and_others_another() -> None:
    table = make(5, 16, 16, 16, 16)
    assert number(table, 1, 10, 20) == number(table, 1, 20, 10) == 1
    assert number(table, 2, 10, 20) == 2
    assert number(table, -1, 10, 20) == 3
    assert number(table, 1, 10, 21) == 4


def test_a_number_is_free_when_nobody_has_it_and_what_had_it_was_taken_away() -> None:
    table = make(5, 16, 16, 16, 16)
    first, second = number(table, 1, 10, 20), number(table, 2, 10, 20)
    keep(table, first << PLACE_BITS)
    free_carriers(table)
    assert table.numbers[T_FREE_CARRIERS] == 1
    assert number(table, 3, 10, 20) == second
    release(table, first << PLACE_BITS)
    assert number(table, 1, 10, 20) == first
    free_carriers(table)
    assert table.numbers[T_FREE_CARRIERS] == 2
    assert table.numbers[T_CARRIERS] == 2


@pytest.mark.parametrize("flow_limit", [8, 64])
def test_a_flood_of_tunnels_is_bounded_and_told(tmp_path: Path, flow_limit: int) -> None:
    frame = made.ethernet(made.ipv4(made.A, made.B, 17, made.udp(1, 2)))
    packets = [
        made.ethernet(made.ipv4(OUT_A, "203.0.113.2", 17, made.udp(5, 4789, vxlan(vni, frame))))
        for vni in range(30_000)
    ]
    portions = made.read(
        tmp_path / "made.pcap", pcap(made.frames(*packets, step=1_000)), flow_limit=flow_limit, datagram_limit=16,
    )
    flows = made.rows(portions)
    assert sorted(int(flow["hanwatch.tunnel.id"][0]) for flow in flows) == list(range(30_000))
