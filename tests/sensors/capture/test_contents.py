"""What is known about messages is given up when it is too much, and nothing that is told changes by that."""

from pathlib import Path

import pytest

from sensors.capture import contents
from sensors.capture import reader as reading
from sensors.capture.compiled import Words
from sensors.capture.flowing import advance
from sensors.capture.handshakes import client_hello
from sensors.capture.harvest import Harvest
from sensors.capture.table import make
from sensors.capture.writing import pcap
from tests.sensors.capture import frames as made
from tests.sensors.capture.protocols.dialogues import Dialogue

DATASETS = ("network.dns", "network.http", "network.tls", "network.modbus", "network.flow")


def modbus(transaction: int, pdu: bytes) -> bytes:
    return transaction.to_bytes(2, "big") + b"\0\0" + (len(pdu) + 1).to_bytes(2, "big") + b"\1" + pdu


def capture() -> bytes:
    """Queries that are answered late and in part, requests that wait, hellos without an answer."""
    names = [f"n{number % 40}.example" for number in range(120)]
    queries = [made.udp4(port, 53, made.dns(port, name)) for port, name in enumerate(names, 1_000)]
    answers = [
        made.udp4(port, 53, made.dns(port, name, reply=True, answers=((1, b"\1\2\3\4"),)), back=True)
        for port, name in enumerate(names, 1_000) if port % 3
    ]
    packets = [*queries]
    for number in range(40):
        get = f"GET /{number % 7} HTTP/1.1\r\nHost: h{number % 3}\r\nCookie: {number}\r\n\r\n".encode()
        packets += made.conversation((True, 0, get), sport=41_000 + number)
        packets += made.conversation((True, 0, client_hello(f"s{number % 9}.example")), sport=42_000 + number)
        polls = tuple((True, modbus(number % 11, b"\x03\0" + bytes([part, 0, 1]))) for part in range(3))
        answer = (False, modbus(number % 11, b"\x03\x02\0" + bytes([number])))
        packets += Dialogue(502, (*polls, answer), client_port=43_000 + number).packets()
    return bytes(pcap(made.frames(*packets, *answers)))


@pytest.mark.parametrize(("most", "octets"), [(1, 64 << 20), (25, 64 << 20), (32_768, 0), (32_768, 3_000)])
def test_giving_up_what_is_known_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, octets: int
) -> None:
    monkeypatch.setattr(reading, "PORTION_BYTES", 2_000)
    whole = made.read(tmp_path / "a.pcap", capture())
    given_up: list[int] = []
    keep = contents.Contents.keep

    def kept(self: contents.Contents, used: Words) -> tuple[Words, Words]:
        given_up.append(len(self.all) - len(used))
        return keep(self, used)

    monkeypatch.setattr(contents, "MOST", most)
    monkeypatch.setattr(contents, "MOST_OCTETS", octets)
    monkeypatch.setattr(contents.Contents, "keep", kept)
    portions = made.read(tmp_path / "a.pcap", capture())
    assert given_up
    for dataset in DATASETS:
        assert made.rows(portions, dataset)
        assert made.rows(portions, dataset) == made.rows(whole, dataset)


def test_what_is_ready_to_be_told_is_never_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    # A live capture takes messages many times before it takes the events.
    monkeypatch.setattr(contents, "MOST", 1)
    packets = [made.udp4(port, 53, made.dns(port, f"host-{port}.example")) for port in range(1, 40)]
    packets += [
        made.udp4(port, 53, made.dns(port, f"host-{port}.example", reply=True), back=True) for port in range(1, 40)
    ]
    data, index = made.indexed(*packets)
    table = make(1, 64, 16)
    harvest = Harvest(data, table, made.SOURCE, made.START)
    for place in range(len(index)):
        assert advance(table, data, index, place, place + 1, 1) == place + 1
        harvest.take_messages()
    batches, _ = harvest.take()
    rows = [row for batch in batches if batch.dataset == "network.dns" for row in batch.rows()]
    assert {row["source.port"]: row["dns.question.name"] for row in rows} == {
        port: f"host-{port}.example" for port in range(1, 40)
    }
