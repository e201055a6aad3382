import socket
import struct
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sensors.delivery.memory import MemorySpool
from sensors.event.fields import fields
from sensors.listening.model import Arrivals
from sensors.listening.netflow import maker, runs
from sensors.listening.netflow.maker import NetflowMaker
from tests.sensors.listening.netflow.packets import FLOW, flow, ipfix, template, version_5, version_9

NOW = 1_800_000_001_000_000_000
TEMPLATE = (0, template(256, FLOW))


class Collector:
    """A maker over a spool in memory."""

    def __init__(self, spool: MemorySpool | None = None) -> None:
        self.spool = spool or MemorySpool()
        self.maker = NetflowMaker(self.spool, "flows", "netflow")

    def take(self, *packets: bytes, sender: str = "203.0.113.5", now: int = NOW) -> list[dict[str, Any]]:
        """The events of packets that came together."""
        return self.keep(self.maker.deliveries([Arrivals(sender, packets, 0)], now))

    def keep(self, made: list[Any]) -> list[dict[str, Any]]:
        """Spool deliveries; gives their events."""
        self.spool.append_many(made)
        self.maker.settle(persisted=True)
        for report in self.spool.report():
            assert report.complete
        return [row for each in made for batch in each.portion.batches for row in batch.rows()]

    def lost(self, unit: str) -> int:
        """What the ledger says is lost."""
        return self.spool.counts().get(("lost", f"netflow.{unit}"), 0)

    def reasons(self) -> list[str]:
        """Why there is something in quarantine."""
        return [kept.reject.reason for kept in self.spool.kept]


def test_a_flow_of_version_9_is_an_event_in_ecs() -> None:
    (event,) = Collector().take(version_9(1, TEMPLATE, (256, flow(4_711) + b"\0\0")))
    expected = {
        "event.dataset": "netflow.flow", "source.ip": "192.0.2.1", "destination.ip": "198.51.100.2",
        "source.port": 4_711, "destination.port": 443, "network.transport": "tcp", "network.iana_number": "6",
        "network.type": "ipv4", "network.bytes": 5_711, "source.bytes": 5_711, "network.packets": 10,
        "event.start": "2027-01-15T07:59:50.000Z", "event.end": "2027-01-15T07:59:55.000Z",
        "event.duration": 5_000_000_000, "@timestamp": "2027-01-15T07:59:50.000Z", "observer.ip": "203.0.113.5",
        "netflow.tcp_control_bits": 27, "netflow.version": 9, "netflow.source_id": 1,
    }  # fmt: skip
    assert {name: event[name] for name in expected} == expected
    declared = {name.removesuffix("*") for name in fields() if name.endswith(".*")}
    assert [name for name in event if name not in fields() and not name.startswith(tuple(declared))] == []


def test_version_5_says_its_sampling() -> None:
    events = Collector().take(version_5(0, 1, 2, 3, sampling=100))
    assert [event["source.port"] for event in events] == [1, 2, 3]
    assert {event["netflow.sampling_interval"] for event in events} == {100}
    assert events[0]["source.as.number"] == 64_500


def test_ipfix_has_times_of_its_own_enterprises_and_variable_lengths() -> None:
    layout = struct.pack(">HH", 300, 5) + struct.pack(
        ">HHHHHHIHHHHI", 8, 4, 152, 8, 0x8000 | 1, 8, 29_305, 96, 65_535, 0x8000 | 7, 65_535, 4_242
    )
    names = [b"dns", b"x" * 300]
    records = b"".join(
        socket.inet_aton("192.0.2.9") + struct.pack(">QQ", 1_800_000_000_123, 77) + _variable(name) + _variable(b"\1\2")
        for name in names
    )
    events = Collector().take(ipfix(0, (2, layout), (300, records)))
    assert [event["netflow.application_name"] for event in events] == ["dns", "x" * 300]
    assert events[0]["@timestamp"] == "2027-01-15T08:00:00.123Z"
    assert events[0]["destination.bytes"] == 77
    assert events[0]["netflow.ie.4242_7"] == "0102"


def _variable(data: bytes) -> bytes:
    return (bytes([len(data)]) if len(data) < 255 else b"\xff" + struct.pack(">H", len(data))) + data


def test_data_waits_for_its_template() -> None:
    collector = Collector()
    assert collector.take(version_9(1, (256, flow(1) + flow(2)))) == []
    assert collector.take(version_9(2, TEMPLATE), sender="203.0.113.6") == []
    events = collector.take(version_9(2, TEMPLATE, (256, flow(3))))
    assert sorted(event["source.port"] for event in events) == [1, 2, 3]
    assert collector.reasons() == []


def test_data_whose_template_never_comes_is_in_quarantine() -> None:
    collector = Collector()
    collector.take(version_9(1, (256, flow(1))))
    collector.take(version_9(2, (256, flow(2))), now=NOW + 1_801 * 10**9)
    assert collector.reasons() == ["netflow-no-template"]
    collector.keep(collector.maker.finish(NOW))
    assert collector.reasons() == ["netflow-no-template"] * 2


def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maker, "WAITING_BYTES", 10 * len(flow(1)))
    collector = Collector()
    collector.take(*(version_9(number, (256, flow(number))) for number in range(25)))
    assert collector.reasons() == ["netflow-no-template"] * 15
    assert len(collector.take(version_9(25, TEMPLATE))) == 10


def test_templates_and_samplings_survive_a_restart() -> None:
    first = Collector()
    options = struct.pack(">HHH", 257, 4, 8) + struct.pack(">HHHHHH", 1, 4, 48, 1, 50, 2)
    first.take(version_9(1, TEMPLATE, (1, options), (257, struct.pack(">IBH", 0, 0, 512))))
    (event,) = Collector(first.spool).take(version_9(9, (256, flow(1))))
    assert event["netflow.sampling_interval"] == 512
    assert Collector(first.spool).take(version_9(9, (256, flow(1))), sender="203.0.113.6") == []


def test_a_template_that_changes_takes_the_place_of_the_one_before() -> None:
    collector = Collector()
    collector.take(version_9(1, TEMPLATE))
    (event,) = collector.take(version_9(2, (0, template(256, FLOW[:2])), (256, flow(1)[:8])))
    assert "source.port" not in event


@pytest.mark.parametrize(
    ("packets", "unit", "lost"),
    [
        ([version_9(1, TEMPLATE), version_9(2), version_9(7)], "packets", 4),
        ([version_9(1), version_9(3), version_9(2), version_9(4)], "packets", 0),
        ([version_9(0xFFFF_FFFF), version_9(0), version_9(3)], "packets", 2),
        ([version_9(5_000_000), version_9(0), version_9(1)], "packets", 0),
        ([version_5(0, 1, 2), version_5(2, 3), version_5(10, 4)], "flows", 7),
        ([ipfix(0, (2, template(256, FLOW))), ipfix(0, (256, flow(1) * 3)), ipfix(5, (256, flow(1)))], "records", 2),
        ([ipfix(7, (256, flow(1))), ipfix(9, (256, flow(1)))], "records", 0),
    ],
)
def test_gaps_in_the_sequence_are_losses(packets: list[bytes], unit: str, lost: int) -> None:
    together = Collector()
    together.take(*packets)
    assert together.lost(unit) == lost
    apart = Collector()
    for packet in packets:
        apart.take(packet)
    assert apart.lost(unit) == lost


def test_exporters_are_told_apart_by_address_and_domain() -> None:
    collector = Collector()
    collector.take(version_9(1), version_9(100, domain=2))
    collector.take(version_9(500), sender="203.0.113.6")
    assert collector.lost("packets") == 0


def test_lying_lengths_are_told_and_the_rest_is_read() -> None:
    collector = Collector()
    good = version_9(1, TEMPLATE, (256, flow(1)))
    assert len(collector.take(good + struct.pack(">HH", 256, 60_000) + b"x")) == 1
    assert len(collector.take(version_5(0, 1, 2)[:-10])) == 1
    assert collector.take(b"nonsense", b"", b"\0\x09") == []
    assert collector.reasons() == ["netflow-length"] * 2 + ["netflow-odd-packet"] * 3


def test_a_number_beyond_63_bits_costs_its_record_alone() -> None:
    collector = Collector()
    layout = template(256, ((8, 4), (1, 8)))
    records = b"".join(b"\xc0\0\2\1" + struct.pack(">Q", value) for value in (5, 1 << 63, 6))
    events = collector.take(version_9(1, (0, layout), (256, records)))
    assert [event["network.bytes"] for event in events] == [5, 6]
    assert collector.reasons() == ["netflow-odd-record"]


def _described(layout: list[tuple[int, int]]) -> bytes:
    return template(256, layout)


ELEMENTS = st.sampled_from([1, 4, 8, 21, 22, 27, 48, 56, 96, 154, 160, 305])
SETS = st.tuples(
    st.sampled_from([0, 1, 2, 3, 256, 257, 300]),
    st.one_of(
        st.binary(max_size=80),
        st.lists(st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF)), max_size=6).map(_described),
        st.lists(st.tuples(ELEMENTS, st.integers(0, 20)), max_size=6).map(_described),
    ),
)  # fmt: skip


@example([version_9(0, (256, b"")), version_9(0, (0, template(256, ((0, 0),))))])
@example([version_9(0, (0, template(256, ((1, 0), (8, 4)))), (256, b"\xc0\0\2\1" * 3))])
@example([ipfix(0, (2, template(256, ((96, 65_535),))), (256, b"\xff\xff\xff" + b"x" * 9))])
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=100),
            st.binary(max_size=100).map(lambda data: b"\0\5" + data),
            st.builds(lambda n, s: version_9(n, *s), st.integers(0, 1 << 31), st.lists(SETS, max_size=4)),
            st.builds(lambda n, s: ipfix(n, *s), st.integers(0, 1 << 31), st.lists(SETS, max_size=4)),
        ),
        max_size=6,
    )
)
def test_anything_is_read_or_refused_and_the_ledger_holds(packets: list[bytes]) -> None:
    collector = Collector()
    collector.take(*packets)
    collector.keep(collector.maker.finish(NOW))


SINGLE = st.builds(
    lambda step, domain, number, rows: (step, domain, (number, b"".join(map(flow, range(rows))))),
    st.sampled_from([1, 1, 1, 1, 2, 0, -3, 2_000_000]), st.sampled_from([1, 1, 1, 2]), st.sampled_from([256, 256, 257]),
    st.integers(0, 3),
)  # fmt: skip
OTHERS = st.sampled_from([
    version_9(3, TEMPLATE), version_9(4, (0, template(257, FLOW)), (256, flow(1))), version_9(5, (256, flow(1)))[:-1],
    version_9(6, (256, flow(1))) + b"\0", version_9(7, (256, flow(1))) + b"x", version_9(8)[:19], version_5(9, 1),
    version_9(1, (0, template(256, ((96, 65_535),)))), version_9(0xFFFF_FFFF, (256, flow(2))), b"",
])  # fmt: skip


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(SINGLE, SINGLE, SINGLE, OTHERS), min_size=8, max_size=40))
def test_packets_in_runs_are_taken_as_one_by_one(told: list[Any]) -> None:
    packets = [version_9(1, TEMPLATE)]
    sequence = 10
    for one in told:
        if isinstance(one, bytes):
            packets.append(one)
        else:
            step, domain, content = one
            sequence = (sequence + step) & 0xFFFF_FFFF
            packets.append(version_9(sequence, content, domain=domain))
    found = []
    for least in (runs.LEAST_PACKETS, 1_000_000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(runs, "LEAST_PACKETS", least)
            collector = Collector()
            events = collector.take(*packets) + collector.take(*packets[::-1])
            events += collector.keep(collector.maker.finish(NOW))
            refused = [(kept.reject.reason, kept.reject.raw) for kept in collector.spool.kept]
            found.append((events, collector.spool.counts(), refused))
    assert found[0] == found[1]
