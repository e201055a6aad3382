"""Labelled flows as an exporter tells of them."""

import numpy as np

from correlation.detectors.exporting import exported
from correlation.detectors.labelled import START, Traffic
from sensors.event.times import SECOND


def test_flows_become_records_of_each_way_that_come_when_they_end() -> None:
    traffic = Traffic()
    traffic.flow(START, "10.1.0.1", "203.0.113.9", 443, 1_000, 4_000, duration=700)
    traffic.flow(START + 60, "10.1.0.2", "203.0.113.9", 80, 60, 0, 1, 0, 0.0)
    traffic.flow(START + 61, "10.1.0.2", "203.0.113.9", 81, 60, 60, 1, 1, 0.0)
    (batch,) = exported(traffic)
    assert batch.dataset == "netflow.flow"
    sources, flags = batch.columns["source.ip"], batch.columns["netflow.tcp_control_bits"]
    of = {name: [row for row, one in enumerate(sources) if one == name] for name in set(sources)}
    assert [flags[row] for row in of["10.1.0.2"]] == [0x02, 0x02], "asked, and asked in vain"
    assert [flags[row] for row in of["10.1.0.1"]] == [0x1B, 0x18, 0x18]
    assert sum(batch.columns["source.bytes"][row] for row in of["10.1.0.1"]) == 999
    ends = batch.times + np.array(batch.columns["event.duration"])
    assert (np.diff(ends) >= -SECOND).all()
    (bare,) = exported(traffic, flags=False)
    assert set(bare.columns["netflow.tcp_control_bits"]) == {0}
