"""The parsers on real logs: nothing crashes, records balance, and where others say what a line means we agree."""

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from sensors.errors import UnknownFormat
from sensors.event.times import from_iso
from sensors.parsers.registry import line_parsers
from sensors.parsers.syslog_rfc3164 import SyslogRfc3164
from sensors.reading.detection import detect, reader_for
from sensors.reading.files import identify
from sensors.reading.lines import LineReader
from sensors.reading.model import Portion, Position, Reader
from tests.conformance.places import LOGS, PACKETS, SIGMA, SIGMAHQ

pytestmark = pytest.mark.conformance

BASELINE = PACKETS / "zeek" / "testing" / "btest" / "Baseline"
BEATS = LOGS / "beats-2021" / "filebeat" / "module"
LOGHUB = LOGS / "loghub"
RECEIVED = from_iso("2026-05-13T12:00:00Z")
BEATS_ZONE = timezone(timedelta(hours=-2))
"""The zone that the beats project read its samples in."""


def report(line: str) -> None:
    """What was found, for whoever runs this with `-s`."""
    sys.stdout.write(f"{line}\n")


def read(path: Path, reader: Reader) -> tuple[Counter[tuple[str, str]], list[Portion]]:
    portions = list(reader.portions(path, identify(path).source, Position(), RECEIVED))
    counts: Counter[tuple[str, str]] = Counter()
    for portion in portions:
        counts.update(portion.counts)
        assert portion.counts["records", "event"] == sum(map(len, portion.batches))
        assert portion.counts["records", "rejected"] == len(portion.rejects)
    total = counts["records", "event"] + counts["records", "rejected"] + counts["records", "skipped"]
    assert counts["records", "read"] == total, path
    return counts, portions


def rows(portions: list[Portion]) -> list[dict[str, Any]]:
    found = [row for portion in portions for batch in portion.batches for row in batch.rows()]
    return sorted(found, key=lambda row: row["event.sequence"])


def zeek_logs() -> Iterator[Path]:
    for path in sorted(BASELINE.rglob("*")):
        if path.is_file() and path.read_bytes()[:4_096].find(b"#fields\t") >= 0:
            yield path


def test_every_zeek_log_of_the_baseline_is_read_without_a_loss() -> None:
    counts: Counter[tuple[str, str]] = Counter()
    odd: Counter[str] = Counter()
    files = 0
    for path in zeek_logs():
        found, portions = read(path, reader_for("zeek.tsv"))
        lines = path.read_bytes().splitlines()
        data = sum(1 for line in lines if line and not line.startswith(b"#"))
        assert found["records", "event"] + found["records", "rejected"] == data, path
        odd.update(reject.reason for portion in portions for reject in portion.rejects)
        counts.update(found)
        files += 1
    report(f"zeek: {files} files, {dict(counts)}, rejects {dict(odd)}")
    assert files >= 600
    assert counts["records", "event"] >= 5_983
    assert not counts["records", "rejected"]


def test_zeek_logs_with_a_header_at_their_beginning_are_recognised() -> None:
    missed = [path for path in zeek_logs() if _format(path) != "zeek.tsv"]
    assert len(missed) <= 25, missed


def _format(path: Path) -> str | None:
    try:
        return detect(path).format
    except UnknownFormat:
        return None


def test_every_evtx_file_balances() -> None:
    counts: Counter[tuple[str, str]] = Counter()
    odd: Counter[str] = Counter()
    paths = sorted([*SIGMA.rglob("*.evtx"), *(LOGS / "evtx-rs").rglob("*.evtx")])
    for path in paths:
        found, portions = read(path, reader_for("windows.evtx"))
        odd.update(reject.reason for portion in portions for reject in portion.rejects)
        counts.update(found)
        assert _format(path) == "windows.evtx"
    report(f"evtx: {len(paths)} files, {dict(counts)}, rejects {dict(odd)}")
    assert len(paths) >= 500
    assert counts["records", "event"] >= 21_093
    assert counts["records", "rejected"] <= 22


def test_regression_evtx_give_the_values_that_sigmahq_wrote_beside_them() -> None:
    """Each regression case has its event as JSON: every value of EventData must be in our event, as text."""
    cases = agreed = 0
    for document in sorted((SIGMAHQ / "regression_data").rglob("*.json")):
        log = document.with_suffix(".evtx")
        if not log.exists():
            continue
        found = rows(read(log, reader_for("windows.evtx"))[1])
        for event in _documents(document.read_text(encoding="utf-8-sig")):
            data = event["Event"].get("EventData") or {}
            expected = {
                f"winlog.event_data.{name}": "true" if value is True else "false" if value is False else str(value)
                for name, value in data.items()
                if not isinstance(value, dict | list) and value is not None
            }
            cases += 1
            # Their version of the library cut blanks from the ends of values.
            agreed += any(
                all(str(row.get(name)).strip() == value.strip() for name, value in expected.items()) for row in found
            )
    report(f"regression data: {agreed} of {cases} events agree")
    assert cases >= 190
    assert agreed >= cases - 1


def _documents(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects of a text, one behind the other."""
    decoder = json.JSONDecoder()
    while text := text.lstrip():
        document, end = decoder.raw_decode(text)
        text = text[end:]
        yield from document if isinstance(document, list) else [document]


ECS_FIELDS = (
    "@timestamp", "http.request.method", "http.response.status_code", "http.response.body.bytes", "http.version",
    "url.original", "url.path", "url.domain", "user_agent.original", "http.request.referrer", "source.ip",
    "source.address", "user.name", "event.outcome",
)  # fmt: skip


@pytest.mark.parametrize(("module", "least"), [("apache", 0.97), ("nginx", 0.97)])
def test_access_logs_agree_with_beats(module: str, least: float) -> None:
    same, different = _agreement(
        sorted((BEATS / module / "access" / "test").glob("*.log")), reader_for("web.access"), ECS_FIELDS
    )
    report(f"{module}: {same} values agree, {sum(different.values())} differ: {dict(different)}")
    assert same / (same + sum(different.values())) >= least


def test_system_logs_agree_with_beats() -> None:
    paths = [
        path for kind in ("auth", "syslog") for path in sorted((BEATS / "system" / kind / "test").glob("*.log"))
    ]
    reader = LineReader(SyslogRfc3164(BEATS_ZONE))
    # They take "com.apple.xpc.launchd[1] (com.apple.quicklook[21498])" for a program's name, 21 times.
    # Without a year in the line the two choose by different clocks: only times of lines that say the year are compared.
    same, different = _agreement(
        paths, reader, ("@timestamp", "host.hostname", "process.name", "process.pid"), yearless=False
    )
    report(f"system: {same} values agree, {sum(different.values())} differ: {dict(different)}")
    assert same / (same + sum(different.values())) >= 0.975


def _agreement(
    paths: list[Path], reader: Reader, names: tuple[str, ...], *, yearless: bool = True
) -> tuple[int, Counter[str]]:
    same = 0
    different: Counter[str] = Counter()
    for path in paths:
        expected = json.loads(path.with_name(path.name + "-expected.json").read_text())
        offsets = {document["log.offset"]: document for document in expected}
        content = path.read_bytes()
        starts = [0, *(place + 1 for place, byte in enumerate(content) if byte == 10)]
        for row in rows(read(path, reader)[1]):
            document = offsets.get(starts[row["event.sequence"] - 1])
            if document is None:
                continue
            for name in names:
                ours, theirs = row.get("log.syslog.hostname" if name == "host.hostname" else name), document.get(name)
                if name == "@timestamp" and not yearless and not row["event.original"][:4].isdigit():
                    continue
                # A dash says that there is no value: they keep it, we leave the field out.
                if theirs is None or theirs == "-":
                    continue
                # They keep milliseconds.
                if ours == theirs or (name == "@timestamp" and _milliseconds(ours) == _milliseconds(theirs)):
                    same += 1
                else:
                    different[name] += 1
    return same, different


def _milliseconds(text: Any) -> int:
    return from_iso(str(text)) // 1_000_000


@pytest.mark.parametrize(
    ("name", "least"), [("Linux/Linux_2k.log", 2_000), ("OpenSSH/OpenSSH_2k.log", 2_000), ("Mac/Mac_2k.log", 2_000)]
)
def test_syslogs_of_loghub_are_events_line_by_line(name: str, least: int) -> None:
    path = LOGHUB / name
    assert _format(path) == "syslog.rfc3164"
    counts, _ = read(path, reader_for("syslog.rfc3164"))
    assert counts["records", "event"] >= least


@pytest.mark.parametrize("name", ["Linux", "OpenSSH"])
def test_programs_and_process_ids_agree_with_loghub(name: str) -> None:
    path = LOGHUB / name / f"{name}_2k.log"
    with (LOGHUB / name / f"{name}_2k.log_structured.csv").open(newline="") as file:
        expected = list(csv.DictReader(file))
    found = rows(read(path, reader_for("syslog.rfc3164"))[1])
    same = sum(
        (entry.get("PID") or entry.get("Pid") or "") == str(row.get("process.pid", ""))
        for entry, row in zip(expected, found, strict=True)
    )
    report(f"{name}: {same} of {len(expected)} process ids agree")
    assert same >= 0.99 * len(expected)


def test_eve_of_suricata_verify_is_read_whole() -> None:
    read_files = 0
    for path in sorted((PACKETS / "suricata-verify").rglob("eve*.json")):
        counts, _ = read(path, reader_for("suricata.eve"))
        assert counts["records", "rejected"] == 0
        assert _format(path) == "suricata.eve"
        read_files += 1
    assert read_files >= 1


def test_other_logs_never_crash_a_parser() -> None:
    """Every text file of the logs, read as every line format: wrong formats reject, they do not raise."""
    paths = sorted(LOGHUB.rglob("*.log")) + sorted(BEATS.glob("*/*/test/*.log"))[::7]
    for path in paths:
        for parser in line_parsers():
            read(path, LineReader(parser))
