from pathlib import Path

from sensors.capture.bench import bench, combine
from sensors.capture.writing import pcap
from tests.sensors.capture import frames as made


def test_captures_are_combined_with_flows_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "a.pcap").write_bytes(pcap(made.frames(made.udp4(1, 2), made.tcp4(3, 4, made.SYN))))
    (tmp_path / "b.txt").write_text("no capture")
    (tmp_path / "c.pcap").write_bytes(pcap(made.frames(b"other link"), link=105))
    target = tmp_path / "all.pcap"
    assert combine(list(tmp_path.iterdir()), target, 3) == 6
    found = bench(target)
    assert (found["packets"], found["events"]["flows"]) == (6, 6)
    assert found["cpu_seconds"] > 0
    assert found["packets_per_cpu_second"] > 0
    assert found["resident_bytes"] > 1 << 20
