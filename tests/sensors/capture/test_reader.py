import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sensors.capture import reader as reading
from sensors.capture.reader import CaptureReader, recognises
from sensors.capture.table import OUT_FLOWS
from sensors.capture.writing import Frame, pcap, pcapng
from sensors.delivery.ledger import balances
from sensors.event.codec import decode, encode
from sensors.reading.model import Portion, Position
from tests.sensors.capture import frames as made


def ids(portions: list[Portion]) -> list[str]:
    return [one for portion in portions for batch in portion.batches for one in batch.ids]


@pytest.fixture
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PORTION_BYTES", 2_000)


def capture() -> bytes:
    queries = [made.udp4(port, 53, made.dns(port, "a.example")) for port in range(1, 301)]
    return bytes(pcap(made.frames(*queries)))


def test_it_names_itself() -> None:
    assert CaptureReader().format == "pcap"
    assert recognises(pcap([])[:12])
    assert recognises(pcapng([])[:12])
    assert not recognises(b"{}")
    assert not recognises(b"")


@pytest.mark.usefixtures("small_portions")
def test_reading_again_gives_the_same_portions(tmp_path: Path) -> None:
    one, other = (made.read(tmp_path / "a.pcap", capture()) for _ in range(2))
    assert len(one) > 5
    assert ids(one) == ids(other)
    assert [(portion.counts, portion.position, portion.done) for portion in one] == [
        (portion.counts, portion.position, portion.done) for portion in other
    ]
    assert [portion.done for portion in one] == [False] * (len(one) - 1) + [True]


@pytest.mark.usefixtures("small_portions")
def test_after_any_portion_reading_goes_on_where_it_was(tmp_path: Path) -> None:
    data = capture()
    whole = made.read(tmp_path / "a.pcap", data)
    for taken in range(len(whole) + 1):
        rest = made.read(tmp_path / "a.pcap", data, start=whole[taken - 1].position) if taken else whole
        assert ids(whole[:taken]) + ids(rest) == ids(whole) or taken == 0
        total = made.counts([*whole[:taken], *rest]) if taken else made.counts(whole)
        assert total == made.counts(whole)
    assert whole[-1].position.offset == len(data)


def test_what_a_finished_capture_gained_is_read_as_a_capture_of_its_own(tmp_path: Path) -> None:
    frames = made.frames(*[made.udp4(port, 99) for port in range(1, 6)])
    for make in (pcap, pcapng):
        before, after = make(frames[:3]), make(frames)
        path = tmp_path / make.__name__
        (first,) = made.read(path, before)
        assert made.read(path, before, start=first.position) == []
        (second,) = made.read(path, after, start=first.position)
        assert [row["event.sequence"] for row in made.rows([second])] == [4, 5]
        assert made.counts([first, second])["packets", "read"] == 5
        assert second.position.offset == len(after)


def test_a_capture_that_grows_while_it_is_read_keeps_its_portions(tmp_path: Path, small_portions: None) -> None:
    data = capture()
    half = made.read(tmp_path / "a.pcap", data[: 24 + 150 * 85])
    rest = made.read(tmp_path / "a.pcap", data, start=half[1].position)
    assert ids(half) == ids(half[:2]) + ids(rest)


@pytest.mark.parametrize("left", [0, 20, 700_001, 1_200_000])
def test_a_capture_that_is_cut_while_it_is_read_ends_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    # Mapped memory behind the new end would kill the process; what was read before is told, and the rest is a reject.
    monkeypatch.setattr(reading, "PORTION_BYTES", 100_000)
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap(made.frames(*[made.udp4(port, 99, bytes(1_000)) for port in range(1, 2_001)])))
    passage = CaptureReader().portions(path, made.SOURCE, Position(), made.START)
    portions = [next(passage)]
    os.truncate(path, left)
    portions += passage
    assert portions[-1].done
    counts = made.counts(portions)
    assert 90 < counts["packets", "read"] < 2_000
    assert not any(balance.missing for balance in balances("", counts, 0) if balance.name == "packets")
    assert {reject.reason for portion in portions for reject in portion.rejects} <= {"capture-truncated"}


def test_what_is_appended_while_a_capture_is_read_waits_for_the_next_reading(
    tmp_path: Path, small_portions: None
) -> None:
    data, path = capture(), tmp_path / "a.pcap"
    half = 24 + 150 * 85
    path.write_bytes(data[:half])
    passage = CaptureReader().portions(path, made.SOURCE, Position(), made.START)
    portions = [next(passage)]
    path.write_bytes(data)
    portions += passage
    assert made.counts(portions)["packets", "read"] == 150
    assert made.counts(made.read(path, data, start=portions[-1].position))["packets", "read"] == 150


def test_every_packet_is_in_one_bucket_and_every_event_is_counted(tmp_path: Path) -> None:
    packets = [
        made.udp4(1, 53, made.dns(1, "a.example")),
        made.ethernet(b"arp", 0x0806),
        made.ethernet(b"\x65" * 40),
        b"x",
    ]
    portions = made.read(tmp_path / "a.pcap", pcap(made.frames(*packets)))
    counts = made.counts(portions)
    assert counts["packets", "read"] == 4
    assert (counts["packets", "flow"], counts["packets", "non_ip"], counts["packets", "malformed"]) == (1, 1, 2)
    assert (counts["conversion", "flows"], counts["conversion", "network.dns"], counts["events", "sensed"]) == (1, 1, 2)
    assert not any(balance.missing for balance in balances("", counts, 0) if balance.name == "packets")


def test_a_link_type_that_is_not_decoded_is_rejected_once_and_named(tmp_path: Path) -> None:
    portions = made.read(tmp_path / "a.pcap", pcap(made.frames(b"a" * 40, b"b" * 40), link=105))
    (reject,) = [reject for portion in portions for reject in portion.rejects]
    assert (reject.reason, reject.ordinal, reject.raw) == ("capture-link-unsupported", 1, b"a" * 40)
    assert "105" in reject.detail
    assert "802.11" in reject.detail
    assert made.counts(portions)["packets", "unsupported"] == 2


def test_an_empty_capture_is_done_at_once(tmp_path: Path) -> None:
    (portion,) = made.read(tmp_path / "a.pcap", pcap([]))
    assert portion.done
    assert portion.counts["packets", "read"] == 0


def test_batches_survive_the_spool(tmp_path: Path) -> None:
    portions = made.read(tmp_path / "a.pcap", capture())
    batches = [batch for portion in portions for batch in portion.batches]
    assert all(len(batch) <= 1_000 for batch in batches)
    for batch, again in zip(batches, decode(encode(batches)), strict=True):
        assert list(again.rows()) == list(batch.rows())


def test_a_flood_of_flows_is_portioned(tmp_path: Path) -> None:
    count = 2 * OUT_FLOWS + 1
    data = pcap(made.frames(*[made.udp4(1 + number % 60_000, 9 + number // 60_000) for number in range(count)]))
    portions = made.read(tmp_path / "a.pcap", data)
    assert len(portions) >= 3
    assert len(set(ids(portions))) == count
    assert all(sum(map(len, portion.batches)) <= OUT_FLOWS for portion in portions)


@pytest.mark.parametrize("write", [pcap, pcapng], ids=["pcap", "pcapng"])
@pytest.mark.parametrize("step", [1, 37, 100_000])
def test_a_stream_gives_the_same_portions_however_it_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[list[Frame]], bytes], step: int
) -> None:
    monkeypatch.setattr(reading, "PORTION_BYTES", 700)
    monkeypatch.setattr(reading, "STREAM_PORTION_BYTES", 700)
    packets = [made.udp4(port, 53, made.dns(port, f"host-{port}.example")) for port in range(1, 30)]
    whole = write(made.frames(*packets)) + b"\1\2\3"
    file = tmp_path / "whole"
    file.write_bytes(whole)
    expected = list(CaptureReader().portions(file, made.SOURCE, Position(), made.START))
    coming = tmp_path / "coming"
    coming.write_bytes(whole[: reading.STREAM_HEAD_BYTES])
    got: list[Portion] = []
    with CaptureReader().stream(coming, made.SOURCE, Position(), made.START) as stream:
        for size in (*range(reading.STREAM_HEAD_BYTES, len(whole), step), len(whole)):
            with coming.open("ab") as more:
                more.write(whole[more.tell() : size])
            before = len(got)
            stream.grow(size, ended=size == len(whole))
            got += stream.portions()
            assert size == len(whole) or len(got) - before <= step // 700 + 1
    assert [portion.counts for portion in got] == [portion.counts for portion in expected]
    assert [portion.rejects for portion in got] == [portion.rejects for portion in expected]
    rows = [[row for batch in portion.batches for row in batch.rows()] for portion in got]
    assert rows == [[row for batch in portion.batches for row in batch.rows()] for portion in expected]
    assert sum(map(len, rows)) == 58
