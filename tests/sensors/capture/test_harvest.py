from sensors.capture.flowing import advance, flush
from sensors.capture.harvest import Growth, Harvest
from sensors.capture.table import make
from sensors.delivery.ledger import CONVERSION, EVENTS, PACKETS
from tests.sensors.capture import frames as made


def test_messages_are_read_before_their_octets_go() -> None:
    packets = [made.udp4(port, 53, made.dns(port, f"host-{port}.example")) for port in range(1, 20)]
    data, index = made.indexed(*packets)
    table = make(1, 64, 16)
    harvest = Harvest(data, table, made.SOURCE, made.START)
    assert advance(table, data, index, 0, len(index), 1) == len(index)
    harvest.take_messages()
    data[:] = 0
    while flush(table):
        pass
    batches, counts = harvest.take()
    names = {row["dns.question.name"] for batch in batches if batch.dataset == "network.dns" for row in batch.rows()}
    assert names == {f"host-{port}.example" for port in range(1, 20)}
    assert (counts[CONVERSION, "flows"], counts[CONVERSION, "network.dns"], counts[EVENTS, "sensed"]) == (19, 19, 38)
    assert harvest.told == harvest.totals()[PACKETS, "flow"] == 19


def test_growth_is_what_came_since() -> None:
    growth = Growth()
    read, other = (PACKETS, "read"), (PACKETS, "flow")
    assert growth.since({read: 3, other: 0}) == {read: 3}
    assert growth.since({read: 3, other: 2}) == {read: 0, other: 2}
    assert growth.since({read: 4, other: 1}) == {read: 1, other: -1}
