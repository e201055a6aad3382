"""Records of one direction become conversations where that can be known, and nothing where it cannot."""

from dataclasses import replace
from typing import Any

import numpy as np
import orjson
import pytest

from correlation.detectors.reading import Conversation, Reading
from correlation.detectors.stitching import IDLE, Stitching
from sensors.event.times import SECOND
from tests.correlation.matcher.making import NOON, make_batch

ASKS = {
    "source.ip": "10.1.0.1", "source.port": 40_000, "destination.ip": "203.0.113.9", "destination.port": 443,
    "network.transport": "tcp", "source.bytes": 100, "source.packets": 5, "event.duration": 2 * SECOND,
    "netflow.tcp_control_bits": 0x1B, "observer.ip": "10.9.9.9",
}  # fmt: skip
ANSWERS = ASKS | {
    "source.ip": ASKS["destination.ip"], "source.port": 443, "destination.ip": ASKS["source.ip"],
    "destination.port": 40_000, "source.bytes": 900,
}  # fmt: skip


def read(
    *records: dict[str, Any], stitching: Stitching | None = None, received: int = NOON + 1_000_000 * SECOND
) -> list[Conversation]:
    """Records, each at its `second` after noon."""
    names = dict.fromkeys(name for one in records for name in one)
    batch = make_batch([{name: one.get(name) for name in names} for one in records], dataset="netflow.flow")
    times = np.array([NOON + one.get("second", 0) * SECOND for one in records], dtype=np.int64)
    return list(Reading(replace(batch, times=times, received=received), stitching).conversations)


def test_both_ways_are_one_conversation_of_whoever_has_no_services_port() -> None:
    for order in ((ASKS, ANSWERS, ASKS), (ANSWERS, ASKS, ASKS)):
        found = read(*order)
        assert {(one.source, one.destination, one.port) for one in found} == {("10.1.0.1", "203.0.113.9", 443)}
        assert [one.row for one in found] == [row for row, one in enumerate(order) if one is ASKS]
        assert [(one.first, one.sent, one.futile) for one in found] == [(True, 100, False), (False, 100, False)]
        assert found[-1].earlier == (100, 900)


@pytest.mark.parametrize(
    ("source", "destination", "began"),
    [
        (40_000, 443, "10.1.0.1"), (443, 40_000, None), (50_000, 8_443, "10.1.0.1"),
        (1_500, 80, "10.1.0.1"), (40_000, 50_000, None), (5_060, 8_443, None), (53, 123, None), (None, 443, None),
    ],
)  # fmt: skip
def test_who_began_is_told_by_the_ports(source: int | None, destination: int, began: str | None) -> None:
    found = read(ASKS | {"source.port": source, "destination.port": destination})
    assert [one.source for one in found] == ([] if began is None else [began])


def test_a_record_of_both_directions_says_itself_who_began() -> None:
    (one,) = read(ASKS | {"source.port": 443, "destination.port": 40_000, "destination.bytes": 7,
                          "destination.packets": 3})  # fmt: skip
    assert (one.source, one.sent, one.received, one.futile) == ("10.1.0.1", 100, 7, False)


@pytest.mark.parametrize(
    ("changed", "futile"),
    [
        ({"netflow.tcp_control_bits": 0x02}, True),
        ({"netflow.tcp_control_bits": 0x06}, True),  # answered, and taken back by a scanner
        ({"netflow.tcp_control_bits": 0x12}, False),  # the answer to it
        ({"netflow.tcp_control_bits": 0x1B}, False),
        ({"netflow.tcp_control_bits": 0}, False),  # the exporter does not tell
        ({"netflow.tcp_control_bits": None}, False),
        ({"netflow.tcp_control_bits": 0x02, "network.transport": "udp"}, False),
        ({"netflow.tcp_control_bits": 0x02, "destination.packets": 1}, True),  # refused
        ({"netflow.tcp_control_bits": 0x02, "destination.packets": 2}, False),
        ({"netflow.tcp_control_bits": None, "destination.packets": 0}, True),  # both directions counted, no flags told
        ({"netflow.tcp_control_bits": 0, "destination.packets": 1}, True),
        ({"netflow.tcp_control_bits": 0, "destination.packets": 2}, False),
        ({"netflow.tcp_control_bits": 0x16, "destination.packets": 1}, True),  # flags of both directions together
        ({"netflow.tcp_control_bits": 0x1B, "destination.packets": 0}, False),  # answered on another way
        ({"netflow.tcp_control_bits": 0x10, "destination.packets": 1}, False),  # under way already
        ({"network.transport": "udp", "destination.packets": 0}, True),
        ({"network.transport": "udp", "destination.packets": 1}, False),
    ],
)
def test_nothing_came_of_an_opening_that_was_never_acknowledged(changed: dict[str, Any], *, futile: bool) -> None:
    assert [one.futile for one in read(ASKS | changed)] == [futile]


def test_of_sampled_flows_nothing_is_said() -> None:
    assert read(ASKS | {"netflow.tcp_control_bits": 0x02, "netflow.sampling_interval": 100}) == []
    assert len(read(ASKS | {"netflow.sampling_interval": 1})) == 1


@pytest.mark.parametrize(
    ("transport", "said", "asks"),
    [
        ("icmp", {"netflow.icmp_type_code_ipv4": 8 << 8}, True),
        ("icmp", {"netflow.icmp_type_code_ipv4": 0}, False),
        ("icmp", {"destination.port": 8 << 8}, True),
        ("icmp", {"destination.port": 3 << 8}, False),
        ("ipv6-icmp", {"netflow.icmp_type_code_ipv6": 128 << 8}, True),
        ("ipv6-icmp", {"netflow.icmp_type_code_ipv6": 135 << 8}, False),
    ],
)
def test_a_ping_is_an_echo_request(transport: str, said: dict[str, Any], *, asks: bool) -> None:
    bare = {"source.ip": "10.1.0.1", "destination.ip": "10.1.0.2", "network.transport": transport}
    assert [(one.port, one.transport) for one in read(bare | said)] == ([(None, transport)] if asks else [])


def test_what_is_cut_into_records_is_one_conversation_until_it_is_quiet_for_long() -> None:
    every = 600
    found = read(*({**ASKS, "second": second, "event.duration": every * SECOND} for second in range(0, 7_200, every)))
    assert [one.first for one in found] == [True] + [False] * 11
    assert [one.duration // SECOND for one in found] == list(range(every, 7_201, every))
    assert found[-1].earlier == (1_100, 0)
    later = 7_200 + IDLE // SECOND
    for second, first in ((later, False), (later + 1, True)):
        stitching = Stitching()
        read({**ASKS, "second": 6_600, "event.duration": every * SECOND}, stitching=stitching)
        (one,) = read({**ASKS, "second": second}, stitching=stitching)
        assert one.first is first


def test_what_a_second_exporter_tells_of_the_same_packets_does_not_count() -> None:
    elsewhere = {"observer.ip": "10.9.9.8"}
    out = {"netflow.flow_direction": 1}
    found = read(ASKS, ASKS | elsewhere, ASKS | out, ANSWERS | elsewhere, ANSWERS, ASKS)
    assert [(one.row, one.sent, one.earlier) for one in found] == [(0, 100, (0, 0)), (5, 100, (100, 900))]


def test_what_is_remembered_is_bounded_and_counted_only_where_it_might_have_gone_on() -> None:
    def calls(stitching: Stitching, second: int) -> None:
        read(*({**ASKS, "source.port": 40_000 + port, "second": second} for port in range(30)), stitching=stitching)

    stitching = Stitching(20)
    calls(stitching, 0)
    assert (len(stitching.dump()), stitching.given_up) == (20, 10)
    roomy = Stitching(40)
    calls(roomy, 0)
    calls(roomy, 100_000)
    assert (len(roomy.dump()), roomy.given_up) == (30, 0)


def test_a_record_from_the_future_makes_no_other_connection_old() -> None:
    stitching = Stitching()
    read(ASKS, stitching=stitching)
    ahead = {**ASKS, "source.port": 41_000, "second": 30 * 86_400}
    read(ahead, stitching=stitching, received=NOON + 60 * SECOND)
    assert len(stitching.dump()) == 2
    (one,) = read({**ASKS, "second": 70}, stitching=stitching, received=NOON + 72 * SECOND)
    assert (one.first, one.earlier) == (False, (100, 0))


def test_it_goes_on_from_what_was_written_down() -> None:
    records = [
        {**ASKS, "second": 0}, {**ANSWERS, "second": 1}, {**ASKS, "second": 60}, {**ASKS, "source.port": 41_000},
        {**ANSWERS, "second": 90, "observer.ip": "10.9.9.8"}, {**ANSWERS, "second": 95},
    ]  # fmt: skip
    calm = Stitching()
    expected = [one[1:] for record in records for one in read(record, stitching=calm)]
    found, stitching = [], Stitching()
    for record in records:
        found += [one[1:] for one in read(record, stitching=stitching)]
        kept, stitching = orjson.loads(orjson.dumps(stitching.dump())), Stitching()
        stitching.load(kept)
    assert found == expected
    assert stitching.dump() == calm.dump()
