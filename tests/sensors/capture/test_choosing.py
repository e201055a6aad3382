"""Some protocols are read and the others are not; flows are told in any case."""

from pathlib import Path

import pytest

from sensors.capture.choosing import NAMES, Choice
from sensors.capture.errors import ProtocolUnknown
from sensors.capture.reader import CaptureReader
from sensors.capture.writing import pcap
from sensors.reading.model import Position
from tests.sensors.capture import frames as made
from tests.sensors.capture.protocols.every import DIALOGUES


def datasets(tmp_path: Path, *names: str) -> dict[str, int]:
    """How many events there are of each dataset, in a capture of every protocol."""
    packets = [packet for dialogue in DIALOGUES.values() for packet in dialogue.packets()]
    packets += [made.udp4(7, 53, made.dns(7, "a.example"))]
    packets += made.conversation((True, 0, b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"), sport=39_000)
    file = tmp_path / "all.pcap"
    file.write_bytes(pcap(made.frames(*packets)))
    found: dict[str, int] = {}
    for portion in CaptureReader(choice=Choice.of(names)).portions(file, made.SOURCE, Position(), made.START):
        for batch in portion.batches:
            found[batch.dataset] = found.get(batch.dataset, 0) + len(batch)
    return found


def test_without_a_choice_everything_is_read(tmp_path: Path) -> None:
    assert Choice.of(()) is None
    assert {f"network.{name}" for name in (*DIALOGUES, "dns", "http", "flow")} <= datasets(tmp_path).keys()


@pytest.mark.parametrize("names", [("dns",), ("http", "modbus"), ("ftp",), ("smtp",), ("rdp",), ("s7comm", "ndp")])
def test_what_is_chosen_is_read_as_ever_and_nothing_else(tmp_path: Path, names: tuple[str, ...]) -> None:
    all_of_them, some = datasets(tmp_path), datasets(tmp_path, *names)
    wanted = {f"network.{name}" for name in names} | {"network.flow"}
    assert some == {name: count for name, count in all_of_them.items() if name in wanted}


def test_a_protocol_that_nobody_knows_is_told_with_those_that_are() -> None:
    with pytest.raises(ProtocolUnknown) as told:
        Choice.of(("dns", "dsn"))
    assert told.value.parameters == {"protocol": "dsn", "known": ", ".join(NAMES)}
