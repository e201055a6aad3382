import numpy as np

from sensors.capture.live.ring import Statistics
from sensors.capture.live.session import Session, source_of
from sensors.capture.live.warming import made_block
from sensors.delivery.ledger import CONVERSION, PACKETS, balances
from sensors.reading.model import Portion
from tests.sensors.capture import frames as made

SIZE = 64 << 10


def begun(*packets: bytes, **limits: int) -> Session:
    ring = np.frombuffer(bytearray(made_block(made.frames(*packets), SIZE)), np.uint8)
    session = Session(source_of("near", "host", 1), ring, 1, 1, flow_limit=64, slot_limit=16, **limits)
    session.take(0, SIZE)
    session.let_go()
    ring[:] = 0
    return session


def holds(portions: list[Portion]) -> bool:
    return not any(one.missing for one in balances("", made.counts(portions), 0) if one.name == "packets")


def test_sessions_are_sources_of_their_own() -> None:
    one, again, later = source_of("a", "h", 1), source_of("a", "h", 1), source_of("a", "h", 2)
    assert one == again
    assert len({one.id, later.id, source_of("b", "h", 1).id, source_of("a", "i", 1).id}) == 4


def test_a_portion_says_what_came_since_and_the_last_one_ends_all_flows() -> None:
    session = begun(*[made.udp4(port, 53, made.dns(port, "a.example")) for port in range(1, 21)])
    first = session.portion(made.START, Statistics(20, 0, 0), {})
    assert (first.counts[PACKETS, "read"], first.position.ordinal, len(first.batches)) == (20, 21, 0)
    assert first.counts[CONVERSION, "packets_untold"] == 20
    session.finish()
    last = session.portion(made.START + 5, Statistics(20, 0, 0), {}, done=True)
    assert len(made.rows([last])) == len(made.rows([last], "network.dns")) == 20
    assert made.counts([first, last])[CONVERSION, "packets_untold"] == 0
    assert {batch.received for batch in last.batches} == {made.START + 5}
    assert holds([first, last])


def test_flows_that_are_silent_end_while_nothing_comes() -> None:
    session = begun(made.udp4(1, 2))
    session.sweep(session.last + 59 * made.SECOND)
    assert not session.portion(0, None, {}).batches
    session.sweep(session.last + 61 * made.SECOND)
    (flow,) = made.rows([session.portion(made.START, None, {})])
    assert flow["event.reason"] == "idle timeout"


def test_drops_are_in_the_balance_and_an_answer_that_is_missing_is_no_zero() -> None:
    session = begun(made.udp4(1, 2))
    portions = [
        session.portion(0, Statistics(8, 7, 1), {}),
        session.portion(0, None, {}),
        session.portion(0, Statistics(10, 9, 2), {}, done=True),
    ]
    total = made.counts(portions)
    assert (total[PACKETS, "read"], total[PACKETS, "dropped"], total[CONVERSION, "ring_frozen"]) == (10, 9, 2)
    assert holds(portions)


def test_what_the_kernel_counted_and_nobody_took_makes_the_balance_fail() -> None:
    session = begun(made.udp4(1, 2))
    assert not holds([session.portion(0, Statistics(5, 1, 0), {}, done=True)])
