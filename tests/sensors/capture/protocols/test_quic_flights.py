import numpy as np
import pytest

from sensors.capture.protocols import quic_flights
from sensors.capture.protocols.model import Message, Side
from sensors.capture.protocols.quic_flights import MOST_DATAGRAMS, MOST_OCTETS, Flights, Part, hello

HELLO = b"\x01\0\0\x60" + bytes(range(96))


def part(at: int, octets: bytes, key: bytes = b"k") -> Message:
    said = Part({}, ((at, octets),))
    return Message({"quic.version": "1"}, Side.ALONE if hello(said.pieces) else Side.ASKS, key, said)


def sides(flights: Flights, *parts: Message, talk: int = 1) -> list[Side]:
    return [flights.take(talk, one).side for one in parts]


def test_the_first_waits_the_last_has_all_and_others_say_nothing() -> None:
    flights = Flights()
    assert sides(flights, part(20, HELLO[20:40]), part(0, HELLO[:20]), part(20, HELLO[20:40])) == [
        Side.ASKS, Side.SILENT, Side.SILENT,
    ]
    last = flights.take(1, part(30, HELLO[30:]))
    assert last.side is Side.ASKS
    assert hello(last.said.pieces) == HELLO
    assert sides(flights, part(0, HELLO[:20]), part(0, HELLO)) == [Side.SILENT, Side.SILENT]
    flights.forget(np.array([1]))
    assert flights.given_up == 0


def test_what_is_whole_is_told_as_it_is() -> None:
    flights, whole = Flights(), part(0, HELLO)
    assert flights.take(1, whole) is whole
    assert flights.take(1, Message({}, Side.SILENT)).side is Side.SILENT


@pytest.mark.parametrize(
    "parts",
    [
        [part(100 * at, b"x") for at in range(1, MOST_DATAGRAMS + 1)],
        [part(9_000 * at, bytes(9_000)) for at in range(1, 2 + MOST_OCTETS // 9_000)],
    ],
)
def test_too_much_of_one_flight_is_given_up_and_counted_once(parts: list[Message]) -> None:
    flights = Flights()
    assert set(sides(flights, *parts)[1:]) == {Side.SILENT}
    assert flights.given_up == 1
    assert sides(flights, part(0, HELLO)) == [Side.SILENT]
    flights.forget(np.array([1]))
    assert flights.given_up == 1


def test_too_many_flights_push_the_oldest_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quic_flights, "MOST_FLIGHTS", 2)
    flights = Flights()
    for talk in range(3):
        flights.take(talk, part(0, HELLO[:50]))
    assert flights.given_up == 1
    assert sides(flights, part(50, HELLO[50:]), talk=2) == [Side.ASKS]
    monkeypatch.setattr(quic_flights, "MOST_HELD", 10)
    flights.take(9, part(0, HELLO[:50]))
    flights.take(10, part(0, HELLO[:50]))
    assert flights.given_up == 3


def test_what_is_open_when_its_conversation_ends_is_given_up() -> None:
    flights = Flights()
    flights.take(1, part(0, HELLO[:50]))
    flights.take(2, part(0, HELLO[:50]))
    flights.forget(np.array([2, 7]))
    assert flights.given_up == 1
