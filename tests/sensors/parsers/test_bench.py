"""The benchmark's inputs are records of their formats, the same ones for the same seed."""

from pathlib import Path

from sensors.parsers.bench import measure
from sensors.parsers.bench_inputs import write_inputs
from sensors.parsers.registry import declarations
from sensors.reading.detection import detect, formats

_MEASURED_ELSEWHERE = {"pcap"}


def test_every_log_format_is_measured_and_every_record_is_an_event(tmp_path: Path) -> None:
    found = {one.format: one for one in measure(tmp_path, count=300, rounds=1)}
    names = {entry.name for entry in formats()} | {one.name for one in declarations()}
    assert set(found) == names - _MEASURED_ELSEWHERE
    assert all(one.events == 300 and one.cpu_seconds > 0 and one.bytes > 300 for one in found.values())


def test_the_same_seed_gives_the_same_files_of_the_right_format(tmp_path: Path) -> None:
    first = {name: (path.read_bytes(), detect(path).format) for name, path in write_inputs(tmp_path, 40, seed=1)}
    again = {name: (path.read_bytes(), detect(path).format) for name, path in write_inputs(tmp_path, 40, seed=1)}
    other = {name: path.read_bytes() for name, path in write_inputs(tmp_path, 40, seed=2)}
    assert first == again
    assert all(format_name == name for name, (_, format_name) in first.items())
    assert all(first[name][0] != data for name, data in other.items())
