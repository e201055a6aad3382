"""Bad input and bad circumstances, through the whole command: a clear word, the rest goes on, the ledger adds up."""

import os
import resource
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sensors.reading.lines import MAX_LINE_BYTES
from tests.cli.conftest import Run, access_line

HUGE_LINE = 100 << 20
MEGABYTE = 1 << 20


def _complete(hanwatch: Run) -> bool:
    (ledger,) = hanwatch("ledger", "--json").lines
    return bool(ledger["complete"])


def _reasons(hanwatch: Run) -> list[tuple[int, str]]:
    return [(entry["ordinal"], entry["reason"]) for entry in hanwatch("quarantine", "list", "--json").lines]


def _frame(number: int) -> bytes:
    """An Ethernet frame with a UDP datagram from 192.0.2.1 to 192.0.2.2."""
    payload = b"synthetic"
    udp = struct.pack("!HHHH", 40_000 + number, 9, 8 + len(payload), 0) + payload
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), number, 0, 64, 17, 0)
    return bytes(12) + b"\x08\x00" + head + bytes((192, 0, 2, 1)) + bytes((192, 0, 2, 2)) + udp


def _capture(frames: list[bytes]) -> bytes:
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 1)
    records = (
        struct.pack("<IIII", 1_795_000_000 + number, 0, len(frame), len(frame)) + frame
        for number, frame in enumerate(frames)
    )
    return head + b"".join(records)


def test_a_capture_that_is_cut_gives_what_it_holds_and_says_so(hanwatch: Run, tmp_path: Path) -> None:
    whole = _capture([_frame(number) for number in range(5)])
    (tmp_path / "cut.pcap").write_bytes(whole[:-7])
    assert hanwatch("ingest", tmp_path / "cut.pcap").status == 0
    assert len(hanwatch("search", "event.dataset:network.flow", "--json").lines) == 4
    assert len(_reasons(hanwatch)) == 1
    assert _complete(hanwatch)


def test_a_capture_that_lies_about_a_length_costs_no_memory(hanwatch: Run, tmp_path: Path) -> None:
    lie = struct.pack("<IIII", 1_795_000_100, 0, 0xFFFF_FFF0, 0xFFFF_FFF0) + b"short"
    (tmp_path / "lies.pcap").write_bytes(_capture([_frame(1), _frame(2)]) + lie)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert hanwatch("ingest", tmp_path / "lies.pcap").status == 0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 512 << 10, "kilobytes"
    assert len(hanwatch("search", "event.dataset:network.flow", "--json").lines) == 2
    assert len(_reasons(hanwatch)) == 1
    assert _complete(hanwatch)


def test_a_line_of_100_megabytes_is_one_reject_and_the_next_line_goes_on(hanwatch: Run, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    with log.open("wb") as file:
        file.write(access_line(1).encode())
        for _ in range(HUGE_LINE // MEGABYTE):
            file.write(b"x" * MEGABYTE)
        file.write(b"\n" + access_line(2).encode())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert hanwatch("ingest", log).status == 0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10, "kilobytes"
    (entry,) = hanwatch("quarantine", "list", "--json").lines
    assert (entry["ordinal"], entry["size"]) == (2, HUGE_LINE)
    assert entry["size"] > MAX_LINE_BYTES
    assert [event["event.sequence"] for event in hanwatch("search", "*", "--json").lines] == [3, 1]
    assert _complete(hanwatch)


def test_gb18030_is_read_as_chinese_and_broken_bytes_are_marked(hanwatch: Run, tmp_path: Path) -> None:
    log = tmp_path / "device.log"
    chinese = "<13>Nov 22 08:00:00 synthetic-fw policy: 策略拒绝 来自外部的访问".encode("gb18030")
    broken = b"<13>Nov 22 08:00:01 synthetic-fw policy: bytes \xff\xfe\x80 in between"
    log.write_bytes(chinese + b"\n" + broken + b"\n")
    assert hanwatch("ingest", log, "--format", "syslog.rfc3164").status == 0
    events = hanwatch("search", "*", "--sort", "@timestamp:asc", "--json").lines
    assert events[0]["message"] == "策略拒绝 来自外部的访问"
    assert events[1]["message"] == "bytes \\xff\\xfe\\x80 in between"
    assert [event["hanwatch.encoding"] for event in events] == ["gb18030", "escaped"]
    assert _complete(hanwatch)


def test_an_unknown_key_in_the_settings_is_refused_with_its_line(hanwatch: Run, data: Path) -> None:
    data.mkdir()
    (data / "hanwatch.yml").write_text("api:\n  prot: 9000\n")
    ran = hanwatch("ledger")
    assert ran.status == 2
    assert "hanwatch.yml:2" in ran.err
    assert "api.port" in ran.err


def test_a_port_in_use_is_told_with_what_to_do(hanwatch: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ran = hanwatch("serve", "--port", port)
    assert ran.status == 3
    assert f"127.0.0.1:{port}" in ran.err
    assert "--port" in ran.err


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MiB; growing it is `mount -o remount,size=…`."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None:
        pytest.skip("needs root to mount a small disk")
    command = [mount, "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    made = subprocess.run(command, check=False, capture_output=True)
    if made.returncode:
        pytest.skip(f"this machine does not let a small disk be mounted: {made.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_stops_with_a_clear_word_and_nothing_is_lost(small_disk: Path, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    lines = 60_000
    with log.open("w", encoding="utf-8") as file:
        pages = (number * 7_919 % 1_000_003 for number in range(lines))
        file.writelines(access_line(page % 3_000, f"GET /zwgk/{page}.html HTTP/1.1") for page in pages)
    data = small_disk / "data"
    environment = os.environ | {"HANWATCH_SPOOL__MIN_FREE_BYTES": "0", "HANWATCH_STORE__EMBEDDED__MIN_FREE_BYTES": "0"}

    def ran(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "cli", "--data", str(data), *arguments],
            check=False, capture_output=True, text=True, env=environment, timeout=300,
        )

    full = ran("ingest", str(log))
    assert full.returncode == 3
    assert "full" in full.stderr
    assert "Traceback" not in full.stderr
    subprocess.run(["mount", "-o", "remount,size=512m", str(small_disk)], check=True)
    after = ran("ingest", str(log), "--json")
    assert after.returncode == 0, after.stderr
    ledger = ran("ledger", "--json")
    assert ledger.returncode == 0, ledger.stdout
    assert f'"stored":{lines}' in ledger.stdout
