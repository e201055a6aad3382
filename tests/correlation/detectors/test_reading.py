"""Flows of any source, as detectors read them."""

from typing import Any

import pytest

from correlation.detectors.reading import Reading
from tests.correlation.matcher.making import make_batch

FLOW = {"source.ip": "10.1.0.1", "destination.ip": "10.1.0.2", "destination.port": 80, "network.transport": "tcp"}


@pytest.mark.parametrize(
    ("said", "futile"),
    [
        ({"source.packets": 1, "destination.packets": 0}, True),
        ({"source.packets": 1, "destination.packets": 1}, True),
        ({"source.packets": 2, "destination.packets": 2}, False),
        ({"source.packets": 1, "destination.packets": 1, "network.transport": "udp"}, False),
        ({"source.packets": 1, "hanwatch.tcp.state": "S0"}, True),
        ({"source.packets": 1, "hanwatch.tcp.state": "OTH"}, False),
        ({"source.packets": 1, "zeek.conn.conn_state": "OTH"}, False),
    ],
)
def test_nothing_came_of_what_was_begun_and_not_answered(said: dict[str, Any], *, futile: bool) -> None:
    (flow,) = Reading(make_batch([FLOW | said])).conversations
    assert flow.futile is futile
