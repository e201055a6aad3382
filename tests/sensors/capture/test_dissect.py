import shutil
from pathlib import Path

import pytest

from sensors.capture.dissect import dissect
from sensors.capture.errors import DissectionFailed, DissectorMissing
from sensors.capture.writing import pcap
from sensors.errors import UnreadableInput
from tests.sensors.capture import frames as made

needs_tshark = pytest.mark.skipif(
    shutil.which("tshark") is None, reason="deep dissection needs tshark, an optional program"
)


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    path = tmp_path / "made.pcap"
    path.write_bytes(pcap(made.frames(*[made.udp4(port, 53, made.dns(port, "a.example")) for port in range(1, 6)])))
    return path


@needs_tshark
def test_the_filter_chooses_and_fields_are_named(capture: Path) -> None:
    found = dissect(capture, "udp.srcport == 2")
    (packet,) = found.packets
    assert found.complete
    assert packet.number == 2
    assert packet.protocols[-1] == "dns"
    assert packet.fields["dns.qry_name"] == "a.example"


@needs_tshark
def test_packets_are_bounded_and_the_bound_is_told(capture: Path) -> None:
    found = dissect(capture, most_packets=3)
    assert (len(found.packets), found.complete, found.bound) == (3, False, "packets")


@needs_tshark
def test_time_is_bounded_and_the_bound_is_told(capture: Path) -> None:
    found = dissect(capture, most_seconds=0.001)
    assert (found.complete, found.bound) == (False, "seconds")


@needs_tshark
def test_a_wrong_filter_is_an_error_in_tsharks_words(capture: Path) -> None:
    with pytest.raises(DissectionFailed) as caught:
        dissect(capture, "no such((")
    assert "such" in str(caught.value)


def test_a_missing_file_and_a_missing_program(capture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnreadableInput):
        dissect(capture.with_name("none.pcap"))
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(DissectorMissing) as caught:
        dissect(capture)
    assert "tshark" in str(caught.value)
